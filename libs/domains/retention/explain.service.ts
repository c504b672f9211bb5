import { Injectable } from '@nestjs/common';
import { HoldService } from '@holdfast/domains/holds/hold.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { dateOf, type Day, dayOf } from './core/period';
import { type NamedPolicy, startsOf } from './core/policy';
import { type Claim, decide, type KeptRecord, tierOn } from './core/precedence';
import { ProcessTraits } from './process-traits';
import { RecordGroupStore } from './record-group.store';
import { RetentionPolicyService } from './retention-policy.service';

/** Records that are told at once. */
const MOST = 100;

/** A record that is asked about: one that is there, or one that is made up. */
interface AskedRecord extends KeptRecord {
  readonly id?: string;
  readonly key?: string;
  readonly stage?: string;
}

/** Says of any record which rule decides what becomes of it, which policies lost, and when it goes. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly policies: RetentionPolicyService,
    private readonly store: RecordGroupStore,
    private readonly traits: ProcessTraits,
    private readonly holds: HoldService,
  ) {}

  /** A record by what is known of it; no hold is asked, since it has no key. */
  async explainTraits(record: KeptRecord, at: Micros) {
    const policies = await this.policies.every();
    const [complete] = await this.traits.complete([record]);
    return { items: [answerOf(complete!, policies, [], dayOf(at))], cut: false };
  }

  /** Records of a process by id, by key, or both ('': any). @throws DomainError `not_found` */
  async explainRecords(process: string, id: string, key: string, at: Micros) {
    const policies = await this.policies.every();
    const found = await this.store.records(process, id, key, startsOf(policies), MOST + 1);
    if (found.length === 0) throw new DomainError('not_found', 'record_not_found', 'there is no such record');
    const records = await this.traits.complete(found.slice(0, MOST));
    const keys = [...new Set(records.map((one) => one.key))];
    const held = new Map(
      await Promise.all(keys.map(async (one) => [one, await this.holds.holdsOfKey(process, one)] as const)),
    );
    return {
      items: records.map((record) => answerOf(record, policies, held.get(record.key)!, dayOf(at))),
      cut: found.length > MOST,
    };
  }
}

function answerOf(record: AskedRecord, policies: readonly NamedPolicy[], holds: readonly string[], today: Day) {
  const verdict = decide(record, policies, holds);
  return {
    record: {
      process: record.process,
      key: record.key ?? null,
      id: record.id ?? null,
      stage: record.stage ?? null,
      class: record.class,
      categories: record.categories,
      severity: record.severity || null,
      environment: record.environment || null,
      region: record.region || null,
      receivedOn: dateOf(record.receivedOn),
    },
    rule: verdict.rule,
    holds: verdict.holds,
    winner: verdict.winner ? claimAnswer(verdict.winner) : null,
    lost: verdict.lost.map(({ claim, to }) => ({ ...claimAnswer(claim), to })),
    tier: tierOn(today, record, verdict, policies),
    goesOn: dateOrNull(verdict.goesOn),
    goesOnWithoutHolds: dateOrNull(verdict.withoutHolds),
  };
}

const dateOrNull = (day: Day | undefined): string | null =>
  day === undefined || !Number.isFinite(day) ? null : dateOf(day);
const claimAnswer = ({ day, waitsFor, ...claim }: Claim) => ({
  ...claim,
  until: dateOrNull(day),
  waitsFor: waitsFor ?? null,
});
