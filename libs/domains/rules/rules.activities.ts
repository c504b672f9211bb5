import { Inject } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { evaluateRules } from '@holdfast/workflows/rules/evaluate-rules/contract';
import { Context } from '@temporalio/activity';
import { SECOND } from './core/rule';
import { type Evaluated, Evaluator } from './evaluator';
import { Teller } from './teller';

const HEARTBEAT_MS = 10_000;

/** The steps of a round. */
@Implements(evaluateRules)
export class RulesActivities implements ActivitiesOf<typeof evaluateRules> {
  constructor(
    private readonly evaluator: Evaluator,
    private readonly teller: Teller,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async evaluate(now: Micros): Promise<Evaluated> {
    const every = this.configuration.HOLDFAST_RULES_EVERY_SECONDS * SECOND;
    const context = Context.current();
    const beating = setInterval(() => context.heartbeat(), HEARTBEAT_MS); // while a query runs
    try {
      return await this.evaluator.evaluate(Math.floor(now / every) * every, every);
    } finally {
      clearInterval(beating);
    }
  }

  settle(now: Micros): Promise<number> {
    return this.teller.settle(now);
  }
}
