import type { Micros } from '@holdfast/kernel';
import {
  FLAGS,
  STATUSES,
  type Rejection,
  type RejectionCode,
  type SaidTimes,
  type Status,
  type TrackingEvent,
} from './event';
import { traceIdOf } from './trace-context';
import { readDigest } from './canonical-json';
import { type EventTime, readTime, type TimeZones } from './event-time';

const reject = (code: RejectionCode, field: string, reason: string): Rejection => ({ code, field, reason });
const FIELDS: ReadonlySet<string> = new Set([
  'id',
  'source',
  'process',
  'stage',
  'key',
  'type',
  'occurredAt',
  'originAt',
  'timeZone',
  'correlationId',
  'traceparent',
  'sequence',
  'attempt',
  'status',
  ...FLAGS,
  'digest',
  'contractVersion',
  'attributes',
  'data',
]);

/** Times before it are taken for mistakes: 2000-01-01. */
const EARLIEST: Micros = 946_684_800_000_000;
/** How far a sender's clock may be ahead: one day, in microseconds. */
const AHEAD: Micros = 86_400_000_000;

export const isRejection = (one: TrackingEvent | Rejection): one is Rejection => 'code' in one;

/**
 * Checks one parsed JSON value. Handwritten: intake runs it for every record, and a schema library takes longer than all other steps together
 * (docs/adr/0002). Unknown fields are refused, so that a misspelt one is never lost.
 * @param now the time of receipt
 */
export function parseEvent(value: unknown, now: Micros, zones: TimeZones): TrackingEvent | Rejection {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return reject('not_an_object', '', 'a record is a JSON object');
  const record = value as Record<string, unknown>;
  for (const name in record)
    if (!FIELDS.has(name)) return reject('unknown_field', known(name), 'there is no such field');
  const wrong =
    text(record, 'id', 200) ??
    text(record, 'source', 200) ??
    text(record, 'process', 63) ??
    text(record, 'stage', 63) ??
    text(record, 'key', 300) ??
    text(record, 'type', 200) ??
    optionalText(record, 'correlationId', 200) ??
    optionalText(record, 'timeZone', 64) ??
    optionalText(record, 'digest', 200) ??
    optionalFields(record);
  if (wrong) return wrong;
  const occurred = time(record, 'occurredAt', now, zones);
  if ('code' in occurred) return occurred;
  const origin = record['originAt'] === undefined ? undefined : time(record, 'originAt', now, zones);
  if (origin && 'code' in origin) return origin;
  return {
    id: record['id'] as string,
    source: record['source'] as string,
    process: record['process'] as string,
    stage: record['stage'] as string,
    key: record['key'] as string,
    type: record['type'] as string,
    occurredAt: occurred.at,
    originAt: origin?.at,
    said: isPlain(occurred) && (!origin || isPlain(origin)) ? PLAIN : { occurred, origin: origin ?? NOTHING },
    correlationId: (record['correlationId'] as string | undefined) ?? traceOf(record) ?? '',
    namesCorrelation: record['correlationId'] !== undefined,
    sequence: record['sequence'] as number | undefined,
    attempt: (record['attempt'] as number | undefined) ?? 1,
    status: (record['status'] as Status | undefined) ?? 'ok',
    test: (record['test'] as boolean | undefined) ?? false,
    manual: (record['manual'] as boolean | undefined) ?? false,
    synthetic: (record['synthetic'] as boolean | undefined) ?? false,
    digest: record['digest'] === undefined ? undefined : readDigest(record['digest'] as string),
    data: (record['data'] as Record<string, unknown> | undefined) ?? {},
    contractVersion: record['contractVersion'] as number | undefined,
    attributes: record['attributes'] === undefined ? '' : textOf(record['attributes'] as object),
  };
}

function text(record: Record<string, unknown>, field: string, longest: number): Rejection | undefined {
  const value = record[field];
  if (value === undefined) return reject('missing_field', field, 'is needed');
  if (typeof value !== 'string') return reject('wrong_type', field, 'must be a string');
  if (value.length === 0) return reject('invalid_value', field, 'must not be empty');
  if (value.length > longest) return reject('too_long', field, `must have at most ${longest} characters`);
  if (!value.isWellFormed()) return reject('invalid_value', field, 'holds half a surrogate pair');
  return undefined;
}

function optionalText(record: Record<string, unknown>, field: string, longest: number): Rejection | undefined {
  return record[field] === undefined ? undefined : text(record, field, longest);
}

function optionalFields(record: Record<string, unknown>): Rejection | undefined {
  const { sequence, attempt, status, digest, data, contractVersion, attributes } = record;
  if (sequence !== undefined && !(Number.isSafeInteger(sequence) && (sequence as number) >= 0)) {
    return reject(
      typeof sequence === 'number' ? 'invalid_value' : 'wrong_type',
      'sequence',
      'must be an integer from 0 to 2^53 - 1',
    );
  }
  if (
    attempt !== undefined &&
    !(Number.isInteger(attempt) && (attempt as number) >= 1 && (attempt as number) <= 65_535)
  ) {
    return reject(
      typeof attempt === 'number' ? 'invalid_value' : 'wrong_type',
      'attempt',
      'must be an integer from 1 to 65535',
    );
  }
  if (status !== undefined && !STATUSES.includes(status as Status)) {
    return reject(
      typeof status === 'string' ? 'invalid_value' : 'wrong_type',
      'status',
      `must be one of ${STATUSES.join(', ')}`,
    );
  }
  for (const flag of FLAGS)
    if (record[flag] !== undefined && typeof record[flag] !== 'boolean')
      return reject('wrong_type', flag, 'must be true or false');
  if (digest !== undefined && readDigest(digest as string) === undefined)
    return reject('invalid_value', 'digest', 'must be sha-256: and 32 bytes, hexadecimal or in base 64');
  if (contractVersion !== undefined && !isVersion(contractVersion))
    return reject(
      typeof contractVersion === 'number' ? 'invalid_value' : 'wrong_type',
      'contractVersion',
      'must be an integer from 1 to 65535',
    );
  if (attributes !== undefined) {
    const wrong = wrongAttributes(attributes);
    if (wrong) return wrong;
  }
  if (data !== undefined && (typeof data !== 'object' || data === null || Array.isArray(data)))
    return reject('wrong_type', 'data', 'must be an object');
  return undefined;
}

const isVersion = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;

const MOST_ATTRIBUTES = 32;

function wrongAttributes(attributes: unknown): Rejection | undefined {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    return reject('wrong_type', 'attributes', 'must be an object');
  const entries = Object.entries(attributes as Record<string, unknown>);
  if (entries.length > MOST_ATTRIBUTES)
    return reject('too_long', 'attributes', `must have at most ${MOST_ATTRIBUTES} members`);
  for (const [name, value] of entries) {
    if (!/^[A-Za-z0-9_.-]{1,50}$/.test(name))
      return reject('unknown_field', 'attributes', 'names have letters, digits, _, dot and -, at most 50');
    if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isSafeInteger(value))
      return reject('wrong_type', `attributes.${name}`, 'must be a string, a boolean or an integer');
    if (typeof value === 'string' && (value.length > 1_000 || !value.isWellFormed()))
      return reject('invalid_value', `attributes.${name}`, 'must have at most 1000 characters, none of them half');
  }
  return undefined;
}

const textOf = (attributes: object): string => {
  const text = JSON.stringify(attributes);
  return text === '{}' ? '' : text;
};

function time(record: Record<string, unknown>, field: string, now: Micros, zones: TimeZones): EventTime | Rejection {
  const value = record[field];
  if (value === undefined) return reject('missing_field', field, 'is needed');
  const found = readTime(value, record['timeZone'] as string | undefined, zones);
  if ('code' in found) return reject(found.code, field, found.reason);
  if (found.at < EARLIEST) return reject('time_out_of_bounds', field, 'is before the year 2000');
  if (found.at > now + AHEAD) return reject('time_out_of_bounds', field, 'is more than a day ahead');
  return found;
}

/** A trace that is none is ignored (W3C Trace Context, section 4.3): no event is refused for it. */
const traceOf = ({ traceparent }: Record<string, unknown>): string | undefined =>
  typeof traceparent === 'string' ? traceIdOf(traceparent) : undefined;

const NOTHING: SaidTimes['origin'] = { text: '', note: 'none' };
/** Times as most senders write them: one object for all. */
const PLAIN: SaidTimes = { occurred: NOTHING, origin: NOTHING };
const isPlain = ({ text, note }: EventTime): boolean => text === '' && note === 'none';

/** Field names come from outside as well: only plain ones are repeated. */
const known = (name: string): string => (/^[A-Za-z][A-Za-z0-9_]{0,30}$/.test(name) ? name : '');
