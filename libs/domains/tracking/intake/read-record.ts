import { isUtf8 } from 'node:buffer';
import type { Micros } from '@holdfast/kernel';
import { attributeOf, readCloudEvent, trackingFieldsOf } from '../core/cloud-event';
import type { Rejection, RejectionCode, TrackingEvent } from '../core/event';
import { NotCanonicalError } from '../core/canonical-json';
import { exactDigits, parseExact } from '../core/exact-json';
import { isRejection, parseEvent } from '../core/parse-event';
import { countMembers, type Scan, scanRecord } from '../core/scan-record';
import { canonicalDigest } from './hashing';
import type { Piece } from './split-records';
import { IanaTimeZones } from './time-zones';

const MOST_LEVELS = 32;
const zones = new IanaTimeZones();
const scan: Scan = { dataStart: -1, dataEnd: -1, members: 0, depth: 0, longNumber: false };

/** A record whose form is right. Whether its process and stage exist is asked next. */
export interface ReadRecord {
  readonly line: number;
  readonly event: TrackingEvent;
  /** `data` as it came, UTF-8. */
  readonly data: Buffer;
  /** Parsed without loss where JSON.parse would have rounded a number. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Of the data as it was sent, whatever it is stored as; true where the sender says no digest. */
  readonly digestHolds: boolean;
  /** The record as it was sent. */
  readonly bytes: Buffer;
  readonly form: RecordForm;
}
export interface RejectedRecord {
  readonly line: number;
  readonly rejection: Rejection;
  /** As far as it could be read; '' otherwise. */
  readonly source: string;
  /** The record as it was sent; empty where it is too long to be kept. */
  readonly bytes: Buffer;
  readonly form: RecordForm;
}

export const wasRejected = (one: ReadRecord | RejectedRecord): one is RejectedRecord => 'rejection' in one;

/** What a record's bytes are: an event in Holdfast's own words, or a CloudEvent in its JSON format. */
export type RecordForm = 'event' | 'cloud-event';

/**
 * Reads one record from its bytes.
 * @param line its number in the body, from 1
 */
export function readRecord(
  bytes: Buffer,
  line: number,
  now: Micros,
  form: RecordForm = 'event',
): ReadRecord | RejectedRecord {
  const refuse = (code: RejectionCode, reason: string, source = ''): RejectedRecord =>
    rejected(line, { code, field: '', reason }, source, bytes, form);
  if (!isUtf8(bytes)) return refuse('invalid_utf8', 'is not UTF-8');
  scanRecord(bytes, 0, bytes.length, scan);
  if (scan.depth > MOST_LEVELS) return refuse('too_deep', `is nested deeper than ${MOST_LEVELS} levels`);
  const { members, dataStart, dataEnd, longNumber } = scan;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
    if (longNumber) keepTimes(value, bytes, dataStart, dataEnd);
  } catch {
    return refuse('malformed_json', 'is not JSON');
  }
  if (countMembers(value) !== members)
    return refuse('duplicate_field', 'an object names a member twice', sourceOf(value));
  const event = form === 'event' ? parseEvent(value, now, zones) : eventOf(value, now);
  if (isRejection(event)) return rejected(line, event, sourceOf(value), bytes, form);
  const sent = dataStart < 0 ? undefined : trimmed(bytes, dataStart, dataEnd);
  const data = sent ? objectOf(sent) : Buffer.from(JSON.stringify(event.data));
  const digestHolds =
    event.digest === undefined || event.digest === digestOf(sent && form !== 'event' ? valueOf(sent) : event.data);
  const values = longNumber ? (parseExact(data.toString()) as Record<string, unknown>) : event.data;
  return { line, event, data, values, digestHolds, bytes, form };
}

function eventOf(value: unknown, now: Micros): TrackingEvent | Rejection {
  const cloudEvent = readCloudEvent(value);
  if ('reason' in cloudEvent) return cloudEvent;
  const { fields, attributes } = trackingFieldsOf(cloudEvent);
  const event = parseEvent(fields, now, zones);
  if (isRejection(event)) return { ...event, field: attributeOf(event.field) };
  const beside = JSON.stringify(attributes);
  return { ...event, attributes: beside === '{}' ? '' : beside };
}

/** Data as an object, byte for byte: a CloudEvent may carry another value. */
const objectOf = (data: Buffer): Buffer =>
  data[0] === 0x7b ? data : Buffer.concat([Buffer.from('{"value":'), data, Buffer.from('}')]);

/** Of a CloudEvent's data, which need not be an object. */
const valueOf = (data: Buffer): unknown => JSON.parse(data.toString('utf8'));

/** Of data that has no canonical form no digest is right. */
function digestOf(data: unknown): string | undefined {
  try {
    return canonicalDigest(data);
  } catch (error) {
    if (error instanceof NotCanonicalError) return undefined;
    throw error;
  }
}

const NULL = Buffer.from('null');

/** Nanoseconds since 1970 are more than a double holds: they become text before they are rounded. */
function keepTimes(value: unknown, bytes: Buffer, dataStart: number, dataEnd: number): void {
  if (typeof value !== 'object' || value === null) return;
  const record = value as Record<string, unknown>;
  const rounded = ['occurredAt', 'originAt'].filter((field) => typeof record[field] === 'number');
  if (rounded.length === 0) return;
  // Without the data, which may be large: exact parsing is slow.
  const outside = dataStart < 0 ? [bytes] : [bytes.subarray(0, dataStart), NULL, bytes.subarray(dataEnd)];
  const exact = parseExact(Buffer.concat(outside).toString('utf8')) as Record<string, unknown>;
  for (const field of rounded) record[field] = exactDigits(exact[field]) ?? record[field];
}

export const rejected = (
  line: number,
  rejection: Rejection,
  source: string,
  bytes: Buffer,
  form: RecordForm,
): RejectedRecord => ({ line, rejection, source, bytes, form });

const TOO_LONG: Rejection = { code: 'line_too_long', field: '', reason: 'is longer than 1 MiB' };
const NOTHING = Buffer.alloc(0);

/** Reads one piece of a body that is not skipped. @param line its number in the body, from 1 */
export function readPiece(
  { bytes, tooLong, refused, observed }: Piece,
  line: number,
  now: Micros,
  form: RecordForm,
): ReadRecord | RejectedRecord {
  if (refused) return rejected(line, refused.rejection, refused.source, NOTHING, form);
  if (tooLong) return rejected(line, TOO_LONG, '', NOTHING, form);
  const record = readRecord(bytes, line, now, form);
  return observed !== true || wasRejected(record) ? record : { ...record, event: { ...record.event, observed } };
}

/** An event that names nothing to correlate it by belongs to the trace of its request. */
export const correlated = (record: ReadRecord | RejectedRecord, traceId: string): ReadRecord | RejectedRecord =>
  traceId === '' || wasRejected(record) || record.event.correlationId !== ''
    ? record
    : { ...record, event: { ...record.event, correlationId: traceId } };

function sourceOf(value: unknown): string {
  const source = typeof value === 'object' && value !== null ? (value as { source?: unknown }).source : undefined;
  return typeof source === 'string' && source.length <= 200 && source.isWellFormed() ? source : '';
}

function trimmed(bytes: Buffer, start: number, end: number): Buffer {
  let [from, to] = [start, end];
  while (from < to && bytes[from]! <= 0x20) from++;
  while (to > from && bytes[to - 1]! <= 0x20) to--;
  return bytes.subarray(from, to);
}
