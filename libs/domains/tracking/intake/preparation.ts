import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { SourceDefinition } from '@holdfast/domains/catalog/core/source';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import { ContractsService, type ReadyContract } from '@holdfast/domains/contracts/contracts.service';
import { stewardOf } from '@holdfast/domains/contracts/core/contract';
import type { Refusal } from '../core/decide';
import type { Rejection, TrackingEvent } from '../core/event';
import { itemId, type QuarantinedItem } from '../core/quarantine';
import { candidateOf, type Intake, intakeOf, type Terms, unreadableOf } from './candidate';
import type { Prepared } from './committer';
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

/** Holds records to what is known of them: their process, their source, the contract of their type. */
@Injectable()
export class IntakePreparation {
  constructor(
    private readonly catalog: CatalogService,
    private readonly sources: SourceService,
    private readonly contracts: ContractsService,
  ) {}

  /**
   * What each record is to be decided as. That a process or stage is unknown is asked of the store before it is believed.
   * @param items quarantined records that the records mend, by line
   */
  async of(
    records: readonly (ReadRecord | RejectedRecord)[],
    now: Micros,
    items: ReadonlyMap<number, QuarantinedItem> = NO_ITEMS,
  ): Promise<Prepared[]> {
    const read = records.filter((record): record is ReadRecord => !wasRejected(record));
    const [intakes, sources, contracts] = await Promise.all([
      this.intakes(read, false),
      this.sources.current(),
      this.contracts.current(),
    ]);
    const unsure = read.filter(({ event }) => intakes.get(event.process)?.stages.has(event.stage) === false);
    for (const [id, intake] of await this.intakes(unsure, true)) intakes.set(id, intake);
    const terms = new TermsOf(contracts);
    const prepared: Prepared[] = [];
    for (const record of records) {
      const item = items.get(record.line);
      if (wasRejected(record)) {
        prepared.push(unfit(record, '', sources, now, item));
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
        prepared.push(unfit(fault, intake ? event.process : '', sources, now, item));
      } else if (event.contractVersion === undefined || event.contractVersion === contracts.get(event.type)?.version) {
        prepared.push(candidateOf(record, withDigest(record, terms.of(event, intake), sources), item));
      } else {
        const [held, older] = await this.heldToOlder(record, intake, contracts, sources);
        prepared.push(candidateOf(held, withDigest(record, older, sources), item));
      }
    }
    return prepared;
  }

  private async intakes(records: readonly ReadRecord[], fresh: boolean): Promise<Map<string, Intake>> {
    const ids = new Set(records.map(({ event }) => event.process));
    if (ids.size === 0) return new Map();
    return new Map((await this.catalog.findProcesses(ids, fresh)).map((process) => [process.id, intakeOf(process)]));
  }

  /** A record that names a version of its contract which is not the newest. */
  private async heldToOlder(
    record: ReadRecord,
    intake: Intake,
    contracts: Contracts,
    sources: Sources,
  ): Promise<[ReadRecord, Terms]> {
    const { type, source, contractVersion: version = 0 } = record.event;
    const newest = contracts.get(type);
    const named = newest && version < newest.version ? await this.contracts.version(type, version) : undefined;
    if (!newest || !named) {
      const policy = sources.get(source);
      const outcome =
        newest?.enforcement === 'quarantine' || policy?.invalidRecords === 'quarantine' ? 'quarantined' : 'rejected';
      const owner = newest ? stewardOf(newest) : (policy?.owner ?? '');
      return [record, { ...NO_CONTRACT, intake, refusal: { outcome, rejection: UNKNOWN_VERSION }, owner }];
    }
    // What windows compare is read as the newest version has it.
    const { data: values } = await this.contracts.upcast(type, version, record.values);
    return [{ ...record, values }, contractTerms(record.event, intake, named, newest)];
  }
}

const NO_ITEMS: ReadonlyMap<number, QuarantinedItem> = new Map();
const NO_CONTRACT = { contract: undefined, refusal: undefined, warning: undefined, owner: '' } as const;

/** The terms of events that name no version of their contract, or the newest; of those without a contract, the same object for a process. */
class TermsOf {
  private readonly free = new Map<Intake, Terms>();

  constructor(private readonly contracts: Contracts) {}

  of(event: TrackingEvent, intake: Intake): Terms {
    const contract = this.contracts.get(event.type);
    if (contract) return contractTerms(event, intake, contract, contract);
    let free = this.free.get(intake);
    if (!free) this.free.set(intake, (free = { ...NO_CONTRACT, intake }));
    return free;
  }
}

/** @param newest says what becomes of a record that breaks the version it names */
function contractTerms(event: TrackingEvent, intake: Intake, contract: ReadyContract, newest: ReadyContract): Terms {
  const breach = contract.firstBreach(event.data, event.attributes);
  if (!breach) return { ...NO_CONTRACT, intake, contract };
  const rejection: Rejection = { code: 'contract_violation', ...breach };
  const owner = stewardOf(newest);
  if (newest.enforcement === 'warn') return { intake, contract, refusal: undefined, warning: rejection, owner };
  const outcome: Refusal['outcome'] = newest.enforcement === 'quarantine' ? 'quarantined' : 'rejected';
  return { intake, contract, refusal: { outcome, rejection }, warning: undefined, owner };
}

/** Data that is not what its sender computed the digest of: stored with a note, or kept for a steward where its source wants that. What refuses it anyway goes first. */
function withDigest({ digestHolds, event }: ReadRecord, terms: Terms, sources: Sources): Terms {
  if (digestHolds || terms.refusal) return terms;
  const policy = sources.get(event.source);
  return policy?.invalidRecords === 'quarantine'
    ? {
        ...terms,
        refusal: { outcome: 'quarantined', rejection: DIGEST_MISMATCH },
        owner: policy.steward ?? policy.owner,
      }
    : { ...terms, warning: DIGEST_MISMATCH };
}

/** A record that is no event, or of no process: kept where its source wants that, and as long as it can be kept; else rejected. */
function unfit(
  record: RejectedRecord,
  process: string,
  sources: Sources,
  now: Micros,
  item: QuarantinedItem | undefined,
): Prepared {
  const { line, source, rejection } = record;
  const policy = sources.get(source);
  if (item) return { ...unreadableOf(record, '', now), leaving: { item: itemId(item), as: 'mended' }, item };
  return policy?.invalidRecords === 'quarantine' && record.bytes.length > 0
    ? unreadableOf(record, policy.steward ?? policy.owner, now)
    : { line, source, process, rejection };
}
