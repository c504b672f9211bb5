import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { type Repeated, untilScheduled } from '@holdfast/platform/temporal';
import { inspectSources } from '@holdfast/workflows/findings/inspect-sources/contract';
import { Client } from '@temporalio/client';

/** Sees to it that the Schedule of inspections is as the configuration has it, from the start of a worker until it has succeeded. */
@Injectable()
export class FindingsUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: Repeated;

  constructor(
    temporal: Client,
    @Inject(CONFIGURATION) { HOLDFAST_INSPECT_EVERY_SECONDS: everySeconds }: Configuration,
  ) {
    // What a run has not done, or was missed, is behind the marks: one run makes up for it.
    const terms = { everySeconds, catchupWindow: '1 minute', longestRun: '6h' } as const;
    this.task = untilScheduled(temporal, inspectSources, terms, new Logger(FindingsUpkeep.name));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }
}
