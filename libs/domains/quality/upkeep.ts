import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { measureQuality } from '@holdfast/workflows/quality/measure-quality/contract';
import { Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';

const AGAIN_MS = 10_000;
/** A run that hangs would keep all that come after it: what it has not done, the next one does. */
const LONGEST = '6h';

/** Sees to it that the Schedule of measurements is as the configuration has it, from the start of a worker until it has succeeded. */
@Injectable()
export class QualityUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(QualityUpkeep.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly temporal: Client,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.matchSchedule().catch((error: unknown) => {
      this.log.warn(error instanceof Error ? error.message : String(error));
      if (!this.stopped) this.timer = setTimeout(() => this.onApplicationBootstrap(), AGAIN_MS);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async matchSchedule(): Promise<void> {
    const { HOLDFAST_MEASURE_EVERY_SECONDS: seconds } = this.configuration;
    const scheduleId = measureQuality.id(undefined);
    const spec = { intervals: [{ every: `${seconds}s` as const }] };
    const action = {
      type: 'startWorkflow',
      workflowType: measureQuality.name,
      workflowId: measureQuality.id(undefined),
      taskQueue: 'control',
      workflowRunTimeout: LONGEST,
      args: [],
    } as const;
    try {
      await this.temporal.schedule.getHandle(scheduleId).update((known) => ({ ...known, spec, action }));
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' } as const;
      try {
        await this.temporal.schedule.create({ scheduleId, spec, action, policies });
      } catch (failure) {
        if (!(failure instanceof ScheduleAlreadyRunning)) throw failure; // another worker was quicker
      }
    }
  }
}
