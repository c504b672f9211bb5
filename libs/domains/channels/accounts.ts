import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { accountNameOf, type ChannelDefinition } from './core/channel';
import type { Account } from './senders/sender';

/** Addresses and secrets of channels: documents name them, and only who runs the installation sets them. Nothing else is called. */
@Injectable()
export class Accounts {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  accountOf(channel: ChannelDefinition): Account {
    const name = accountNameOf(channel);
    const {
      HOLDFAST_CHANNEL_ADDRESSES: addresses,
      HOLDFAST_CHANNEL_SECRETS: secrets,
      HOLDFAST_PAGERDUTY_URL: pagerDuty,
      HOLDFAST_PAGERDUTY_ROUTING_KEYS: routingKeys,
    } = this.configuration;
    if (channel.type === 'pagerduty') {
      const key = routingKeys.get(name);
      return { address: pagerDuty, secrets: key === undefined ? [] : [key] };
    }
    return { address: addresses.get(name), secrets: secrets.get(name)?.split('|') ?? [] };
  }
}
