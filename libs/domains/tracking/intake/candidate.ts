import { definitionOf, type Process, type RetentionClass } from '@holdfast/domains/catalog/core/process';
import { agreedText, type FieldPlan, fieldPlans } from '../core/agreed';
import type { ReadyContract } from '@holdfast/domains/contracts/contracts.service';
import type { Micros } from '@holdfast/kernel';
import type { Candidate, Refusal } from '../core/decide';
import { canonicalJson } from '../core/exact-json';
import type { Rejection, TrackingEvent } from '../core/event';
import type { RecordClass } from '../core/record-class';
import { itemId, type QuarantinedItem } from '../core/quarantine';
import type { StoredPayload } from '../tracking.store';
import { eventDigest, type RecordHashes } from './hashing';
import { NOTHING_PERSONAL, type Personal } from './masking';
import type { ReadRecord, RecordForm, RejectedRecord } from './read-record';

/** A record whose process and stage exist, with everything that is stored of it. */
export interface IntakeCandidate extends Candidate {
  readonly line: number;
  readonly class: RecordClass;
  readonly event: TrackingEvent;
  readonly data: Buffer;
  /** 64 bits in hexadecimal, the lowest byte first. */
  readonly digest: string;
  readonly definition: number;
  readonly agreed: string;
  /** The version of its contract that it was checked by; 0 without a contract. */
  readonly contractVersion: number;
  /** Where it breaks a contract that only warns. */
  readonly warning: Rejection | undefined;
  readonly personal: Personal;
  readonly weight: number;
  /** Who repairs it, should it be quarantined; '' for nobody. */
  readonly owner: string;
  /** The record as it was sent. */
  readonly raw: Buffer;
  readonly form: RecordForm;
  /** The quarantined record that it mends. */
  readonly item: QuarantinedItem | undefined;
}

/** A record that cannot be read so far as to be an event: kept in quarantine, or given up there. */
export interface UnreadableCandidate extends Candidate {
  readonly line: number;
  readonly class: RecordClass;
  readonly event: undefined;
  readonly source: string;
  readonly owner: string;
  readonly raw: Buffer;
  readonly form: RecordForm;
  readonly item: QuarantinedItem | undefined;
}

export type AnyCandidate = IntakeCandidate | UnreadableCandidate;
export const sourceOf = (one: AnyCandidate): string => ('source' in one ? one.source : one.event.source);

/** What intake needs to know of a process, prepared once. */
export interface Intake {
  readonly stages: ReadonlyMap<string, StageIntake>;
  readonly definition: number;
  readonly retentionClass: RetentionClass;
}

export interface StageIntake {
  /** The share of its events that is kept. */
  readonly sampleRate: number;
  /** Where its events name their keys, when these are several. */
  readonly keys: string | undefined;
  readonly fields: readonly FieldPlan[];
}

export const intakeOf = (process: Process): Intake => ({
  stages: new Map(
    process.stages.map(({ id, sampleRate = 1, keys }) => [
      id,
      { sampleRate, keys, fields: fieldPlans(process.fields, id) },
    ]),
  ),
  definition: definitionOf(process),
  retentionClass: process.retentionClass,
});

/** What a record is held to besides its form. */
export interface Terms {
  readonly intake: Intake;
  readonly contract: ReadyContract | undefined;
  readonly refusal: Refusal | undefined;
  readonly warning: Rejection | undefined;
  readonly owner: string;
  readonly personal?: Personal;
  /** How many records it stands for; 1 where nothing is left out. */
  readonly weight?: number;
}

export function candidateOf(
  { line, event, data, values, bytes, form }: ReadRecord,
  hashes: RecordHashes,
  {
    intake: { stages, definition, retentionClass },
    contract,
    refusal,
    warning,
    owner,
    personal = NOTHING_PERSONAL,
    weight = 1,
  }: Terms,
  item?: QuarantinedItem,
): IntakeCandidate {
  const { fields } = stages.get(event.stage)!;
  const agreed = agreedText(values, fields);
  const test = event.test || event.synthetic;
  return {
    line,
    class: test ? 'test' : retentionClass,
    event,
    data,
    identity: hashes.identity(event.source, event.id),
    attempt: event.attempt,
    // Of the record as it was sent: what says the same in other words has another one.
    payloadHash: hashes.payload(bytes),
    process: event.process,
    stage: event.stage,
    key: event.key,
    occurredAt: event.occurredAt,
    originAt: event.originAt,
    counts: event.status === 'ok' && !test,
    test,
    digest: eventDigest(definition, event.key, event.stage, agreed, fields),
    definition,
    agreed,
    contractVersion: contract?.version ?? 0,
    warning,
    personal,
    weight,
    owner,
    raw: bytes,
    form,
    refusal,
    leaving: item && { item: itemId(item), as: 'mended' },
    item,
  };
}

/** A record that is no event, to be kept as it came. */
export function unreadableOf(
  { line, source, rejection, bytes, form }: RejectedRecord,
  hashes: RecordHashes,
  owner: string,
  now: Micros,
): UnreadableCandidate {
  const identity = hashes.unreadable(source, bytes);
  return {
    ...NO_EVENT,
    line,
    source,
    owner,
    raw: bytes,
    form,
    identity,
    payloadHash: hashes.payload(bytes),
    occurredAt: now,
    originAt: now,
    refusal: { outcome: 'quarantined', rejection },
    leaving: undefined,
    item: undefined,
  };
}

const NO_EVENT = {
  class: 'standard',
  event: undefined,
  attempt: 0,
  process: '',
  stage: '',
  key: '',
  counts: false,
  test: false,
} as const;

const NOTHING = Buffer.alloc(0);

/** A quarantined record that is given up: it moves to the rejected ones. */
export const discardOf = (item: QuarantinedItem): UnreadableCandidate => ({
  ...NO_EVENT,
  line: 0,
  source: item.source,
  process: item.process,
  owner: '',
  raw: NOTHING,
  form: item.form,
  identity: item.identity,
  payloadHash: item.payloadHash,
  occurredAt: item.receivedAt,
  originAt: item.receivedAt,
  refusal: { outcome: 'rejected', rejection: { code: 'discarded', field: '', reason: 'was given up by a steward' } },
  leaving: { item: itemId(item), as: 'discarded' },
  item,
});

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
  manual,
  synthetic,
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
    manual,
    synthetic,
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
  const { type, occurredAt, originAt, correlationId, sequence, status, attributes, test, manual, synthetic } = payload;
  const said = {
    type,
    occurredAt,
    originAt: originAt ?? undefined,
    correlationId,
    namesCorrelation: true,
    sequence: sequence ?? undefined,
    status,
    attributes,
    test,
    manual,
    synthetic,
  };
  return {
    event: { ...candidate.event, ...said, process: known.process, stage: known.stage, key: known.key },
    data: Buffer.from(payload.data),
  };
}
