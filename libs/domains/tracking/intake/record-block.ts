import type { Micros } from '@holdfast/kernel';
import { type ColumnType, NativeBlock, type SeldomColumn } from '@holdfast/platform/clickhouse';
import type { Correction, Decision } from '../core/decide';
import { BatchClasses, RECORD_CLASSES, type RecordClass } from '../core/record-class';
import type { Rejection, SaidTimes } from '../core/event';
import type { StoredLiveRow } from '../tracking.store';
import type { QuarantinedItem } from '../core/quarantine';
import { type AnyCandidate, type IntakeCandidate, sourceOf } from './candidate';
import { NOTHING_PERSONAL } from './masking';

/** Values of the table's enums. */
const OUTCOME = {
  stored: 1,
  duplicate: 2,
  conflict: 3,
  rejected: 4,
  retraction: 5,
  restatement: 6,
  quarantined: 7,
  sampledOut: 8,
  released: 9,
} as const;
const ORIGIN_FROM = { event: 1, key: 2, own: 3 } as const;
const STATUS = { ok: 1, failed: 2, cancelled: 3 } as const;
const NOTE = { none: 0, gap: 1, fold: 2 } as const;
const FORM = { event: 0, 'cloud-event': 1 } as const;

const COLUMNS = {
  process: 'String',
  key: 'String',
  stage: 'String',
  source: 'String',
  id: 'String',
  attempt: 'UInt16',
  type: 'String',
  outcome: 'Int8',
  occurred_at: 'DateTime64(6)',
  origin_at: 'DateTime64(6)',
  origin_from: 'Int8',
  received_at: 'DateTime64(6)',
  correlation_id: 'String',
  sequence: 'Nullable(UInt64)',
  identity: 'FixedString(16)',
  payload_hash: 'UInt64',
  sign: 'Int8',
  digest: 'Int64',
  definition: 'UInt32',
  agreed: 'String',
  data: 'String',
} as const satisfies Record<string, ColumnType>;

/** What most records leave as it is: the table's defaults. */
const SELDOM = {
  reason: { type: 'String', usual: '' },
  field: { type: 'String', usual: '' },
  occurred_text: { type: 'String', usual: '' },
  occurred_note: { type: 'Int8', usual: NOTE.none },
  origin_text: { type: 'String', usual: '' },
  origin_note: { type: 'Int8', usual: NOTE.none },
  status: { type: 'Int8', usual: STATUS.ok },
  class: { type: 'Int8', usual: RECORD_CLASSES.standard },
  test: { type: 'Bool', usual: 0 },
  manual: { type: 'Bool', usual: 0 },
  synthetic: { type: 'Bool', usual: 0 },
  attributes: { type: 'String', usual: '' },
  contract_version: { type: 'UInt16', usual: 0 },
  weight: { type: 'Float64', usual: 1 },
  categories: { type: 'String', usual: '' },
  sensitivity: { type: 'String', usual: 'public' },
  owner: { type: 'String', usual: '' },
  form: { type: 'Int8', usual: FORM.event },
} as const satisfies Record<string, SeldomColumn>;

const NO_IDENTITY = '0'.repeat(32);
const NO_HASH = '0'.repeat(16);
const NO_DATA = Buffer.alloc(0);

/** Rows of the table of records, as one block of one insert. */
export class RecordBlock {
  private readonly block: NativeBlock<keyof typeof COLUMNS, keyof typeof SELDOM | 'first_received_at'>;

  private readonly classes = new BatchClasses();

  constructor(
    expectedRows: number,
    private readonly receivedAt: Micros,
  ) {
    this.block = new NativeBlock(COLUMNS, expectedRows, {
      ...SELDOM,
      first_received_at: { type: 'DateTime64(6)', usual: receivedAt },
    });
  }

  get rows(): number {
    return this.block.rows;
  }

  encode(): ReturnType<NativeBlock<string>['encode']> {
    return this.block.encode();
  }

  /** The rows of a decision: none where it changes nothing, two where a record leaves quarantine. */
  addDecision(decision: Decision<AnyCandidate>): void {
    const { candidate, outcome, rejection } = decision;
    if (outcome === 'still_bad' || outcome === 'gone') return;
    const { item } = candidate;
    if (outcome === 'quarantined') this.addQuarantined(candidate, rejection!);
    else if (candidate.event) this.addEvent(candidate, decision, outcome);
    else if (outcome === 'duplicate') this.addBare(candidate, 'duplicate');
    else this.addBare({ ...candidate, ...item }, outcome, rejection, item?.receivedAt);
    if (!item) return;
    const kept = candidate.event ? this.classes.of(candidate) : candidate.class;
    this.addBare(item, 'released', { code: decision.became!, field: '' }, item.receivedAt, kept);
  }

  private addEvent(
    candidate: IntakeCandidate,
    { rejection, originAt, originFrom, sign }: Decision<AnyCandidate>,
    outcome: 'stored' | 'duplicate' | 'conflict' | 'rejected' | 'sampledOut',
  ): void {
    const { event, identity, payloadHash, digest, definition, agreed, data, item } = candidate;
    // A duplicate says nothing new: its row is for the account alone; so are those of what is not to be kept.
    const full = outcome === 'stored' || outcome === 'conflict';
    const { columns } = this.block;
    columns.process.text(event.process);
    columns.key.text(event.key);
    columns.stage.text(event.stage);
    columns.source.text(event.source);
    columns.id.text(full ? event.id : '');
    columns.attempt.small(event.attempt);
    columns.type.text(event.type);
    columns.outcome.small(OUTCOME[outcome]);
    this.rejection(rejection ?? (full ? candidate.warning : undefined));
    this.times(event.occurredAt, originAt, ORIGIN_FROM[originFrom]);
    if (item) this.block.note('first_received_at', item.receivedAt);
    if (full) this.said(event.said);
    columns.correlation_id.text(full ? event.correlationId : '');
    if (event.sequence === undefined) columns.sequence.null();
    else columns.sequence.integer(event.sequence);
    if (event.status !== 'ok') this.block.note('status', STATUS[event.status]);
    this.kept(this.classes.of(candidate));
    if (event.test) this.block.note('test', 1);
    if (event.manual) this.block.note('manual', 1);
    if (event.synthetic) this.block.note('synthetic', 1);
    columns.identity.hex(identity);
    columns.payload_hash.hex(payloadHash);
    columns.sign.small(sign);
    if (sign === 1) columns.digest.hex(digest);
    else columns.digest.integer(0);
    columns.definition.small(definition);
    columns.agreed.text(full ? agreed : '');
    if (full && event.attributes !== '') this.block.note('attributes', event.attributes);
    if (candidate.contractVersion > 0) this.block.note('contract_version', candidate.contractVersion);
    if (outcome === 'stored') this.block.note('weight', candidate.weight);
    if (full && candidate.personal !== NOTHING_PERSONAL) {
      this.block.note('categories', candidate.personal.categories);
      this.block.note('sensitivity', candidate.personal.sensitivity);
    }
    columns.data.bytes(full ? data : NO_DATA, 0, full ? data.length : 0);
    this.block.rows++;
  }

  /** A record as it came, for a steward. */
  private addQuarantined(candidate: AnyCandidate, rejection: Rejection): void {
    const { columns } = this.block;
    const { event, raw } = candidate;
    columns.process.text(candidate.process);
    columns.key.text(candidate.key);
    columns.stage.text(candidate.stage);
    columns.source.text(sourceOf(candidate));
    columns.id.text(event?.id ?? '');
    columns.attempt.small(candidate.attempt);
    columns.type.text(event?.type ?? '');
    columns.outcome.small(OUTCOME.quarantined);
    this.rejection(rejection);
    this.times(candidate.occurredAt, candidate.originAt ?? candidate.occurredAt, ORIGIN_FROM.event);
    columns.correlation_id.text(event?.correlationId ?? '');
    if (event?.sequence === undefined) columns.sequence.null();
    else columns.sequence.integer(event.sequence); // it was received: nobody is to look for it
    this.kept('quarantine');
    this.block.note('owner', candidate.owner);
    this.block.note('form', FORM[candidate.form]);
    columns.identity.hex(candidate.identity);
    columns.payload_hash.hex(candidate.payloadHash);
    columns.sign.small(0);
    columns.digest.integer(0);
    columns.definition.small(0);
    columns.agreed.text('');
    columns.data.bytes(raw, 0, raw.length);
    this.block.rows++;
  }

  /** A record that could not be read or does not fit its process. Nothing of its content is kept. */
  addRejection(rejection: Rejection, source: string, process: string): void {
    this.addBare({ source, process, identity: NO_IDENTITY, payloadHash: NO_HASH, attempt: 0 }, 'rejected', rejection);
  }

  /** A row for the account, and for whoever asks whether the record was received before. */
  private addBare(
    of: Pick<QuarantinedItem, 'source' | 'process' | 'identity' | 'payloadHash' | 'attempt'>,
    outcome: keyof typeof OUTCOME,
    why?: { readonly code: string; readonly field: string },
    firstReceivedAt?: Micros,
    kept: RecordClass = 'standard',
  ): void {
    const { columns } = this.block;
    columns.process.text(of.process);
    columns.source.text(of.source);
    for (const empty of [
      columns.key,
      columns.stage,
      columns.id,
      columns.type,
      columns.correlation_id,
      columns.agreed,
      columns.data,
    ])
      empty.text('');
    columns.attempt.small(of.attempt);
    columns.outcome.small(OUTCOME[outcome]);
    this.rejection(why);
    this.times(this.receivedAt, this.receivedAt, ORIGIN_FROM.event);
    if (firstReceivedAt !== undefined) this.block.note('first_received_at', firstReceivedAt);
    this.kept(kept);
    columns.sequence.null();
    columns.identity.hex(of.identity);
    columns.payload_hash.hex(of.payloadHash);
    columns.sign.small(0);
    columns.digest.integer(0);
    columns.definition.small(0);
    this.block.rows++;
  }

  addCorrection({ row, sign, originAt, originFrom, cause }: Correction<StoredLiveRow, AnyCandidate>): void {
    const { columns } = this.block;
    columns.process.text(row.process);
    columns.key.text(row.key);
    columns.stage.text(row.stage);
    columns.source.text(row.source);
    columns.id.text(row.id);
    columns.attempt.small(row.attempt);
    columns.type.text(row.type);
    columns.outcome.small(sign === 1 ? OUTCOME.restatement : OUTCOME.retraction);
    this.rejection(undefined);
    this.times(row.occurredAt, originAt, ORIGIN_FROM[originFrom]);
    columns.correlation_id.text('');
    columns.sequence.null();
    // With its cause, whatever the row itself is kept as: one part has both, or neither.
    if (cause) this.kept(this.classes.of(cause));
    this.block.note('first_received_at', row.firstReceivedAt);
    if (row.contractVersion > 0) this.block.note('contract_version', row.contractVersion);
    if (row.weight !== 1) this.block.note('weight', row.weight);
    if (row.manual) this.block.note('manual', 1);
    columns.identity.hex(row.identity);
    columns.payload_hash.integer(0);
    columns.sign.small(sign);
    columns.digest.big(BigInt(row.digest) * BigInt(sign));
    columns.definition.small(row.definition);
    columns.agreed.text(row.agreed);
    columns.data.text('');
    this.block.rows++;
  }

  private kept(as: RecordClass): void {
    this.block.note('class', RECORD_CLASSES[as]);
  }

  private rejection(rejection: { readonly code: string; readonly field: string } | undefined): void {
    if (!rejection) return;
    this.block.note('reason', rejection.code);
    this.block.note('field', rejection.field);
  }

  private said({ occurred, origin }: SaidTimes): void {
    if (occurred.text !== '') this.block.note('occurred_text', occurred.text);
    if (occurred.note !== 'none') this.block.note('occurred_note', NOTE[occurred.note]);
    if (origin.text !== '') this.block.note('origin_text', origin.text);
    if (origin.note !== 'none') this.block.note('origin_note', NOTE[origin.note]);
  }

  private times(occurredAt: Micros, originAt: Micros, originFrom: number): void {
    const { columns } = this.block;
    columns.occurred_at.integer(occurredAt);
    columns.origin_at.integer(originAt);
    columns.origin_from.small(originFrom);
    columns.received_at.integer(this.receivedAt);
  }
}
