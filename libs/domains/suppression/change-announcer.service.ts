import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, ConfigurationError, type Configuration } from '@holdfast/platform/config';
import { startOrJoin } from '@holdfast/platform/temporal';
import { announceChange, type ToldState } from '@holdfast/workflows/suppression/announce-change/contract';
import { Client } from '@temporalio/client';

/** Has changes told to PagerDuty, where a routing key for them is configured. */
@Injectable()
export class ChangeAnnouncer {
  /** Undefined where changes stay here. A secret. */
  readonly routingKey: string | undefined;

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    private readonly temporal: Client,
  ) {
    const name = configuration.HOLDFAST_PAGERDUTY_CHANGE_ROUTING_KEY;
    if (name === undefined) return;
    this.routingKey = configuration.HOLDFAST_PAGERDUTY_ROUTING_KEYS.get(name);
    if (this.routingKey === undefined)
      throw new ConfigurationError(
        'configuration is wrong\n  HOLDFAST_PAGERDUTY_CHANGE_ROUTING_KEY: HOLDFAST_PAGERDUTY_ROUTING_KEYS has no such name',
      );
  }

  /** Of a state that can be read. @throws DomainError `unavailable`: repeat the call */
  async announce(told: ToldState): Promise<void> {
    if (this.routingKey !== undefined) await startOrJoin(this.temporal, announceChange, told);
  }
}
