import { definitionOf, type AgreedField, type Process } from '@holdfast/domains/catalog/core/process';
import { agreedText } from '../core/agreed';
import type { Candidate } from '../core/decide';
import { canonicalJson } from '../core/exact-json';
import type { TrackingEvent } from '../core/event';
import type { StoredPayload } from '../tracking.store';
import { digestOf, identityOf } from './hashing';
import type { ReadRecord } from './read-record';

/** A record whose process and stage exist, with everything that is stored of it. */
export interface IntakeCandidate extends Candidate {
  readonly line: number;
  readonly event: TrackingEvent;
  readonly data: Buffer;
  /** 64 bits in hexadecimal, the lowest byte first. */
  readonly digest: string;
  readonly definition: number;
  readonly agreed: string;
}

/** What intake needs to know of a process, prepared once. */
export interface Intake {
  readonly stages: ReadonlySet<string>;
  readonly fields: readonly AgreedField[];
  readonly definition: number;
}

export const intakeOf = (process: Process): Intake => ({
  stages: new Set(process.stages.map(({ id }) => id)),
  fields: process.fields,
  definition: definitionOf(process),
});

export function candidateOf(
  { line, event, data, payloadHash, values }: ReadRecord,
  { fields, definition }: Intake,
): IntakeCandidate {
  const agreed = agreedText(values, fields);
  return {
    line,
    event,
    data,
    identity: identityOf(event.source, event.id),
    attempt: event.attempt,
    payloadHash,
    process: event.process,
    stage: event.stage,
    key: event.key,
    occurredAt: event.occurredAt,
    originAt: event.originAt,
    counts: event.status === 'ok' && !event.test,
    test: event.test,
    digest: digestOf(definition, event.key, agreed),
    definition,
    agreed,
  };
}

/** Everything that a sender said, but the identity and its data: its fields as read, so that `+01:00` and `Z` are the same. */
function payloadText({
  process,
  stage,
  key,
  type,
  occurredAt,
  originAt,
  sequence,
  status,
  test,
  attributes,
  observed,
}: TrackingEvent): string {
  return JSON.stringify([
    process,
    stage,
    key,
    type,
    observed === true ? null : occurredAt,
    originAt ?? null,
    sequence ?? null,
    status,
    test,
    attributes === '' ? [] : comparable(attributes),
  ]);
}

/** Attributes in the order of their names, as the texts that headers carry; without those of tracing, which differ from one sending to the next. */
const comparable = (attributes: string): [string, string][] =>
  Object.entries(JSON.parse(attributes) as Record<string, unknown>)
    .filter(([name]) => name !== 'traceparent' && name !== 'tracestate')
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Whether two payloads of different hashes say the same in other words: members in another order, other spaces, other forms of a number. */
export function samePayload(
  { event, data }: IntakeCandidate,
  stored: Pick<IntakeCandidate, 'event' | 'data'>,
): boolean {
  const sameCorrelation =
    !event.namesCorrelation || !stored.event.namesCorrelation || event.correlationId === stored.event.correlationId;
  return (
    sameCorrelation &&
    payloadText(event) === payloadText(stored.event) &&
    canonicalJson(data.toString()) === canonicalJson(stored.data.toString())
  );
}

/** A stored record in the form that {@link samePayload} compares. Where its correlation id came from is not stored: only one that is named says anything against it. */
export function storedEvent(
  candidate: IntakeCandidate,
  known: { process: string; stage: string; key: string },
  payload: StoredPayload,
): Pick<IntakeCandidate, 'event' | 'data'> {
  const { type, occurredAt, originAt, correlationId, sequence, status, attributes } = payload;
  const said = {
    type,
    occurredAt,
    originAt: originAt ?? undefined,
    correlationId,
    namesCorrelation: true,
    sequence: sequence ?? undefined,
    status,
    attributes,
    test: payload.class === 'test',
  };
  return {
    event: { ...candidate.event, ...said, process: known.process, stage: known.stage, key: known.key },
    data: Buffer.from(payload.data),
  };
}
