import { Injectable } from '@nestjs/common';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { type FieldProblem, invalid, type Micros } from '@holdfast/kernel';
import { Accounts } from './accounts';
import { ChannelSchema } from './channel.schemas';
import type { ChannelDefinition, ChannelType } from './core/channel';
import { SENDERS } from './senders';
import type { Account, Sender } from './senders/sender';

const CHANNEL: DocumentKind<ChannelDefinition> = { kind: 'channel', body: ChannelSchema };
type Channel = Version<ChannelDefinition>;

/** The channels: versioned documents that say how people are reached. */
@Injectable()
export class ChannelDocumentsService {
  constructor(
    private readonly register: RegisterService,
    private readonly accounts: Accounts,
  ) {}

  /** @throws DomainError `not_found` */
  channel(id: string): Promise<Channel> {
    return this.register.get(CHANNEL, id);
  }

  /** As the store has it now; undefined where there is none. */
  latest(id: string): Promise<Channel | undefined> {
    return this.register.latest(CHANNEL, id);
  }

  list(after: string, limit: number): Promise<(Channel & { readonly id: string })[]> {
    return this.register.list(CHANNEL, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Channel[]> {
    return this.register.history(CHANNEL, id, before, limit);
  }

  /**
   * @returns the version that the channel has now
   * @throws DomainError `invalid` when its account is not configured for it; see RegisterService.change
   */
  put(id: string, channel: ChannelDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const wrong = problemsOf(channel, this.accounts.accountOf(channel));
    if (wrong.length > 0)
      throw invalid('unusable_channel', 'the channel could not be used as it is configured; errors lists why', wrong);
    return this.register.change(CHANNEL, id, channel, expected, by, at);
  }

  /** As the store has them now. */
  every(): Promise<ReadonlyMap<string, Channel>> {
    return this.register.everyCurrentOf(CHANNEL, true);
  }

  /** @param named ids with the fields that name them @throws DomainError `invalid` listing those that do not exist */
  async mustExist(named: readonly { readonly field: string; readonly id: string }[]): Promise<void> {
    const all = await this.every();
    const wrong: FieldProblem[] = named
      .filter(({ id }) => !all.has(id))
      .map(({ field }) => ({ field, reason: 'does not exist; PUT it under /v1/channels first' }));
    if (wrong.length > 0)
      throw invalid('unknown_channel', 'channels are named that do not exist; errors lists them', wrong);
  }
}

/** Why the channel could not be used with its account; none when it can. */
export const problemsOf = (channel: ChannelDefinition, account: Account): readonly FieldProblem[] =>
  (SENDERS[channel.type] as Sender<ChannelType>).problems(channel, account);
