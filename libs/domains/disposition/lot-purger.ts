import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ArchiveWriter } from '@holdfast/domains/archives/archive-writer.service';
import { DeletionGuardService } from '@holdfast/domains/holds/deletion-guard.service';
import { PartitionPurgeService } from '@holdfast/domains/holds/partition-purge.service';
import { startsOf } from '@holdfast/domains/retention/core/policy';
import { RetentionPolicyService } from '@holdfast/domains/retention/retention-policy.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { namesOf, TIER_OF } from './core/lot';
import { LotArchiver } from './lot-archiver';
import { LotRowStore, type RowsOfLot } from './lot-row.store';
import { type NewOutcome, type PlannedLot, RunStore, type StoredPlan } from './run.store';

const LOOK_AGAIN_MS = 500;
/** How long the objects of an archive may take to be removed, in seconds. */
const EXPIRE_SECONDS = 120;

type Became = Omit<NewOutcome, 'run' | 'lot'>;

/** Deletes what a plan says, lot by lot, and nothing that is held or is not what was planned. */
@Injectable()
export class LotPurger {
  constructor(
    private readonly runs: RunStore,
    private readonly rows: LotRowStore,
    private readonly policies: RetentionPolicyService,
    private readonly purger: PartitionPurgeService,
    private readonly guard: DeletionGuardService,
    private readonly archiver: LotArchiver,
    private readonly writer: ArchiveWriter,
  ) {}

  /** The next lot behind `after`. @returns what became of it; nothing where there is none any more */
  async purge(run: string, after: string, at: Micros, beat: () => void) {
    const { plan, lot, isLast } = await this.next(run, after);
    if (!plan || !lot) return { rows: 0, left: 0, next: null };
    const known = (await this.runs.outcomes(run)).find((one) => one.lot === lot.lot);
    const isOver = known !== undefined && known.state !== 'begun';
    const outcome = isOver ? known : { ...(await this.outcomeOf(run, plan, lot, at, beat)), run, lot: lot.lot };
    if (!isOver) await this.runs.keepOutcome(outcome as NewOutcome, at);
    if (outcome.state === 'purged') await this.runs.forgetSample(plan.plan, lot);
    const left = outcome.state === 'left' ? 1 : 0;
    return { rows: outcome.rows ?? 0, left, next: isLast ? null : String(lot.lot) };
  }

  private async outcomeOf(
    run: string,
    plan: StoredPlan,
    lot: PlannedLot,
    at: Micros,
    beat: () => void,
  ): Promise<Became> {
    if (lot.kind === 'expire') return this.expire(lot, at);
    const gone = await this.alreadyGone(run, plan, lot);
    if (gone) return gone;
    const policies = await this.policies.every();
    if (namesOf(policies).join() !== plan.policies.join()) return { state: 'left', fault: 'policies_changed' };
    const fault = lot.kind === 'archive' ? await this.archiver.secure(plan, lot, beat) : '';
    if (fault !== '') return { state: 'left', fault };
    const rows = { plan: plan.plan, partition: lot.partition, tier: TIER_OF[lot.kind], starts: startsOf(policies) };
    await this.rows.rememberStarts(rows);
    await this.runs.keepOutcome({ run, lot: lot.lot, state: 'begun' }, at);
    try {
      const purged = await this.purger.purge(
        { id: lot.partition, class: lot.class },
        (stage, held) => this.rows.keepStaying(rows, held, stage),
        lot.total,
      );
      return { state: 'purged', ...purged };
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'conflict') throw error;
      return (await this.alreadyGone(run, plan, lot)) ?? { state: 'left', fault: error.code };
    }
  }

  /** An earlier try of this run may have deleted it and died before it could say so: then nothing that goes is there, and less than was planned. */
  private async alreadyGone(run: string, plan: StoredPlan, lot: PlannedLot): Promise<Became | undefined> {
    const known = (await this.runs.outcomes(run)).find((one) => one.lot === lot.lot);
    if (known?.state !== 'begun') return undefined;
    const { rows: kept } = await this.rows.parts(lot.partition);
    if (kept >= lot.total) return undefined;
    const held = await this.purger.find({ id: lot.partition, class: lot.class });
    const left = await this.rows.count(await this.rowsOf(plan, lot), held);
    if (left.rows > 0) return undefined;
    return { state: 'purged', rows: lot.total - kept, kept, held: left.held, holds: held.holds.versions };
  }

  /** An archive whose time is over, unless a hold may be for what is in it. One that was begun is carried to its end. */
  private async expire(lot: PlannedLot, at: Micros): Promise<Became> {
    const gone: Became = { state: 'purged', rows: lot.rows };
    if (await this.writer.isDiscarded(lot.partition)) {
      await this.writer.discard(lot.partition, at);
      return gone;
    }
    const { mayHold, ...holds } = await this.guard.known(lot.class);
    if (mayHold) return { state: 'left', fault: 'archive_held' };
    const { intent } = this.guard.newIntent();
    const deletion = { intent, table: 'archives', partition: lot.partition, class: lot.class, seconds: EXPIRE_SECONDS };
    try {
      await this.guard.run(deletion, async (now) => {
        await now.mustStillBe(holds, lot.class);
        await this.writer.discard(lot.partition, at, now.signal);
        return { rows: lot.rows };
      });
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'conflict') return { state: 'left', fault: error.code };
      throw error;
    }
    return { ...gone, holds: holds.versions };
  }

  /** What was found out about records that went for good, lot by lot. */
  async purgeRelated(run: string, after: string, at: Micros) {
    const { plan, lot, isLast } = await this.next(run, after);
    if (!plan || !lot) return { rows: 0, next: null };
    const next = isLast ? null : String(lot.lot);
    const outcome = (await this.runs.outcomes(run)).find((one) => one.lot === lot.lot);
    if (lot.kind !== 'dispose' || outcome?.state !== 'purged') return { rows: 0, next };
    // What a hold may be for stays, and what is said of records that an archive still has.
    if ((await this.guard.known(lot.class)).mayHold || (await this.writer.hasAnyOf(lot.class, lot.period)))
      return { rows: 0, next };
    const processes = await this.rows.processes(await this.rowsOf(plan, lot));
    const span = spanOf(lot.period);
    const rows = await this.rows.countRelated(processes, span);
    if (rows > 0) {
      const { fault: _, isProved: __, at: ___, ...known } = outcome;
      await this.runs.keepOutcome({ ...known, run, state: 'purged', related: rows }, at);
      await this.rows.deleteRelated(processes, span);
    }
    await this.rows.forgetStarts(processes);
    return { rows, next };
  }

  /** Waits until the engine has removed the files of a lot's partition. One that has more rows than the purge left is not proved: the certificate says so. */
  async prove(run: string, after: string, at: Micros, beat: () => void) {
    const { lot, isLast } = await this.next(run, after);
    if (!lot) return { parts: 0, next: null };
    const next = isLast ? null : String(lot.lot);
    const outcome = (await this.runs.outcomes(run)).find((one) => one.lot === lot.lot);
    if (outcome?.state !== 'purged' || lot.kind === 'expire') return { parts: 0, next };
    for (;;) {
      beat();
      await this.rows.removeLeftovers();
      const { rows, leftovers, mutations, parts } = await this.rows.parts(lot.partition);
      if (rows > outcome.kept) return { parts: 0, next };
      if (leftovers === 0 && mutations === 0) {
        await this.runs.keepOutcome({ run, lot: lot.lot, state: 'proved' }, at);
        return { parts, next };
      }
      await pause(LOOK_AGAIN_MS);
    }
  }

  private async next(run: string, after: string) {
    const plan = await this.runs.plan(run);
    const [lot, ...others] = plan ? (await this.runs.lots(plan.plan)).filter((one) => one.lot > Number(after)) : [];
    return { plan, lot, isLast: others.length === 0 };
  }

  private async rowsOf({ plan }: StoredPlan, { kind, partition }: PlannedLot): Promise<RowsOfLot> {
    const starts = startsOf(await this.policies.every());
    return { plan, partition, tier: TIER_OF[kind as 'archive' | 'dispose'], starts };
  }
}

/** A month of receipt. */
function spanOf(period: string): { readonly from: Micros; readonly to: Micros } {
  const [year, month] = [Number(period.slice(0, 4)), Number(period.slice(4))];
  return { from: Date.UTC(year, month - 1, 1) * 1000, to: Date.UTC(year, month, 1) * 1000 };
}
