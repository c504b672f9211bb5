import { Injectable, Logger } from '@nestjs/common';
import { DomainError, newId, type Micros } from '@holdfast/kernel';
import { ChannelDocumentsService } from './channel-documents.service';
import type { DeadLetter } from './core/dead-letter';
import type { Destination, FollowUp, Notification } from './core/notification';
import { type DeadLetterFilter, DeadLetterStore, NEWEST } from './dead-letter.store';
import { Outbound } from './outbound';

/** Tells people through channels, and keeps what nobody got. */
@Injectable()
export class ChannelsService {
  private readonly log = new Logger(ChannelsService.name);

  constructor(
    private readonly outbound: Outbound,
    private readonly documents: ChannelDocumentsService,
    private readonly deadLetters: DeadLetterStore,
  ) {}

  /**
   * Tries once, within 20 s.
   * @returns what follow-ups need, at most 200 characters
   * @throws DomainError `unavailable` when a repeat may succeed, no sooner than `retryAfterSeconds` where the vendor says; `invalid` when none will. Codes:
   *   `channel_unreachable`, `channel_rate_limited`, `channel_failing`, `channel_open`; `channel_unauthorized`, `channel_refused`, `channel_missing`,
   *   `channel_not_configured`
   */
  async notify(destination: Destination, notification: Notification): Promise<{ readonly ref: string }> {
    const ref = await this.outbound.send(destination, (sender, route) => sender.notify(route, notification));
    return { ref };
  }

  /** Says what became of a notification. @param ref what `notify` returned @throws as `notify` */
  async followUp(destination: Destination, ref: string, followUp: FollowUp): Promise<void> {
    await this.outbound.send(destination, (sender, route) => sender.followUp(route, ref, followUp));
  }

  /** Sends a message that says that it is a test. @throws DomainError `not_found`; as `notify` */
  async test(channel: string, to: string | undefined, by: string, at: Micros): Promise<{ readonly ref: string }> {
    await this.documents.channel(channel);
    const id = `test-${newId()}`;
    return this.notify(
      { channel, ...(to !== undefined && { to }) },
      {
        ...{ key: id, alertId: id, severity: 'info', title: `Holdfast: test of channel ${channel}` },
        facts: [{ name: 'asked for by', value: by }],
        ...{ links: [], labels: {}, raisedAt: at, mayRepeat: false },
      },
    );
  }

  /**
   * Keeps what was refused for good or given up; a repeat keeps nothing twice. The link that acknowledges is not kept: it is as good as a key.
   * @param code why
   * @returns its id
   */
  deadLetter(destination: Destination, notification: Notification, code: string, at: Micros): Promise<string> {
    const { acknowledgeUrl: _, ...kept } = notification;
    return this.deadLetters.add(destination, kept, code, at);
  }

  /** The last given up first, of those before a place; the last of all where none is given. */
  listDeadLetters(
    filter: DeadLetterFilter,
    before: readonly [Micros, string] | undefined,
    limit: number,
  ): Promise<DeadLetter[]> {
    const [beforeAt, beforeId] = before ?? [NEWEST, ''];
    return this.deadLetters.list(filter, beforeAt, beforeId, limit);
  }

  /**
   * Sends a dead letter again, to its destination as it is configured now.
   * @throws DomainError `not_found`; `conflict` when it was delivered since, or another replay of it is under way; as `notify`
   */
  async replay(id: string, by: string, at: Micros): Promise<DeadLetter> {
    await this.undelivered(id);
    const claim = newId();
    try {
      if (!(await this.deadLetters.claim(id, claim, at)))
        throw new DomainError('conflict', 'dead_letter_under_way', 'it is being sent again by another call');
      return await this.sendAgain(id, by, at);
    } finally {
      // What was delivered is not taken back: a claim that stays runs out.
      await this.deadLetters.release(id, claim, at).catch((error: unknown) => this.log.error(error));
    }
  }

  private async sendAgain(id: string, by: string, at: Micros): Promise<DeadLetter> {
    // As it is under the claim: another replay may have ended just before.
    const found = await this.undelivered(id);
    try {
      const { ref } = await this.notify(found.destination, { ...found.notification, mayRepeat: true });
      await this.deadLetters.addReplay(id, by, at, { ref });
    } catch (error) {
      if (error instanceof DomainError) await this.deadLetters.addReplay(id, by, at, { code: error.code });
      throw error;
    }
    return { ...found, tries: found.tries + 1, replayed: { by, at } };
  }

  private async undelivered(id: string): Promise<DeadLetter> {
    const found = await this.deadLetters.find(id);
    if (!found) throw new DomainError('not_found', 'dead_letter_not_found', 'there is no such dead letter');
    if (found.replayed) throw new DomainError('conflict', 'dead_letter_replayed', 'it was sent again and delivered');
    return found;
  }
}
