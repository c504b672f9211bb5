import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ArchiveWriter } from '@holdfast/domains/archives/archive-writer.service';
import { DeletionGuardService } from '@holdfast/domains/holds/deletion-guard.service';
import { PartitionPurgeService } from '@holdfast/domains/holds/partition-purge.service';
import { type StartEvent, startsOf } from '@holdfast/domains/retention/core/policy';
import { RetentionPolicyService } from '@holdfast/domains/retention/retention-policy.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { TIER_OF } from './core/lot';
import { LotArchiver } from './lot-archiver';
import { LotRowStore, type RowsOfLot } from './lot-row.store';
import { type NewOutcome, type PlannedLot, RunStore, type StoredPlan } from './run.store';

const LOOK_AGAIN_MS = 500;
/** How long the objects of an archive may take to be removed, in seconds. */
const EXPIRE_SECONDS = 120;

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
    const outcome = known ?? (await this.outcomeOf(run, plan, lot, at, beat));
    if (!known) await this.runs.keepOutcome(outcome as NewOutcome, at);
    const left = outcome.state === 'left' ? 1 : 0;
    return { rows: outcome.rows ?? 0, left, next: isLast ? null : String(lot.lot) };
  }

  private async outcomeOf(
    run: string,
    plan: StoredPlan,
    lot: PlannedLot,
    at: Micros,
    beat: () => void,
  ): Promise<NewOutcome> {
    const of = { run, lot: lot.lot };
    if (lot.kind === 'expire') return { ...of, ...(await this.expire(lot, at)) };
    const gone = await this.alreadyGone(plan, lot);
    if (gone) return { ...of, state: 'purged', ...gone };
    if (lot.kind === 'archive') {
      const fault = await this.archiver.secure(plan, lot, beat);
      if (fault !== '') return { ...of, state: 'left', fault };
    }
    const rows = await this.rowsOf(plan, lot);
    try {
      const purged = await this.purger.purge(
        { id: lot.partition, class: lot.class },
        (stage, held) => this.rows.keepStaying(rows, held, stage),
        lot.total,
      );
      return { ...of, state: 'purged', ...purged };
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'conflict') return { ...of, state: 'left', fault: error.code };
      throw error;
    }
  }

  /** An earlier try may have deleted it and died before it could say so: then nothing that goes is there, and less than was planned. */
  private async alreadyGone(plan: StoredPlan, lot: PlannedLot) {
    const { rows: kept } = await this.rows.parts(lot.partition);
    if (kept >= lot.total) return undefined;
    const held = await this.purger.find({ id: lot.partition, class: lot.class });
    const left = await this.rows.count(await this.rowsOf(plan, lot), held);
    return left.rows === 0 ? { rows: lot.total - kept, kept } : undefined;
  }

  /** An archive whose time is over, unless a hold may be for what is in it. */
  private async expire(lot: PlannedLot, at: Micros): Promise<Omit<NewOutcome, 'run' | 'lot'>> {
    const { mayHold, ...holds } = await this.guard.known(lot.class);
    if (mayHold) return { state: 'left', fault: 'archive_held' };
    const { intent } = this.guard.newIntent();
    const deletion = { intent, table: 'archives', partition: lot.partition, class: lot.class, seconds: EXPIRE_SECONDS };
    try {
      await this.guard.run(deletion, async (now) => {
        await now.mustStillBe(holds, lot.class);
        await this.writer.discard(lot.partition, at);
        return { rows: lot.rows };
      });
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'conflict') return { state: 'left', fault: error.code };
      throw error;
    }
    return { state: 'purged', rows: lot.rows };
  }

  /** What was found out about records that went for good, lot by lot. */
  async purgeRelated(run: string, after: string, at: Micros) {
    const { plan, lot, isLast } = await this.next(run, after);
    if (!plan || !lot) return { rows: 0, next: null };
    const next = isLast ? null : String(lot.lot);
    const outcome = (await this.runs.outcomes(run)).find((one) => one.lot === lot.lot);
    if (lot.kind !== 'dispose' || outcome?.state !== 'purged' || outcome.related > 0) return { rows: 0, next };
    const processes = await this.rows.processes(await this.rowsOf(plan, lot));
    const rows = await this.rows.deleteRelated(processes, endOf(lot.period));
    if (rows > 0)
      await this.runs.keepOutcome(
        { run, lot: lot.lot, state: 'purged', rows: outcome.rows, kept: outcome.kept, related: rows },
        at,
      );
    return { rows, next };
  }

  /** Waits until the engine has removed the files of a lot's partition. @throws DomainError `conflict` when rows are there that were to go */
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
      if (rows > outcome.kept)
        throw new DomainError('conflict', 'rows_are_back', 'a partition has more rows than the purge has left');
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
    const starts: StartEvent[] = startsOf(await this.policies.every());
    return { plan, partition, tier: TIER_OF[kind as 'archive' | 'dispose'], starts };
  }
}

/** When a month of receipt ends. */
function endOf(period: string): Micros {
  return Date.UTC(Number(period.slice(0, 4)), Number(period.slice(4)), 1) * 1000;
}
