import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ArchiveWriter } from '@holdfast/domains/archives/archive-writer.service';
import { DeletionGuardService } from '@holdfast/domains/holds/deletion-guard.service';
import { PartitionPurgeService } from '@holdfast/domains/holds/partition-purge.service';
import { type Day, dayOf } from '@holdfast/domains/retention/core/period';
import { type NamedPolicy, type StartEvent, startsOf } from '@holdfast/domains/retention/core/policy';
import { RecordTierService } from '@holdfast/domains/retention/record-tier.service';
import { RetentionPolicyService } from '@holdfast/domains/retention/retention-policy.service';
import { newId, type Micros } from '@holdfast/kernel';
import { mustBeKept } from './core/archive-expiry';
import { isOver, type Lot, type LotKind, namesOf, PartitionSums, periodOf, TIER_OF } from './core/lot';
import { LotRowStore } from './lot-row.store';
import { type PlannedLot, RunStore, type StoredPlan } from './run.store';

const SAMPLE = 5;
const DAY: Micros = 86_400_000_000;

/** Finds what is due, and what goes to the archive. */
@Injectable()
export class RetentionPlanner {
  constructor(
    private readonly policies: RetentionPolicyService,
    private readonly tiers: RecordTierService,
    private readonly guard: DeletionGuardService,
    private readonly purger: PartitionPurgeService,
    private readonly archives: ArchiveWriter,
    private readonly rows: LotRowStore,
    private readonly runs: RunStore,
  ) {}

  /** Counts, and keeps what was found as the plan of the run. */
  async plan(run: string, at: Micros, beat: () => void): Promise<{ plan: StoredPlan; lots: readonly PlannedLot[] }> {
    const found = await this.find(dayOf(at), at, beat);
    await this.runs.keepPlan(run, found.plan, found.lots);
    return found;
  }

  /** Whether what was planned still is what there is to do, policies, holds and records being as they are now. */
  async isCurrent(run: string, at: Micros, beat: () => void): Promise<boolean> {
    const known = await this.runs.plan(run);
    return known !== undefined && (await this.find(known.asOf, at, beat)).plan.digest === known.digest;
  }

  private async find(asOf: Day, at: Micros, beat: () => void) {
    const holds = await this.guard.standing(); // before anything is counted: at worst it is counted again
    const policies = await this.policies.every();
    const starts = startsOf(policies);
    const month = new Date(at / 1000).toISOString().slice(0, 7);
    const plan = `${month}-${newId()}`;
    const sums = await this.sumsOf(plan, asOf, policies, starts, beat);
    const lots: PlannedLot[] = [];
    for (const [partition, { sum, class: of }] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
      beat();
      const lot = await this.lotOf({ plan, starts, partition, class: of, sum });
      if (lot) lots.push({ ...lot, lot: lots.length + 1 });
    }
    for (const archive of await this.archives.expired(asOf * DAY)) {
      if (mustBeKept(archive, policies, asOf)) continue;
      lots.push({
        ...{ lot: lots.length + 1, kind: 'expire', partition: archive.archive, class: archive.class },
        ...{ period: archive.period, total: archive.rows, rows: archive.rows, bytes: archive.sealedBytes, held: 0 },
        policies: archive.policy === '' ? [] : archive.policy.split('+'),
        ...{ retainUntil: archive.retainUntil, sample: [] },
      });
    }
    const named = namesOf(policies);
    const digest = digestOf({ asOf, policies: named, holds, lots });
    return { plan: { plan, asOf, digest, policies: named, holds, plannedAt: at }, lots };
  }

  /** What each partition has, by tier; groups that are to go are kept, so that their rows are found again. */
  private async sumsOf(
    plan: string,
    asOf: Day,
    policies: readonly NamedPolicy[],
    starts: readonly StartEvent[],
    beat: () => void,
  ) {
    const sums = new Map<string, { readonly class: string; readonly sum: PartitionSums }>();
    for await (const batch of this.tiers.groups(policies, asOf)) {
      beat();
      const over = batch.filter(({ group }) => isOver(periodOf(group.partition), asOf));
      for (const { group, tier, followed, goesOn } of over) {
        const known = sums.get(group.partition) ?? { class: group.class, sum: new PartitionSums() };
        sums.set(group.partition, known);
        known.sum.add(tier, group, followed, goesOn);
      }
      const going = over.filter(({ tier }) => tier === 'due' || tier === 'archive');
      if (going.length > 0) await this.rows.keepGroups(plan, starts, going);
    }
    return sums;
  }

  /** What is due goes first: an archive of it would keep what has to go. */
  private async lotOf(of: {
    readonly plan: string;
    readonly starts: readonly StartEvent[];
    readonly partition: string;
    readonly class: string;
    readonly sum: PartitionSums;
  }): Promise<Omit<PlannedLot, 'lot'> | undefined> {
    const { plan, starts, partition, sum } = of;
    const kinds: Exclude<LotKind, 'expire'>[] = this.archives.isConfigured ? ['dispose', 'archive'] : ['dispose'];
    if (!kinds.some((kind) => sum.has(TIER_OF[kind]))) return undefined;
    const held = await this.purger.find({ id: partition, class: of.class });
    for (const kind of kinds) {
      const tier = TIER_OF[kind];
      if (!sum.has(tier)) continue;
      // An archive has all rows of its partition: none of them may have to go before the others.
      if (kind === 'archive' && (sum.has('hot') || sum.has('cold'))) continue;
      const rows = { plan, partition, tier, starts };
      const counted = await this.rows.count(rows, held);
      if (counted.rows === 0) continue;
      return {
        ...{ kind, partition, class: of.class, period: periodOf(partition), total: sum.total, ...counted },
        policies: sum.policiesOf(tier),
        retainUntil: kind === 'archive' ? sum.retainUntil : 0,
        sample: await this.rows.sample(rows, held, SAMPLE),
      };
    }
    return undefined;
  }
}

/** What names a plan: whoever approves it approves this, and nothing that it becomes later. */
function digestOf(plan: {
  readonly asOf: Day;
  readonly policies: readonly string[];
  readonly holds: string;
  readonly lots: readonly Lot[];
}): string {
  const lots = plan.lots.map(({ lot, kind, partition, total, rows, bytes, held, retainUntil }) => [
    ...[lot, kind, partition, total, rows, bytes, held, retainUntil],
  ]);
  return createHash('sha256')
    .update(JSON.stringify([plan.asOf, plan.policies, plan.holds, lots]))
    .digest('hex');
}
