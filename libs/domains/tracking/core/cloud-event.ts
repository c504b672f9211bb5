import { parseInstant } from '@holdfast/kernel';
import { FLAGS, type Rejection, type RejectionCode } from './event';

/** A CloudEvent as its specification has it: spec.md and formats/json-format.md of github.com/cloudevents/spec, version 1.0.2. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string | undefined;
  readonly subject: string | undefined;
  readonly datacontenttype: string | undefined;
  readonly dataschema: string | undefined;
  /** A JSON value; undefined when there is none, or it is binary. */
  readonly data: unknown;
  readonly dataBase64: string | undefined;
  readonly extensions: Readonly<Record<string, string | number | boolean>>;
}

const reject = (code: RejectionCode, field: string, reason: string): Rejection => ({ code, field, reason });

const REQUIRED = ['id', 'source', 'type'] as const;
const OPTIONAL = ['time', 'subject', 'datacontenttype', 'dataschema'] as const;
const CORE: ReadonlySet<string> = new Set([...REQUIRED, ...OPTIONAL, 'specversion', 'data', 'data_base64']);
const NAME = /^[a-z0-9]{1,50}$/;
const MEDIA_TYPE = /^[!#$%&'*+.^`|~\w-]+\/[!#$%&'*+.^`|~\w-]+(?:\s*;.*)?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Checks one value in the JSON format. An attribute that is null is as good as absent. */
export function readCloudEvent(value: unknown): CloudEvent | Rejection {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return reject('not_an_object', '', 'a CloudEvent is a JSON object');
  const event = value as Readonly<Record<string, unknown>>;
  const wrong = wrongVersion(event) ?? wrongAttribute(event) ?? wrongData(event);
  if (wrong) return wrong;
  const extensions: Record<string, string | number | boolean> = {};
  for (const [name, one] of Object.entries(event)) {
    if (CORE.has(name) || one === null) continue;
    if (!NAME.test(name))
      return reject('unknown_field', '', 'names of attributes have small letters and digits alone, at most 50');
    if (!isExtension(one)) return reject('wrong_type', name, 'must be a string, a boolean or an integer of 32 bits');
    extensions[name] = one;
  }
  const text = (name: string): string | undefined => (event[name] ?? undefined) as string | undefined;
  return {
    id: event['id'] as string,
    source: event['source'] as string,
    type: event['type'] as string,
    time: text('time'),
    subject: text('subject'),
    datacontenttype: text('datacontenttype'),
    dataschema: text('dataschema'),
    data: event['data'],
    dataBase64: text('data_base64'),
    extensions,
  };
}

function wrongVersion({ specversion }: Readonly<Record<string, unknown>>): Rejection | undefined {
  if (specversion === undefined || specversion === null) return reject('missing_field', 'specversion', 'is needed');
  return specversion === '1.0' ? undefined : reject('invalid_value', 'specversion', 'must be "1.0"');
}

function wrongAttribute(event: Readonly<Record<string, unknown>>): Rejection | undefined {
  for (const name of [...REQUIRED, ...OPTIONAL]) {
    const value = event[name] ?? undefined;
    if (value === undefined) {
      if (REQUIRED.some((one) => one === name)) return reject('missing_field', name, 'is needed');
    } else if (typeof value !== 'string') return reject('wrong_type', name, 'must be a string');
    else if (value === '') return reject('invalid_value', name, 'must not be empty');
  }
  const { time, datacontenttype } = event as { time?: string | null; datacontenttype?: string | null };
  if (typeof time === 'string' && parseInstant(time) === undefined)
    return reject('invalid_time', 'time', 'must be an RFC 3339 date-time with an offset');
  if (typeof datacontenttype === 'string' && !MEDIA_TYPE.test(datacontenttype))
    return reject('invalid_value', 'datacontenttype', 'must be a media type');
  return undefined;
}

function wrongData(event: Readonly<Record<string, unknown>>): Rejection | undefined {
  const base64 = event['data_base64'] ?? undefined;
  if (base64 === undefined) return undefined;
  if (typeof base64 !== 'string') return reject('wrong_type', 'data_base64', 'must be a string');
  if (!BASE64.test(base64)) return reject('invalid_value', 'data_base64', 'must be Base64 (RFC 4648, section 4)');
  return event['data'] === undefined ? undefined : reject('invalid_value', 'data', 'stands beside data_base64');
}

const isExtension = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (Number.isInteger(value) && Math.abs(value as number) <= 2_147_483_648);

/** Names of attributes that say what a field of a tracking event says. `businesskey` goes before `subject`. */
const FIELDS = {
  process: 'process',
  stage: 'stage',
  key: 'businesskey',
  originAt: 'originat',
  timeZone: 'timezone',
  correlationId: 'correlationid',
  sequence: 'sequence',
  attempt: 'attempt',
  status: 'status',
  test: 'test',
  manual: 'manual',
  synthetic: 'synthetic',
  digest: 'digest',
  contractVersion: 'contractversion',
} as const;

/**
 * The tracking event that a CloudEvent stands for, to be checked as any other. Data that is no JSON object becomes one: `{"value": ...}`, or `{"base64": "..."}`.
 * @returns with it, what no field takes: kept beside the data
 */
export function trackingFieldsOf(event: CloudEvent): {
  fields: Record<string, unknown>;
  attributes: Record<string, unknown>;
} {
  const { extensions, subject, datacontenttype, dataschema } = event;
  const names = new Set<string>(Object.values(FIELDS));
  const beside = Object.entries(extensions).filter(([name]) => !names.has(name));
  const named = Object.entries(FIELDS).map(([field, name]) => [field, typed(field, extensions[name])] as const);
  const fields = {
    id: event.id,
    source: event.source,
    type: event.type,
    occurredAt: event.time,
    traceparent: extensions['traceparent'],
    data: dataOf(event),
    ...Object.fromEntries(named),
    key: extensions[FIELDS.key] ?? subject,
  };
  return {
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    attributes: {
      ...Object.fromEntries(beside),
      subject,
      datacontenttype: datacontenttype && JSON_ALONE.test(datacontenttype) ? undefined : datacontenttype,
      dataschema,
    },
  };
}

/** What is meant where no content type is named (formats/json-format.md, section 3.1). */
const JSON_ALONE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

const flags: ReadonlySet<string> = new Set(FLAGS);

/** HTTP headers carry texts alone. */
function typed(field: string, value: string | number | boolean | undefined): unknown {
  if (typeof value !== 'string') return value;
  if ((field === 'sequence' || field === 'attempt' || field === 'contractVersion') && /^\d{1,16}$/.test(value))
    return Number(value);
  if (flags.has(field) && /^(?:true|false)$/.test(value)) return value === 'true';
  return value;
}

function dataOf({ data, dataBase64 }: CloudEvent): Record<string, unknown> | undefined {
  if (dataBase64 !== undefined) return { base64: dataBase64 };
  if (data === undefined) return undefined;
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? (data as Record<string, unknown>)
    : { value: data };
}

/** The attribute that a field of a tracking event was taken from, to be named where it is wrong. */
export function attributeOf(field: string): string {
  if (field === 'occurredAt') return 'time';
  return (FIELDS as Readonly<Record<string, string>>)[field] ?? field;
}
