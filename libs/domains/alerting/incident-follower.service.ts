import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { startOrJoin } from '@holdfast/platform/temporal';
import { followIncident } from '@holdfast/workflows/alerting/follow-incident/contract';
import { Client } from '@temporalio/client';
import type { Transition } from './core/alert';
import { stepsOf } from './core/incident';

/** Has PagerDuty's incidents looked for and noted, where a token is given. */
@Injectable()
export class IncidentFollower {
  private readonly isOn: boolean;
  private readonly takesNotes: boolean;

  constructor(
    @Inject(CONFIGURATION) { HOLDFAST_PAGERDUTY_TOKEN, HOLDFAST_PAGERDUTY_FROM }: Configuration,
    private readonly temporal: Client,
  ) {
    this.isOn = HOLDFAST_PAGERDUTY_TOKEN !== undefined;
    this.takesNotes = HOLDFAST_PAGERDUTY_FROM !== undefined;
  }

  /**
   * Starts what follows from transitions that can be read; a repeat does nothing new.
   * @throws DomainError `unavailable`: some may be started; repeat the call
   */
  async follow(alertId: string, transitions: readonly Transition[]): Promise<void> {
    if (!this.isOn) return;
    for (const step of stepsOf(alertId, transitions, this.takesNotes))
      await startOrJoin(this.temporal, followIncident, step);
  }
}
