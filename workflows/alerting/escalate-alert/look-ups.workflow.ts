import type { PageTarget } from '@holdfast/domains/alerting/core/escalation-policy';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf } from '@holdfast/platform/workflow-kit';
import type { Answered } from './answers.workflow';
import { escalateAlert, type Prepared } from './contract';
import type { Machine } from './machine.workflow';

const { prepare } = activitiesOf(escalateAlert);

/** Asks whom targets stand for, and what keeps the alert quiet. */
export class LookUps {
  private count = 0;

  constructor(
    private readonly machine: Machine,
    private readonly at: Readonly<Answered>,
    private readonly raisedAt: Micros,
  ) {}

  get isUnderWay(): boolean {
    return this.count > 0;
  }

  /** @param isAsked somebody named them: nothing keeps that quiet */
  async of(targets: readonly PageTarget[], isAsked: boolean): Promise<Prepared> {
    const { alert } = this.at;
    const { raisedAt } = this;
    const quietHours = this.machine.escalation?.policy.quietHours;
    this.count += 1;
    try {
      const at = Date.now() * 1000;
      return await prepare({ alert, raisedAt, at, targets, isAsked, ...(quietHours && { quietHours }) });
    } finally {
      this.count -= 1;
    }
  }
}
