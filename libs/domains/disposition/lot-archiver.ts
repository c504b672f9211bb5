import { Injectable } from '@nestjs/common';
import { ArchiveVerifier, type Progress } from '@holdfast/domains/archives/archive-verifier.service';
import { ArchiveWriter } from '@holdfast/domains/archives/archive-writer.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { type PlannedLot, RunStore, type StoredPlan } from './run.store';

/** Names the archive of a lot: the same for every try, another one after each new plan. */
export const archiveOf = ({ plan }: Pick<StoredPlan, 'plan'>, lot: Pick<PlannedLot, 'class' | 'period'>): string =>
  `${lot.class}-${lot.period}-${plan}`;

/** What has to be in the archive before it may go. */
@Injectable()
export class LotArchiver {
  constructor(
    private readonly runs: RunStore,
    private readonly writer: ArchiveWriter,
    private readonly verifier: ArchiveVerifier,
  ) {}

  /**
   * Writes the next object: behind `after`, which is `<lot>/<object>`.
   * @returns rows and bytes that it took, and where it ended; null: every archive of the plan is written
   */
  async write(run: string, requestedBy: string, after: string, at: Micros, signal?: AbortSignal) {
    const plan = await this.existing(run);
    const [lastLot = 0, lastObject = -1] = after === '' ? [] : after.split('/').map(Number);
    const lots = (await this.runs.lots(plan.plan)).filter(({ kind, lot }) => kind === 'archive' && lot >= lastLot);
    const [lot] = lots;
    if (!lot) return { rows: 0, bytes: 0, next: null };
    const archive = archiveOf(plan, lot);
    const objects = await this.writer.plan(
      {
        ...{ archive, class: lot.class, period: lot.period, policy: lot.policies.join('+'), policyVersion: 0 },
        ...{ retainUntil: lot.retainUntil, requestedBy },
      },
      at,
    );
    const number = lot.lot === lastLot ? lastObject + 1 : 0;
    if (number >= objects) {
      await this.writer.finish(archive, at);
      return { rows: 0, bytes: 0, next: lots.length > 1 ? `${lot.lot + 1}/-1` : null };
    }
    const { rows, sealedBytes } = await this.writer.writeObject(archive, number, at, signal);
    return { rows, bytes: sealedBytes, next: `${lot.lot}/${number}` };
  }

  /**
   * Reads the archive of the next lot back, and compares it with the records once more.
   * @returns its rows, and its lot; null where there is none any more
   * @throws DomainError `conflict` with the fault as its code: what it was written for must not go
   */
  async verify(run: string, after: string, at: Micros, progress: Progress, signal?: AbortSignal) {
    const plan = await this.existing(run);
    const [lot, ...others] = (await this.runs.lots(plan.plan)).filter(
      (one) => one.kind === 'archive' && one.lot > Number(after),
    );
    if (!lot) return { rows: 0, next: null };
    const archive = archiveOf(plan, lot);
    const found = await this.verifier.verify(archive, progress, signal);
    const fault = found.fault === '' ? await this.sourceFault(archive, lot, progress) : found.fault;
    await this.verifier.settle(archive, found.fault, at);
    if (fault !== '')
      throw new DomainError('conflict', fault, 'the archive is not what was to be archived: nothing is deleted');
    return { rows: found.rows, next: others.length > 0 ? String(lot.lot) : null };
  }

  /**
   * Whether a lot is in an archive that was verified and can still be opened, and its records are still those; from then on the store keeps it.
   * @returns the fault; '' for none
   */
  async secure(plan: StoredPlan, lot: PlannedLot, progress: Progress): Promise<string> {
    const archive = archiveOf(plan, lot);
    const fault = (await this.verifier.faultNow(archive)) || (await this.sourceFault(archive, lot, progress));
    if (fault !== '') return fault;
    try {
      await this.writer.lock(archive);
      return '';
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'conflict') return error.code;
      throw error;
    }
  }

  /** Every row of the partition, not only what the archive was cut from. */
  private async sourceFault(archive: string, lot: PlannedLot, progress: Progress): Promise<string> {
    const { fault, rows } = await this.verifier.compareSource(archive, progress);
    return fault === '' && rows !== lot.total ? 'source_changed' : fault;
  }

  /** Takes the archives of a plan away of which nothing was deleted. What the store keeps by its lock stays until that is over. */
  async discard(run: string, at: Micros): Promise<number> {
    const plan = await this.runs.plan(run);
    if (!plan) return 0;
    const lots = (await this.runs.lots(plan.plan)).filter(({ kind }) => kind === 'archive');
    let discarded = 0;
    for (const lot of lots)
      try {
        await this.writer.discard(archiveOf(plan, lot), at);
        discarded += 1;
      } catch (error) {
        if (!(error instanceof DomainError) || error.kind !== 'conflict') throw error;
      }
    return discarded;
  }

  private async existing(run: string): Promise<StoredPlan> {
    const plan = await this.runs.plan(run);
    if (!plan) throw new DomainError('not_found', 'retention_run_not_found', 'there is no such run');
    return plan;
  }
}
