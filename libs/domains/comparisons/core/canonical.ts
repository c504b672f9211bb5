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
  return SAME[type.kind](a, b) || (tolerance !== undefined && withinTolerance(type, tolerance, a, b));
}

const exactNumbers = (a: Bytes, b: Bytes): boolean => {
  const [left, right] = [decimalOf(a), decimalOf(b)];
  return left !== undefined && right !== undefined && left.digits === right.digits && left.exponent === right.exponent;
};
/** Shortest texts of one double differ from store to store; but only texts of doubles may be read as such. */
const sameDoubles = (a: Bytes, b: Bytes): boolean =>
  exactNumbers(a, b) || (isDouble(a) && isDouble(b) && Number(a) === Number(b));
/** A text of at most 17 digits: no two different ones of a store's doubles are read as one. */
const isDouble = (text: Bytes): boolean => (decimalOf(text)?.digits.replace('-', '').length ?? 99) <= 17;
const by =
  (canonical: (text: Bytes) => Bytes | undefined) =>
  (a: Bytes, b: Bytes): boolean => {
    const left = canonical(a);
    return left !== undefined && left === canonical(b);
  };
const TRUTH: Readonly<Record<string, string>> = { t: '1', true: '1', '1': '1', f: '0', false: '0', '0': '0' };
const never = (): boolean => false;

const SAME: Readonly<Record<LogicalType['kind'], (a: Bytes, b: Bytes) => boolean>> = {
  integer: exactNumbers,
  decimal: exactNumbers,
  float: sameDoubles,
  boolean: by((text) => TRUTH[text.toLowerCase()]),
  text: never,
  untyped: never,
  other: never,
  bytes: by((text) => text.replace(/^\\x/, '').toLowerCase()),
  uuid: by((text) => text.toLowerCase()),
  date: never,
  time: by(canonicalTime),
  timestamp: by(canonicalTime),
  json: by(canonicalJson),
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
