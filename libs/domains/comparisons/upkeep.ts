import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { openDueComparison } from '@holdfast/workflows/comparisons/open-due-comparison/contract';
import { Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { ComparisonDefinitionService } from './comparison-definition.service';
import { ComparisonsStore } from './comparisons.store';
import type { ComparisonSchedule } from './core/run';

const EVERY_MS = 10_000;
const FORGET_EVERY_MS = 3_600_000;
const DAY = 86_400_000_000;
/** Spans of a calendar begin at any time: how often it is looked whether one has, in seconds. */
const CALENDAR_SECONDS = 60;

/**
 * In the worker: sees to it that every definition that wants one has its Schedule, and that old differences are forgotten. Both compare what is with what should
 * be, so that a crash at any point costs a round and nothing else.
 */
@Injectable()
export class ComparisonsUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ComparisonsUpkeep.name);
  /** Versions of definitions whose Schedule is known to be right. */
  private readonly scheduled = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();
  private forgottenAt = 0;

  constructor(
    private readonly definitions: ComparisonDefinitionService,
    private readonly store: ComparisonsStore,
    private readonly temporal: Client,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.round().catch((error: unknown) =>
      this.log.warn(error instanceof Error ? error : String(error)),
    );
    void this.running.then(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.onApplicationBootstrap(), EVERY_MS);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    await this.matchSchedules();
    if (performance.now() - this.forgottenAt < FORGET_EVERY_MS && this.forgottenAt > 0) return;
    await this.store.forget(Date.now() * 1000 - this.configuration.HOLDFAST_COMPARISONS_KEEP_DAYS * DAY);
    this.forgottenAt = performance.now();
  }

  private async matchSchedules(): Promise<void> {
    for (let after = ''; ;) {
      const page = await this.definitions.list(after, 500);
      for (const { id, version, body } of page) {
        if (this.scheduled.get(id) === version) continue;
        try {
          await this.matchSchedule(id, body.schedule);
          this.scheduled.set(id, version);
        } catch (error) {
          this.log.warn(`${id}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      if (page.length < 500) return;
      after = page.at(-1)!.id;
    }
  }

  private async matchSchedule(id: string, schedule: ComparisonSchedule | undefined): Promise<void> {
    const scheduleId = openDueComparison.id(id);
    const handle = this.temporal.schedule.getHandle(scheduleId);
    const every = `${schedule?.everySeconds ?? CALENDAR_SECONDS}s` as const;
    const spec = { intervals: [{ every, offset: '1s' as const }] };
    const action = {
      type: 'startWorkflow',
      workflowType: openDueComparison.name,
      workflowId: scheduleId,
      taskQueue: 'control',
      args: [id],
    } as const;
    try {
      if (schedule) await handle.update((known) => ({ ...known, spec, action }));
      else await handle.delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      if (!schedule) return;
      // What was missed while nothing ran would compare the same state again: the next one will do.
      const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' } as const;
      await this.temporal.schedule.create({ scheduleId, spec, action, policies });
    }
  }
}
