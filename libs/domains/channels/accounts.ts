import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import type { ChannelDefinition } from './core/channel';
import type { Account } from './senders/sender';

/** Addresses and secrets of channels: documents name them, and only who runs the installation sets them. Nothing else is called. */
@Injectable()
export class Accounts {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  accountOf({ account }: ChannelDefinition): Account {
    const { HOLDFAST_CHANNEL_ADDRESSES: addresses, HOLDFAST_CHANNEL_SECRETS: secrets } = this.configuration;
    return { address: addresses.get(account), secrets: secrets.get(account)?.split('|') ?? [] };
  }
}
