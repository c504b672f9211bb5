import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { WindowTerms } from '@holdfast/domains/catalog/core/process';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { DocumentSchedules, Repeated } from '@holdfast/platform/temporal';
import { openDueWindows } from '@holdfast/workflows/reconciliation/open-due-windows/contract';
import { Client } from '@temporalio/client';
import { FollowUp } from './follow-up';

const SCHEDULES_EVERY_MS = 10_000;

/** How often it is looked what is due: a look that finds nothing is one query. Batches end, and days of a calendar begin, at any time. */
const secondsBetween = ({ seconds, every, opensOn }: WindowTerms): number => (opensOn ? 30 : (every ?? seconds ?? 300));

/**
 * What has to be looked at again and again, in the worker: whether events arrived for windows that were judged, and whether every process that wants it has its
 * Schedule. Both compare what is with what should be, so that a crash at any point costs a round and nothing else.
 */
@Injectable()
export class ReconciliationUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ReconciliationUpkeep.name);
  private readonly tasks: Repeated[];

  constructor(
    followUp: FollowUp,
    catalog: CatalogService,
    temporal: Client,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    const schedules = new DocumentSchedules(
      temporal,
      openDueWindows,
      (after, limit) => catalog.processes(after, limit),
      ({ window }) =>
        window.scheduled ? { everySeconds: secondsBetween(window), catchupWindow: '1 year' } : undefined,
      this.log,
    );
    this.tasks = [
      new Repeated(configuration.HOLDFAST_LATE_EVENTS_EVERY_MS, () => followUp.round(Date.now() * 1000), this.log),
      new Repeated(SCHEDULES_EVERY_MS, () => schedules.match(), this.log),
    ];
  }

  onApplicationBootstrap(): void {
    for (const task of this.tasks) task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.stop()));
  }
}
