import {
  emptyObject,
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  NumberText,
  parseJson,
  scalarText,
} from './json-value';
import type { Column } from './mapping';

/**
 * Values of columns as their semantic types have them (Debezium, "Data types" of each connector; Kafka Connect, org.apache.kafka.connect.data). Dates and times
 * become ISO 8601, decimals their digits. What a type does not fit stays as it came.
 */

/** By name of the type in a schema. */
const TYPES: Readonly<Record<string, (schema: JsonObject) => Column>> = {
  'io.debezium.time.Date': () => ({ type: 'date' }),
  'io.debezium.time.Time': () => ({ type: 'time_ms' }),
  'io.debezium.time.MicroTime': () => ({ type: 'time_us' }),
  'io.debezium.time.NanoTime': () => ({ type: 'time_ns' }),
  'io.debezium.time.Timestamp': () => ({ type: 'timestamp_ms' }),
  'io.debezium.time.MicroTimestamp': () => ({ type: 'timestamp_us' }),
  'io.debezium.time.NanoTimestamp': () => ({ type: 'timestamp_ns' }),
  'org.apache.kafka.connect.data.Date': () => ({ type: 'date' }),
  'org.apache.kafka.connect.data.Time': () => ({ type: 'time_ms' }),
  'org.apache.kafka.connect.data.Timestamp': () => ({ type: 'timestamp_ms' }),
  'org.apache.kafka.connect.data.Decimal': (schema) => ({ type: 'decimal', scale: parameter(schema, 'scale') }),
  'io.debezium.data.VariableScaleDecimal': () => ({ type: 'variable_decimal' }),
  'io.debezium.data.Bits': (schema) => ({ type: 'bits', length: parameter(schema, 'length') }),
  'io.debezium.data.Json': () => ({ type: 'json' }),
};

function parameter({ parameters }: JsonObject, name: string): number {
  return Number(isObject(parameters) ? (scalarText(parameters[name]) ?? 0) : 0);
}

/** A value that came with its schema, decoded member by member. */
export function decodeBySchema(value: JsonValue, schema: JsonValue | undefined): JsonValue {
  if (value === null || !isObject(schema)) return value;
  const { name, type, fields, items, values } = schema;
  const column = typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name]!(schema) : undefined;
  if (column) return decodeColumn(value, column);
  if (type === 'array' && isList(value)) return value.map((one) => decodeBySchema(one, items));
  if (!isObject(value)) return value;
  if (type === 'map') return mapped(value, (one) => decodeBySchema(one, values));
  if (type !== 'struct' || !isList(fields)) return value;
  const byName = new Map(fields.filter(isObject).map((field) => [scalarText(field['field']), field]));
  return mapped(value, (one, member) => decodeBySchema(one, byName.get(member)));
}

/** A row whose columns are described by the mapping. */
export const decodeByColumns = (row: JsonObject, columns: Readonly<Record<string, Column>>): JsonObject =>
  mapped(row, (one, name) => (Object.hasOwn(columns, name) && one !== null ? decodeColumn(one, columns[name]!) : one));

export function mapped(from: JsonObject, to: (value: JsonValue, name: string) => JsonValue): JsonObject {
  const made = emptyObject();
  for (const name of Object.keys(from)) made[name] = to(from[name]!, name);
  return made;
}

const MS: Unit = [3, 86_400_000n];
const US: Unit = [6, 86_400_000_000n];
const NS: Unit = [9, 86_400_000_000_000n];
/** Digits of the fraction, and parts of a day. */
type Unit = readonly [digits: number, day: bigint];

export function decodeColumn(value: JsonValue, { type, scale = 0, length = 0 }: Column): JsonValue {
  switch (type) {
    case 'date':
      return decoded(value, (days) => dayText(days));
    case 'time_ms':
      return decoded(value, (n) => timeText(n, MS));
    case 'time_us':
      return decoded(value, (n) => timeText(n, US));
    case 'time_ns':
      return decoded(value, (n) => timeText(n, NS));
    case 'timestamp_ms':
      return decoded(value, (n) => timestampText(n, MS));
    case 'timestamp_us':
      return decoded(value, (n) => timestampText(n, US));
    case 'timestamp_ns':
      return decoded(value, (n) => timestampText(n, NS));
    case 'decimal':
      return typeof value === 'string' ? (decimal(value, scale) ?? value) : value;
    case 'variable_decimal': {
      if (!isObject(value)) return value;
      const [unscaled, own] = [value['value'], scalarText(value['scale'])];
      return typeof unscaled === 'string' && own !== undefined ? (decimal(unscaled, Number(own)) ?? value) : value;
    }
    case 'bits':
      return typeof value === 'string' ? (bits(value, length) ?? value) : value;
    case 'json': {
      const read = typeof value === 'string' ? parseJson(value) : undefined;
      return typeof read === 'object' ? read.value : value;
    }
  }
}

function decoded(value: JsonValue, to: (count: bigint) => string | undefined): JsonValue {
  return value instanceof NumberText && /^-?\d{1,19}$/.test(value.text) ? (to(BigInt(value.text)) ?? value) : value;
}

/** Days since 1970; those that a Date does not reach are not written. */
function dayText(days: bigint): string | undefined {
  const date = new Date(Number(days) * 86_400_000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, -14);
}

function timeText(count: bigint, [digits, day]: Unit): string | undefined {
  if (count < 0n || count >= day) return undefined;
  const second = 10n ** BigInt(digits);
  const time = new Date(Number(count / second) * 1000).toISOString().slice(11, 19);
  const fraction = String(count % second).padStart(digits, '0');
  return /^0+$/.test(fraction) ? time : `${time}.${fraction}`;
}

/** Without a zone: the column has none. */
function timestampText(count: bigint, unit: Unit): string | undefined {
  const [, day] = unit;
  const within = ((count % day) + day) % day;
  const date = dayText((count - within) / day);
  return date && `${date}T${timeText(within, unit)!}`;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MOST_BYTES = 512;
const MOST_SCALE = 1_000;

/** Unscaled value in two's complement, the highest byte first, as java.math.BigInteger writes it. */
function decimal(base64: string, scale: number): NumberText | undefined {
  if (base64 === '' || !BASE64.test(base64) || !Number.isInteger(scale) || Math.abs(scale) > MOST_SCALE)
    return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MOST_BYTES) return undefined;
  const unscaled = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const minus = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled);
  if (scale <= 0) return new NumberText(minus + digits + (digits === '0' ? '' : '0'.repeat(-scale)));
  const padded = digits.padStart(scale + 1, '0');
  return new NumberText(`${minus}${padded.slice(0, -scale)}.${padded.slice(-scale)}`);
}

/** The lowest byte first (io.debezium.data.Bits); written as SQL has it, the highest bit first. */
function bits(base64: string, length: number): string | undefined {
  if (!BASE64.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MOST_BYTES) return undefined;
  const all = [...bytes]
    .reverse()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return length > 0 && length < all.length ? all.slice(-length) : all.padStart(length, '0');
}

/** MongoDB Extended JSON v2 as plain values: identifiers and times as text, numbers by their digits. */
export function plainDocument(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(plainDocument);
  if (!isObject(value)) return value;
  const [name, ...more] = Object.keys(value);
  const inner = name === undefined || more.length > 0 ? undefined : value[name];
  if (inner !== undefined) {
    if (name === '$oid' || name === '$uuid') return inner;
    if (name === '$date') return dateOf(inner);
    if (/^\$number(?:Int|Long|Double|Decimal)$/.test(name!)) {
      const text = scalarText(inner);
      return text !== undefined && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,4})?$/.test(text)
        ? new NumberText(text)
        : inner;
    }
  }
  return mapped(value, plainDocument);
}

function dateOf(inner: JsonValue): JsonValue {
  const ms = scalarText(plainDocument(inner));
  if (ms === undefined || !/^-?\d{1,16}$/.test(ms)) return inner;
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? inner : date.toISOString();
}
