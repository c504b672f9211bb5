import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { DocumentSchedules, Repeated } from '@holdfast/platform/temporal';
import { openDueComparison } from '@holdfast/workflows/comparisons/open-due-comparison/contract';
import { Client } from '@temporalio/client';
import { ComparisonDefinitionService } from './comparison-definition.service';
import { ComparisonsStore } from './comparisons.store';

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
  private readonly tasks: readonly Repeated[];

  constructor(
    definitions: ComparisonDefinitionService,
    store: ComparisonsStore,
    temporal: Client,
    @Inject(CONFIGURATION) { HOLDFAST_COMPARISONS_KEEP_DAYS: days }: Configuration,
  ) {
    const log = new Logger(ComparisonsUpkeep.name);
    const schedules = new DocumentSchedules(
      temporal,
      openDueComparison,
      (after, limit) => definitions.list(after, limit),
      // What was missed while nothing ran would compare the same state again: the next one will do.
      ({ schedule }) =>
        schedule && { everySeconds: schedule.everySeconds ?? CALENDAR_SECONDS, catchupWindow: '1 minute' },
      log,
    );
    this.tasks = [
      new Repeated(EVERY_MS, () => schedules.match(), log),
      new Repeated(FORGET_EVERY_MS, () => store.forget(Date.now() * 1000 - days * DAY), log),
    ];
  }

  onApplicationBootstrap(): void {
    for (const task of this.tasks) task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.stop()));
  }
}
