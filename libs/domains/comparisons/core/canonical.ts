import { compareDecimals, decimalOf } from './decimal';
import { canonicalJson } from './json-text';
import type { LogicalType } from './logical-type';
import type { NullPolicy, Tolerance } from './comparison';
import { canonicalTime, differenceMicros } from './time-text';

/**
 * A row is a line: fields by tabs, NULL is `\N`, and `\ ` escapes what would break that, as COPY of PostgreSQL and TSV of ClickHouse write it. Stores escape more or
 * less than they need: equal bytes are equal values, and different bytes are looked at again. Texts in here hold one character for each byte, so that nothing
 * that is no UTF-8 becomes equal by being replaced.
 */
export type Bytes = string;
export type Field = Bytes | null;

const ESCAPED: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '0': '\0',
};

/** Fields of a line without its end. */
export const fieldsOf = (line: Bytes): Field[] => line.split('\t').map(unescaped);

export const unescaped = (field: Bytes): Field =>
  field === '\\N'
    ? null
    : field.includes('\\')
      ? field.replace(/\\(.)/gs, (_, letter: string) => ESCAPED[letter] ?? letter)
      : field;

/** For people and programs: what is no UTF-8 is replaced. */
export const textOf = (field: Field): string | null =>
  field === null ? null : Buffer.from(field, 'latin1').toString('utf8');
export const bytesOf = (text: string | null): Field =>
  text === null ? null : Buffer.from(text, 'utf8').toString('latin1');

/**
 * The order of keys, that of every store's `ORDER BY` as sources write it: NULL first, numbers by value, anything else by its bytes.
 * @returns below 0, 0 or above 0
 */
export function compareFields({ kind }: LogicalType, a: Field, b: Field): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (kind === 'integer' || kind === 'decimal') return compareDecimals(a, b);
  return a < b ? -1 : 1;
}

export function compareKeys(types: readonly LogicalType[], a: readonly Field[], b: readonly Field[]): number {
  for (const [at, type] of types.entries()) {
    const order = compareFields(type, a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return 0;
}

export interface Sameness {
  readonly type: LogicalType;
  readonly nulls: NullPolicy;
  readonly tolerance?: Tolerance | undefined;
}

/** Whether two values are the same. */
export function sameValue({ type, nulls, tolerance }: Sameness, a: Field, b: Field): boolean {
  if (a === null || b === null) {
    if (a === b) return nulls !== 'never_equal';
    return nulls === 'empty_is_null' && (a ?? b) === '';
  }
  if (a === b) return true;
  const canonical = CANONICAL[type.kind](a);
  return (
    (canonical !== undefined && canonical === CANONICAL[type.kind](b)) ||
    (tolerance !== undefined && withinTolerance(type, tolerance, a, b))
  );
}

/** One text for all values that are the same, tolerances aside; undefined for what is the same as nothing. */
export function classOf({ type, nulls }: Sameness, value: Field): string | undefined {
  if (value === null) return nulls === 'never_equal' ? undefined : nulls === 'empty_is_null' ? 'bytes ' : 'null';
  const canonical = CANONICAL[type.kind](value);
  return canonical === undefined ? `bytes ${value}` : `value ${canonical}`;
}

/** NaN and infinities, as PostgreSQL, ClickHouse and files of JSON or YAML write them. */
const BEYOND = /^([+-]?)[.]?(nan|inf|infinity)$/i;
const beyondNumbers = (text: Bytes): Bytes | undefined => {
  const [, sign, name] = BEYOND.exec(text) ?? [];
  if (name === undefined) return undefined;
  return name.toLowerCase() === 'nan' ? 'nan' : `${sign === '-' ? '-' : ''}inf`;
};
const exactNumber = (text: Bytes): Bytes | undefined => {
  const number = decimalOf(text);
  if (!number) return beyondNumbers(text);
  return `${number.digits}e${number.exponent}`;
};
/**
 * Shortest texts of one double differ from store to store; but only texts of doubles may be read as such: of at most 17 digits, where no two different ones of a
 * store's doubles are read as one.
 */
const double = (text: Bytes): Bytes | undefined => {
  const digits = decimalOf(text)?.digits.replace('-', '').length;
  return digits === undefined || digits > 17 ? exactNumber(text) : `double ${Number(text)}`;
};
const TRUTH: Readonly<Record<string, string>> = { t: '1', true: '1', '1': '1', f: '0', false: '0', '0': '0' };
const none = (): undefined => undefined;

/** One text for one value, however a store writes it; undefined where it has none but its bytes. */
const CANONICAL: Readonly<Record<LogicalType['kind'], (text: Bytes) => Bytes | undefined>> = {
  integer: exactNumber,
  decimal: exactNumber,
  float: double,
  boolean: (text) => TRUTH[text.toLowerCase()],
  text: none,
  untyped: none,
  other: none,
  bytes: (text) => text.replace(/^\\x/, '').toLowerCase(),
  uuid: (text) => text.toLowerCase(),
  date: none,
  time: canonicalTime,
  timestamp: canonicalTime,
  json: canonicalJson,
};

function withinTolerance(type: LogicalType, tolerance: Tolerance, a: Bytes, b: Bytes): boolean {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'float': {
      const [left, right] = [Number(a), Number(b)];
      const apart = Math.abs(left - right);
      const { absolute, relative } = tolerance;
      // What a subtraction of doubles adds must not turn 0.1 apart into 0.10000000000000009.
      const slack = Number.EPSILON * Math.max(Math.abs(left), Math.abs(right));
      return (
        (absolute !== undefined && apart <= absolute + slack) ||
        (relative !== undefined && apart <= relative * Math.max(Math.abs(left), Math.abs(right)) + slack)
      );
    }
    case 'timestamp':
    case 'time':
    case 'date': {
      const micros = differenceMicros(a, b);
      return tolerance.timeMicros !== undefined && micros !== undefined && micros <= tolerance.timeMicros;
    }
    case 'text':
    case 'untyped':
      return foldedText(tolerance, a) === foldedText(tolerance, b);
    default:
      return false;
  }
}

function foldedText({ ignoreCase = false, trim = false }: Tolerance, bytes: Bytes): string {
  if (!ignoreCase && !trim) return bytes;
  const utf8 = Buffer.from(bytes, 'latin1');
  const text = utf8.toString('utf8');
  if (text.includes('\uFFFD')) return bytes; // no UTF-8, perhaps: only equal to itself
  const trimmed = trim ? text.trim() : text;
  return ignoreCase ? trimmed.toLowerCase() : trimmed;
}
