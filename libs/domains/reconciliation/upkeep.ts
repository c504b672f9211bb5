import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Process, WindowTerms } from '@holdfast/domains/catalog/core/process';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { openDueWindows } from '@holdfast/workflows/reconciliation/open-due-windows/contract';
import { Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { FollowUp } from './follow-up';

const SCHEDULES_EVERY_MS = 10_000;

/** How often it is looked what is due: a look that finds nothing is one query. Batches end, and days of a calendar begin, at any time. */
const secondsBetween = ({ seconds, every, opensOn }: WindowTerms): number => (opensOn ? 30 : (every ?? seconds ?? 300));

/** Runs a task over and over, one at a time, and says when it fails. */
class Repeated {
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly every: number,
    private readonly task: () => Promise<void>,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.running = this.task().catch((error: unknown) => this.log.warn(error instanceof Error ? error : String(error)));
    void this.running.then(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.start(), this.every);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }
}

/**
 * What has to be looked at again and again, in the worker: whether events arrived for windows that were judged, and whether every process that wants it has its
 * Schedule. Both compare what is with what should be, so that a crash at any point costs a round and nothing else.
 */
@Injectable()
export class ReconciliationUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ReconciliationUpkeep.name);
  private readonly tasks: Repeated[];
  /** Process versions whose Schedule is known to be right. */
  private readonly scheduled = new Map<string, number>();

  constructor(
    followUp: FollowUp,
    private readonly catalog: CatalogService,
    private readonly temporal: Client,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.tasks = [
      new Repeated(configuration.HOLDFAST_LATE_EVENTS_EVERY_MS, () => followUp.round(Date.now() * 1000), this.log),
      new Repeated(SCHEDULES_EVERY_MS, () => this.matchSchedules(), this.log),
    ];
  }

  onApplicationBootstrap(): void {
    for (const task of this.tasks) task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.stop()));
  }

  private async matchSchedules(): Promise<void> {
    for (let after = ''; ;) {
      const page = await this.catalog.processes(after, 500);
      for (const { id, version, body } of page) {
        if (this.scheduled.get(id) === version) continue;
        try {
          await this.matchSchedule({ ...body, id, version });
          this.scheduled.set(id, version);
        } catch (error) {
          this.log.warn(`${id}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      if (page.length < 500) return;
      after = page.at(-1)!.id;
    }
  }

  private async matchSchedule({ id, window }: Process): Promise<void> {
    const schedule = this.temporal.schedule.getHandle(openDueWindows.id(id));
    const spec = { intervals: [{ every: `${secondsBetween(window)}s` as const, offset: '1s' as const }] };
    const action = {
      type: 'startWorkflow',
      workflowType: openDueWindows.name,
      workflowId: openDueWindows.id(id),
      taskQueue: 'control',
      args: [id],
    } as const;
    try {
      if (window.scheduled) await schedule.update((known) => ({ ...known, spec, action }));
      else await schedule.delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      if (!window.scheduled) return;
      await this.temporal.schedule.create({
        scheduleId: openDueWindows.id(id),
        spec,
        action,
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 year' },
      });
    }
  }
}
