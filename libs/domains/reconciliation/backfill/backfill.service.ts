import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { DomainError, invalid, type Micros, newId } from '@holdfast/kernel';
import { startOrJoin, temporalUnavailable } from '@holdfast/platform/temporal';
import { backfillWindows, stop } from '@holdfast/workflows/reconciliation/backfill-windows/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { type BackfillTerms, NO_PROGRESS, type RecordedBackfill } from '../core/backfill';
import { BackfillStore, LAST } from './backfill.store';

/** Has windows of the past opened and judged, many by one request. */
@Injectable()
export class BackfillService {
  constructor(
    private readonly temporal: Client,
    private readonly store: BackfillStore,
    private readonly catalog: CatalogService,
  ) {}

  /** @returns its id @throws DomainError `invalid` for a process that does not exist, or a span that is not over */
  async start(asked: Omit<BackfillTerms, 'backfill'>): Promise<string> {
    const now = Date.now() * 1000;
    if ((await this.catalog.findProcesses([asked.process])).length === 0)
      throw invalid('unknown_process', 'there is no such process', [{ field: 'process', reason: 'does not exist' }]);
    if (asked.to > now)
      throw invalid('invalid_value', 'a back-fill is of the past', [
        { field: 'to', reason: 'must not be later than now' },
      ]);
    const terms = { ...asked, backfill: newId() };
    await this.store.record({ ...terms, askedAt: now }, 0, 'running', NO_PROGRESS, now);
    await startOrJoin(this.temporal, backfillWindows, { ...terms, place: asked.from, ...BEGINNING });
    return terms.backfill;
  }

  /** As far as it is recorded. @throws DomainError `not_found` */
  async get(id: string): Promise<RecordedBackfill> {
    const found = await this.store.find(id);
    if (!found) throw new DomainError('not_found', 'backfill_not_found', 'there is no such back-fill');
    return found;
  }

  list(process: string, beforeAt: Micros, beforeId: string, limit: number): Promise<RecordedBackfill[]> {
    return this.store.list(process, beforeAt, beforeId, limit);
  }

  /** Opens no further windows; those that are open go on. One that has ended stays as it is. @throws DomainError `not_found` */
  async stop(id: string): Promise<RecordedBackfill> {
    const found = await this.get(id);
    if (found.state !== 'running') return found;
    try {
      const workflowId = backfillWindows.id({ ...found, place: found.from, ...BEGINNING });
      await this.temporal.workflow.getHandle(workflowId).signal(stop);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw temporalUnavailable(error);
      // It has ended meanwhile, or was never begun.
      const last = await this.get(id);
      if (last.state === 'running') await this.store.record(last, LAST, 'stopped', last, Date.now() * 1000);
    }
    return this.get(id);
  }
}

const BEGINNING = { underWay: [], progress: NO_PROGRESS, seq: 0 } as const;
