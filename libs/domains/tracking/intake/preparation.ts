import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Process } from '@holdfast/domains/catalog/core/process';
import type { SourceDefinition } from '@holdfast/domains/catalog/core/source';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import { ContractsService, type ReadyContract } from '@holdfast/domains/contracts/contracts.service';
import { type Breach, stewardOf } from '@holdfast/domains/contracts/core/contract';
import { type Masker, PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import type { Refusal } from '../core/decide';
import type { Rejection, TrackingEvent } from '../core/event';
import { isSampled, weightOf } from '../core/sampling';
import { itemId, type QuarantinedItem } from '../core/quarantine';
import { candidateOf, type Intake, type IntakeCandidate, intakeOf, type Terms, unreadableOf } from './candidate';
import type { Prepared } from './committer';
import { fractionOf, RecordHashes } from './hashing';
import { partsByKey } from './key-parts';
import { maskRecord } from './masking';
import { type ReadRecord, rejected, type RejectedRecord, wasRejected } from './read-record';

const UNKNOWN_PROCESS: Rejection = { code: 'unknown_process', field: 'process', reason: 'there is no such process' };
const UNKNOWN_STAGE: Rejection = { code: 'unknown_stage', field: 'stage', reason: 'the process has no such stage' };
const UNKNOWN_VERSION: Rejection = {
  code: 'unknown_contract_version',
  field: 'contractVersion',
  reason: 'the contract of the event type has no such version',
};

const DIGEST_MISMATCH: Rejection = {
  code: 'digest_mismatch',
  field: 'digest',
  reason: 'is not that of the data',
};

type Contracts = Awaited<ReturnType<ContractsService['current']>>;
type Sources = ReadonlyMap<string, SourceDefinition>;

/** Records that are prepared before others have a turn. */
const TURN_ROWS = 500;

/** Holds records to what is known of them: their process, their source, the contract of their type. */
@Injectable()
export class IntakePreparation {
  private readonly known = new WeakMap<Process, Intake>();

  constructor(
    private readonly catalog: CatalogService,
    private readonly sources: SourceService,
    private readonly contracts: ContractsService,
    private readonly privacy: PrivacyService,
    private readonly hashes: RecordHashes,
  ) {}

  /** What each record is to be decided as; one that is about several keys is several. */
  async of(records: readonly (ReadRecord | RejectedRecord)[], now: Micros): Promise<Prepared[]> {
    return (await this.parts(records, now)).flat();
  }

  /**
   * What each record is to be decided as: one part for each key that it is about, the first of which mends what it mends. That a process or stage is unknown is asked of the store before it is believed.
   * @param items quarantined records that the records mend, by line
   */
  async parts(
    records: readonly (ReadRecord | RejectedRecord)[],
    now: Micros,
    items: ReadonlyMap<number, QuarantinedItem> = NO_ITEMS,
  ): Promise<Prepared[][]> {
    const read = records.filter((record): record is ReadRecord => !wasRejected(record));
    const [intakes, sources, contracts, masker] = await Promise.all([
      this.intakes(read, false),
      this.sources.current(),
      this.contracts.current(),
      this.privacy.masker(),
    ]);
    const unsure = read.filter(({ event }) => intakes.get(event.process)?.stages.has(event.stage) === false);
    for (const [id, intake] of await this.intakes(unsure, true)) intakes.set(id, intake);
    const terms = new TermsOf(contracts);
    const prepared: Prepared[][] = [];
    for (const [index, record] of records.entries()) {
      if (index % TURN_ROWS === TURN_ROWS - 1) await new Promise(setImmediate);
      const item = items.get(record.line);
      if (wasRejected(record)) {
        prepared.push([this.unfit(record, '', sources, now, item)]);
        continue;
      }
      const { event } = record;
      const intake = intakes.get(event.process);
      if (!intake || !intake.stages.has(event.stage)) {
        const fault = rejected(
          record.line,
          intake ? UNKNOWN_STAGE : UNKNOWN_PROCESS,
          event.source,
          record.bytes,
          record.form,
        );
        const name = { identity: this.hashes.identity(event.source, event.id), attempt: event.attempt };
        prepared.push([this.unfit(fault, intake ? event.process : '', sources, now, item, name)]);
      } else if (event.contractVersion === undefined || event.contractVersion === contracts.get(event.type)?.version) {
        const held = withDigest(record, terms.of(event, intake), sources);
        prepared.push(this.candidates(record, held, masker, sources, item));
      } else {
        const held = withDigest(record, await this.heldToOlder(event, intake, contracts, sources), sources);
        prepared.push(await this.upcastCandidates(record, held, masker, sources, item));
      }
    }
    return prepared;
  }

  private async intakes(records: readonly ReadRecord[], fresh: boolean): Promise<Map<string, Intake>> {
    const ids = new Set(records.map(({ event }) => event.process));
    if (ids.size === 0) return new Map();
    return new Map(
      (await this.catalog.findProcesses([...ids], fresh)).map((process) => [process.id, this.intakeOf(process)]),
    );
  }

  private intakeOf(process: Process): Intake {
    let intake = this.known.get(process);
    if (!intake) this.known.set(process, (intake = intakeOf(process)));
    return intake;
  }

  /** The terms of an event that names a version of its contract which is not the newest. */
  private async heldToOlder(
    event: TrackingEvent,
    intake: Intake,
    contracts: Contracts,
    sources: Sources,
  ): Promise<Terms> {
    const { type, source, contractVersion: version = 0 } = event;
    const newest = contracts.get(type);
    const named = newest && version < newest.version ? await this.contracts.version(type, version) : undefined;
    if (newest && named)
      return sampled(
        event,
        intake.stages.get(event.stage)!.sampleRate,
        contractTerms(event, intake, named, newest),
        newest,
      );
    const policy = sources.get(source);
    const outcome =
      newest?.enforcement === 'quarantine' || policy?.invalidRecords === 'quarantine' ? 'quarantined' : 'rejected';
    const owner = newest ? stewardOf(newest) : (policy?.owner ?? '');
    return { ...NO_CONTRACT, intake, refusal: { outcome, rejection: UNKNOWN_VERSION }, owner };
  }

  /** Checked as it came, stored as the policy has it. */
  private candidates(
    record: ReadRecord,
    terms: Terms,
    masker: Masker | undefined,
    sources: Sources,
    item: QuarantinedItem | undefined,
  ): IntakeCandidate[] {
    const masked = maskRecord(record, masker, terms.contract);
    const held = masker ? { ...terms, personal: masked.personal } : terms;
    return this.byKey(masked.record, masked.record.values, held, sources, item);
  }

  /** What windows compare is read as the newest version of the contract has it. */
  private async upcastCandidates(
    record: ReadRecord,
    terms: Terms,
    masker: Masker | undefined,
    sources: Sources,
    item: QuarantinedItem | undefined,
  ): Promise<IntakeCandidate[]> {
    const masked = maskRecord(record, masker, terms.contract);
    const { contract, personal } = { ...terms, personal: masked.personal };
    const values = contract
      ? (await this.contracts.upcast(contract.type, contract.version, masked.record.values)).data
      : masked.record.values;
    return this.byKey(masked.record, values, { ...terms, personal }, sources, item);
  }

  /** A candidate for each key that the record is about. One that is refused stays whole. @param values as the newest version of its contract has them */
  private byKey(
    record: ReadRecord,
    values: ReadRecord['values'],
    terms: Terms,
    sources: Sources,
    item: QuarantinedItem | undefined,
  ): IntakeCandidate[] {
    const { event } = record;
    const { keys } = terms.intake.stages.get(event.stage)!;
    const whole = values === record.values ? record : { ...record, values };
    if (keys === undefined || terms.refusal) return [candidateOf(whole, this.hashes, terms, item)];
    const parts = partsByKey(record, values, keys);
    if (!Array.isArray(parts)) {
      const policy = sources.get(event.source);
      const outcome = policy?.invalidRecords === 'quarantine' ? 'quarantined' : 'rejected';
      const owner = terms.owner || (policy?.steward ?? policy?.owner ?? '');
      const refusal = { outcome, rejection: parts } as const;
      return [candidateOf(whole, this.hashes, { ...terms, owner, refusal }, item)];
    }
    return parts.map((part, index) => candidateOf(part, this.hashes, terms, index === 0 ? item : undefined));
  }

  /**
   * A record that is no event, or of no process: kept where its source wants that, and as long as it can be kept; else rejected.
   * @param name of one that says which event it is: it is the same when its process exists
   */
  private unfit(
    record: RejectedRecord,
    process: string,
    sources: Sources,
    now: Micros,
    item: QuarantinedItem | undefined,
    name?: { readonly identity: string; readonly attempt: number },
  ): Prepared {
    const { line, source, rejection } = record;
    const policy = sources.get(source);
    if (item)
      return { ...unreadableOf(record, this.hashes, '', now), leaving: { item: itemId(item), as: 'mended' }, item };
    return policy?.invalidRecords === 'quarantine' && record.bytes.length > 0
      ? { ...unreadableOf(record, this.hashes, policy.steward ?? policy.owner, now), ...name }
      : { line, source, process, rejection };
  }
}

const NO_ITEMS: ReadonlyMap<number, QuarantinedItem> = new Map();
const NO_CONTRACT = { contract: undefined, refusal: undefined, warning: undefined, owner: '' } as const;

/** The terms of events that name no version of their contract, or the newest: for those that break nothing, one object for each process and type. */
class TermsOf {
  private readonly whole = new Map<Intake, Map<string, Terms>>();

  constructor(private readonly contracts: Contracts) {}

  of(event: TrackingEvent, intake: Intake): Terms {
    const whole = this.wholeOf(event.type, intake);
    const { contract } = whole;
    const breach = contract?.firstBreach(event.data, event.attributes);
    const terms = contract && breach ? brokenTerms(breach, intake, contract, contract) : whole;
    return sampled(event, intake.stages.get(event.stage)!.sampleRate, terms);
  }

  private wholeOf(type: string, intake: Intake): Terms {
    let byType = this.whole.get(intake);
    if (!byType) this.whole.set(intake, (byType = new Map<string, Terms>()));
    let whole = byType.get(type);
    if (!whole) byType.set(type, (whole = { ...NO_CONTRACT, intake, contract: this.contracts.get(type) }));
    return whole;
  }
}

/** Errors, tests, probes, money and what breaks its contract are never left out. */
function sampled(event: TrackingEvent, rate: number, terms: Terms, newest = terms.contract): Terms {
  const { contract, refusal, warning } = terms;
  if (rate === 1 || refusal || warning || event.status !== 'ok' || event.test || event.synthetic) return terms;
  if (contract?.isOfMoney || newest?.isOfMoney) return terms;
  return isSampled(fractionOf(event.correlationId || event.key), rate)
    ? { ...terms, weight: weightOf(rate) }
    : { ...terms, refusal: SAMPLED_OUT };
}

const SAMPLED_OUT: Refusal = { outcome: 'sampledOut', rejection: undefined };

function contractTerms(event: TrackingEvent, intake: Intake, contract: ReadyContract, newest: ReadyContract): Terms {
  const breach = contract.firstBreach(event.data, event.attributes);
  return breach ? brokenTerms(breach, intake, contract, newest) : { ...NO_CONTRACT, intake, contract };
}

/** @param newest says what becomes of a record that breaks the version it names */
function brokenTerms(breach: Breach, intake: Intake, contract: ReadyContract, newest: ReadyContract): Terms {
  const rejection: Rejection = { code: 'contract_violation', ...breach };
  const owner = stewardOf(newest);
  if (newest.enforcement === 'warn') return { intake, contract, refusal: undefined, warning: rejection, owner };
  const outcome: Refusal['outcome'] = newest.enforcement === 'quarantine' ? 'quarantined' : 'rejected';
  return { intake, contract, refusal: { outcome, rejection }, warning: undefined, owner };
}

/**
 * Data that is not what its sender computed the digest of: stored with a note, or kept for a steward where its source wants that. What refuses it anyway goes
 * first; but it is never sampled out.
 */
function withDigest({ digestHolds, event }: ReadRecord, terms: Terms, sources: Sources): Terms {
  if (digestHolds || (terms.refusal && terms.refusal !== SAMPLED_OUT)) return terms;
  const policy = sources.get(event.source);
  return policy?.invalidRecords === 'quarantine'
    ? {
        ...terms,
        refusal: { outcome: 'quarantined', rejection: DIGEST_MISMATCH },
        owner: policy.steward ?? policy.owner,
      }
    : { ...terms, refusal: undefined, warning: DIGEST_MISMATCH, weight: 1 };
}
