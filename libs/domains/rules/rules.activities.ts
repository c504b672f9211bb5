import { Inject } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { evaluateRules } from '@holdfast/workflows/rules/evaluate-rules/contract';
import { SECOND } from './core/rule';
import { type Evaluated, Evaluator } from './evaluator';
import { Teller } from './teller';

/** The steps of a round. */
@Implements(evaluateRules)
export class RulesActivities implements ActivitiesOf<typeof evaluateRules> {
  constructor(
    private readonly evaluator: Evaluator,
    private readonly teller: Teller,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  evaluate(now: Micros): Promise<Evaluated> {
    const every = this.configuration.HOLDFAST_RULES_EVERY_SECONDS * SECOND;
    return this.evaluator.evaluate(Math.floor(now / every) * every, every);
  }

  settle(now: Micros): Promise<number> {
    return this.teller.settle(now);
  }
}
