import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { type Repeated, untilScheduled } from '@holdfast/platform/temporal';
import { watchGaps } from '@holdfast/workflows/oncall/watch-gaps/contract';
import { Client } from '@temporalio/client';

/** Sees to it that the Schedule that looks for gaps is as the configuration has it, from the start of a worker until it has succeeded. */
@Injectable()
export class OnCallUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: Repeated;

  constructor(
    temporal: Client,
    @Inject(CONFIGURATION) { HOLDFAST_ON_CALL_EVERY_SECONDS: everySeconds }: Configuration,
  ) {
    // A run looks at what is ahead: one that was missed is made up for by the next.
    const terms = { everySeconds, catchupWindow: '1 minute', longestRun: '6h' } as const;
    this.task = untilScheduled(temporal, watchGaps, terms, new Logger(OnCallUpkeep.name));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }
}
