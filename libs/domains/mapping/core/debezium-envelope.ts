import { decodeByColumns, decodeBySchema, plainDocument } from './debezium-types';
import {
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  objectOf,
  orderedText,
  parseJson,
  scalarText,
} from './json-value';
import type { DebeziumFormat } from './mapping';
import { type MappingRejection, rejected } from './mapped';

/** A change of one row. Its columns are decoded; those whose value the connector did not have are left out. */
export interface Change {
  readonly op: 'created' | 'updated' | 'deleted' | 'snapshot';
  readonly before: JsonObject | undefined;
  readonly after: JsonObject | undefined;
  /** After the change, or before it where the row is deleted. */
  readonly row: JsonObject;
  readonly table: string;
  readonly source: JsonObject;
  readonly envelope: JsonObject;
  readonly key: JsonValue | undefined;
  /** Of MongoDB: what an update says where there is no row before it. */
  readonly update: { readonly set: JsonObject; readonly removed: readonly string[] } | undefined;
}
type Read = Change | { readonly rejection: MappingRejection } | { readonly skipped: true };

const NO_ENVELOPE = rejected('no_change_event', '', 'is no change event of Debezium: op and source are needed');

/**
 * Reads one message: the envelope, with its schema (`{schema, payload}`) or without, or `{key, value}` of both. `null` is a tombstone, which follows the
 * deletion of its row for Kafka's compaction and says nothing.
 */
export function readMessage(text: string, format: DebeziumFormat): Read {
  const message = parseJson(text);
  if (typeof message === 'string') return rejected(message, '', 'is no JSON that can be read');
  const { key, value } = keyAndValue(message.value);
  const { schema, payload } = unwrap(value);
  if (payload === null) return { skipped: true };
  if (!isObject(payload)) return NO_ENVELOPE;
  const envelope = decodeBySchema(payload, schema) as JsonObject;
  const { op, source } = envelope;
  if (typeof op !== 'string' || !isObject(source)) return NO_ENVELOPE;
  const kind = OPERATIONS[op];
  if (kind === undefined)
    return rejected('no_row_change', 'op', 'is an operation on no row: only c, u, d and r are events');
  const [before, after] = [envelope['before'], envelope['after']].map((row) =>
    rowOf(row, schema !== undefined, format),
  );
  const meaning = kind !== 'deleted' && isSnapshot(source) ? 'snapshot' : kind;
  const update = updateOf(envelope['updateDescription']);
  const row =
    kind === 'deleted'
      ? (before ?? keyRow(key))
      : (after ?? (update && objectOf(Object.entries({ ...keyRow(key), ...update.set }))));
  if (!row) return rejected('no_change_event', kind === 'deleted' ? 'before' : 'after', 'holds no row');
  const [kept, old] = available(row, before, format.unavailableValue);
  return {
    op: meaning,
    before: old,
    after: kind === 'deleted' ? undefined : kept,
    row: kept,
    table: tableOf(source),
    source,
    envelope,
    key,
    update,
  };
}

const OPERATIONS: Readonly<Record<string, Change['op']>> = {
  c: 'created',
  u: 'updated',
  d: 'deleted',
  r: 'snapshot',
};

/** `source.snapshot` is a boolean in old versions, and a word in later ones. */
const isSnapshot = ({ snapshot }: JsonObject): boolean =>
  snapshot === true || (typeof snapshot === 'string' && snapshot !== 'false' && snapshot !== '');

function keyAndValue(message: JsonValue): { readonly key: JsonValue | undefined; readonly value: JsonValue } {
  if (!isObject(message) || !('value' in message) || 'op' in message || 'payload' in message)
    return { key: undefined, value: message };
  const { schema, payload } = unwrap(message['key'] ?? null);
  return { key: decodeBySchema(payload, schema), value: message['value']! };
}

function unwrap(value: JsonValue): { readonly schema: JsonValue | undefined; readonly payload: JsonValue } {
  return isObject(value) && 'payload' in value && 'schema' in value
    ? { schema: value['schema'] ?? undefined, payload: value['payload']! }
    : { schema: undefined, payload: value };
}

/** MongoDB sends documents as JSON within a text. */
function rowOf(row: JsonValue | undefined, bySchema: boolean, { columns }: DebeziumFormat): JsonObject | undefined {
  let value = row ?? null;
  if (typeof value === 'string') {
    const read = parseJson(value);
    value = typeof read === 'object' ? read.value : null;
  }
  if (!isObject(value)) return undefined;
  const isDocument = typeof row === 'string' || isDocumentRow(value);
  const plain = isDocument ? (plainDocument(value) as JsonObject) : value;
  return bySchema || !columns ? plain : decodeByColumns(plain, columns);
}

/** A document whose text was decoded by its schema. */
const isDocumentRow = ({ _id }: JsonObject): boolean => _id !== undefined;

function updateOf(value: JsonValue | undefined): Change['update'] {
  if (!isObject(value)) return undefined;
  const { updatedFields, removedFields } = value;
  const read = typeof updatedFields === 'string' ? parseJson(updatedFields) : { value: updatedFields ?? null };
  const set = typeof read === 'object' && isObject(read.value) ? (plainDocument(read.value) as JsonObject) : {};
  return { set, removed: isList(removedFields) ? removedFields.filter((one) => typeof one === 'string') : [] };
}

const keyRow = (key: JsonValue | undefined): JsonObject | undefined =>
  isObject(key) ? (plainDocument(key) as JsonObject) : undefined;

function tableOf({ table, collection }: JsonObject): string {
  return scalarText(table) ?? scalarText(collection) ?? '';
}

/** A value that the connector did not have is that of before, where it is known; else nothing is said of the column. */
function available(
  row: JsonObject,
  before: JsonObject | undefined,
  placeholder: string,
): readonly [JsonObject, JsonObject | undefined] {
  const stands = standsFor(placeholder);
  const isWhole = (one: JsonObject | undefined): boolean => {
    for (const name in one) if (stands(one[name]!)) return false;
    return true;
  };
  if (isWhole(row) && isWhole(before)) return [row, before];
  const without = (one: JsonObject): JsonObject => objectOf(Object.entries(one).filter(([, value]) => !stands(value)));
  const old = before && without(before);
  const filled = Object.entries(row).flatMap(([name, value]) => {
    if (!stands(value)) return [[name, value] as const];
    return old && name in old ? [[name, old[name]!] as const] : [];
  });
  return [objectOf(filled), old];
}

/** The placeholder is text, the same in Base64 where the column holds bytes, or the one element of a list. */
function standsFor(placeholder: string): (value: JsonValue) => boolean {
  const base64 = Buffer.from(placeholder).toString('base64');
  const stands = (value: JsonValue): boolean => value === placeholder || value === base64;
  return (value) => stands(value) || (isList(value) && value.length === 1 && stands(value[0]!));
}

/** Where each connector says at which place of its log a change stands, so that a message that is sent again has the same. */
const POSITIONS: Readonly<Record<string, readonly string[]>> = {
  postgresql: ['lsn', 'txId'],
  mysql: ['gtid', 'file', 'pos', 'row'],
  mariadb: ['gtid', 'file', 'pos', 'row'],
  sqlserver: ['commit_lsn', 'change_lsn', 'event_serial_no'],
  mongodb: ['ts_ms', 'ord', 'h', 'lsid', 'txnNumber'],
  oracle: ['commit_scn', 'scn', 'rs_id', 'ssn'],
  db2: ['commit_lsn', 'change_lsn'],
};
/** Without these a position says nothing. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  postgresql: ['lsn'],
  mysql: ['file', 'pos'],
  mariadb: ['file', 'pos'],
  sqlserver: ['change_lsn'],
  mongodb: ['ts_ms', 'ord'],
  oracle: ['scn'],
  db2: ['change_lsn'],
};

/**
 * What tells the change from all others: its place in the log, or for a snapshot its table and content, so that a snapshot that is taken again is the same.
 * @returns undefined for a connector that is not known, or a source without its position
 */
export function identityOf({ op, source, row, key, table, envelope }: Change): string | undefined {
  const connector = scalarText(source['connector']) ?? '';
  const place = ['name', 'db', 'schema'].map((name) => source[name] ?? null);
  if (op === 'snapshot') return orderedText(['snapshot', connector, ...place, table, row]);
  const has = (name: string): boolean => source[name] !== undefined && source[name] !== null;
  if (!Object.hasOwn(POSITIONS, connector) || !NEEDED[connector]!.every(has)) return undefined;
  const position = POSITIONS[connector]!.map((name) => source[name] ?? null);
  // Changes of several documents in one transaction of MongoDB share a position; the document itself may be read again later, and differ.
  const document = connector === 'mongodb' ? [row['_id'] ?? null, envelope['updateDescription'] ?? null] : [];
  return orderedText([connector, ...place, table, ...position, ...document, op, key ?? null]);
}
