import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { type BudgetAt, ObjectiveStore } from './objective.store';

/** What is left of error budgets, for domains that tell of it. */
@Injectable()
export class BudgetService {
  constructor(private readonly store: ObjectiveStore) {}

  /** What evaluations in (from, to] said of the budgets of these objectives, in the order of their times. */
  between(objectives: readonly string[], from: Micros, to: Micros): Promise<BudgetAt[]> {
    return this.store.budgets(objectives, from, to);
  }
}
