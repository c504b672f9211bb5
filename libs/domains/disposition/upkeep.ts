import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { matchSchedule, Repeated } from '@holdfast/platform/temporal';
import { runRetention } from '@holdfast/workflows/retention/run-retention/contract';
import { Client } from '@temporalio/client';

const AGAIN_MS = 10_000;

/** Sees to it that runs of retention have their Schedule where an installation wants one. A run that waits for its approval keeps the next one from starting. */
@Injectable()
export class RetentionUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: Repeated;

  constructor(temporal: Client, @Inject(CONFIGURATION) configuration: Configuration) {
    const {
      HOLDFAST_RETENTION_RUN_EVERY_SECONDS: everySeconds,
      HOLDFAST_RETENTION_APPROVE_WITHIN_SECONDS: approveWithinSeconds,
    } = configuration;
    const input = { run: 'run-scheduled', dryRun: false, by: 'schedule', approveWithinSeconds };
    const terms = everySeconds === 0 ? undefined : ({ everySeconds, catchupWindow: '1 minute' } as const);
    const match = async () => {
      await matchSchedule(temporal, runRetention, input, terms);
      return 'done' as const;
    };
    this.task = new Repeated(AGAIN_MS, match, new Logger(RetentionUpkeep.name));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }
}
