import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { type Repeated, untilScheduled } from '@holdfast/platform/temporal';
import { evaluateRules } from '@holdfast/workflows/rules/evaluate-rules/contract';
import { Client } from '@temporalio/client';

/** Sees to it that the Schedule that evaluates rules is as the configuration has it, from the start of a worker until it has succeeded. */
@Injectable()
export class RulesUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: Repeated;

  constructor(temporal: Client, @Inject(CONFIGURATION) { HOLDFAST_RULES_EVERY_SECONDS: everySeconds }: Configuration) {
    // A round is of the instant that is the last one when it runs: those that were missed are not made up for.
    const terms = { everySeconds, catchupWindow: '1 minute', longestRun: '6h' } as const;
    this.task = untilScheduled(temporal, evaluateRules, terms, new Logger(RulesUpkeep.name));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }
}
