import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { DocumentSchedules, matchSchedule, Repeated, untilScheduled } from '@holdfast/platform/temporal';
import { probePath } from '@holdfast/workflows/synthetics/probe-path/contract';
import { tellAlive } from '@holdfast/workflows/synthetics/tell-alive/contract';
import { watchHeartbeats } from '@holdfast/workflows/synthetics/watch-heartbeats/contract';
import { Client } from '@temporalio/client';
import { SyntheticService } from './synthetic.service';

const EVERY_MS = 10_000;

/** In the worker: sees to it that every synthetic transaction has its Schedule, and that there are those of heartbeats, both ways. */
@Injectable()
export class SyntheticsUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly tasks: readonly Repeated[];

  constructor(
    synthetics: SyntheticService,
    temporal: Client,
    @Inject(CONFIGURATION)
    {
      HOLDFAST_WATCH_HEARTBEATS_EVERY_SECONDS: watchEverySeconds,
      HOLDFAST_HEARTBEAT_URL: url,
      HOLDFAST_HEARTBEAT_EVERY_SECONDS: tellEverySeconds,
    }: Configuration,
  ) {
    const log = new Logger(SyntheticsUpkeep.name);
    // What was missed says nothing of now: neither a probe nor a beat is made up for.
    const terms = { catchupWindow: '1 minute' } as const;
    const paths = new DocumentSchedules(
      temporal,
      probePath,
      (after, limit) => synthetics.list(after, limit),
      ({ enabled, everySeconds }) => (enabled ? { ...terms, everySeconds } : undefined),
      log,
    );
    const watch = { ...terms, everySeconds: watchEverySeconds, longestRun: '6h' } as const;
    const told =
      url === undefined ? undefined : ({ ...terms, everySeconds: tellEverySeconds, longestRun: '6h' } as const);
    const matchTold = async () => {
      await matchSchedule(temporal, tellAlive, undefined, told);
      return 'done' as const;
    };
    this.tasks = [
      new Repeated(EVERY_MS, () => paths.match(), log),
      untilScheduled(temporal, watchHeartbeats, watch, log),
      new Repeated(EVERY_MS, matchTold, log),
    ];
  }

  onApplicationBootstrap(): void {
    for (const task of this.tasks) task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.stop()));
  }
}
