/** What went wrong, as ClickHouse says it: a number, a name, and a text of the form `Code: 62. DB::Exception: .. (SYNTAX_ERROR)`. */
export class ClickHouseException extends Error {
  override readonly name = 'ClickHouseException';
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Codes that this process raises itself, under the engine's own names for them. */
export const CODES = {
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  UNKNOWN_FORMAT: 73,
  CANNOT_WRITE_TO_FILE_DESCRIPTOR: 75,
  UNKNOWN_TYPE_OF_QUERY: 78,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING: 216,
  ABORTED: 236,
  NOT_ENOUGH_SPACE: 243,
  TOO_MANY_BYTES: 307,
  INTO_OUTFILE_NOT_ALLOWED: 358,
  ZLIB_INFLATE_FAILED: 354,
  AUTHENTICATION_FAILED: 516,
  UNKNOWN_EXCEPTION: 1002,
} as const;

export function exception(type: keyof typeof CODES, detail: string): ClickHouseException {
  return new ClickHouseException(CODES[type], `Code: ${CODES[type]}. DB::Exception: ${detail} (${type})`);
}

/**
 * The engine's error as an exception. It repeats code and type of a nested error, and it names files of the spool that mean
 * nothing to a client: both are taken out. Anything that is not an engine's error becomes UNKNOWN_EXCEPTION.
 * @param spoolRoot absolute path of the spool's directory
 */
export function asException(error: unknown, spoolRoot: string): ClickHouseException {
  if (error instanceof ClickHouseException) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = /^Code: (\d+)\./.exec(text)?.[1];
  if (code === undefined) return exception('UNKNOWN_EXCEPTION', text);
  const message = text
    .replace(/^(Code: \d+\. DB::Exception: )(?:\1)+/, '$1')
    .replace(/ (\(\w+\)) (\(version [^)]*\))\. \1$/, ' $1 $2')
    .replaceAll(`${spoolRoot}/`, '../')
    .replaceAll(/\.\.\/(?:bodies|answers)\/\d+/g, 'the request');
  return new ClickHouseException(Number(code), message);
}

const STATUS: readonly (readonly [status: number, codes: readonly number[]])[] = [
  // Text or data that the client has to correct.
  [
    400,
    [
      6, 25, 26, 27, 33, 34, 36, 38, 41, 42, 43, 44, 53, 62, 69, 70, 72, 117, 130, 131, 190, 321, 354, 440, 441, 456,
      457, 467, 675,
    ],
  ],
  [401, [194]],
  [403, [164, 192, 193, 291, 497, 516]],
  [404, [16, 46, 47, 50, 56, 60, 63, 73, 78, 81, 115]],
  [408, [159]],
  [409, [57, 82, 216]],
  [413, [307]],
  [501, [48]],
  [503, [202, 236, 209]],
  [507, [243]],
];
const STATUS_OF_CODE = new Map(STATUS.flatMap(([status, codes]) => codes.map((code) => [code, status] as const)));

/** The HTTP status that goes with an exception's code: 500 unless the client can do something about it. */
export const httpStatusOf = (code: number): number => STATUS_OF_CODE.get(code) ?? 500;
