import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { NotificationSchema } from './channel.schemas';
import type { DeadLetter, KeptNotification } from './core/dead-letter';
import type { Destination } from './core/notification';

const text = z.string();
const Stored = z.object({
  ...{ id: text, channel: text, recipient: text, alertId: text, notification: text, code: text },
  ...{ givenUpAt: micros, tries: z.coerce.number(), isReplayed: z.coerce.boolean() },
  ...{ replayedBy: text, replayedAt: micros },
});
const listDeadLetters = typedQuery(
  'channels/list_dead_letters',
  z.object({ id: text, channel: text, waiting: z.boolean(), beforeAt: z.int(), before: text, limit: z.int() }),
  Stored,
);
const LetterRow = z.object({
  ...{ dead_letter: text, channel: text, recipient: text, alert_id: text },
  ...{ notification: text, code: text, given_up_at: text },
});
const findOtherClaim = typedQuery(
  'channels/find_other_claim',
  z.object({ id: text, claim: text, since: z.int() }),
  z.object({ claim: text }),
);
const ClaimRow = z.object({ dead_letter: text, claim: text, state: z.enum(['claimed', 'released']), at: text });
const ReplayRow = z.object({ dead_letter: text, replayed_at: text, replayed_by: text, code: text, ref: text });

/** After every dead letter. */
export const NEWEST: Micros = 7_258_118_400_000_000;

/** How long a replay that was killed keeps others out: far longer than a try and what is stored around it may take. */
const CLAIM_MICROS = 300_000_000;

/** Which ones to list. */
export interface DeadLetterFilter {
  readonly channel?: string | undefined;
  /** Only those that were not delivered since. */
  readonly waiting?: boolean | undefined;
}

/** Dead letters and their replays: both are only ever added. */
@Injectable()
export class DeadLetterStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** The same notification to the same destination is the same dead letter. @returns its id */
  async add(
    { channel, to = '' }: Destination,
    notification: KeptNotification,
    code: string,
    at: Micros,
  ): Promise<string> {
    const name = JSON.stringify([channel, to, notification.key]);
    const id = createHash('sha256').update(name).digest('base64url').slice(0, 22);
    const row = {
      ...{ dead_letter: id, channel, recipient: to, alert_id: notification.alertId },
      ...{ notification: JSON.stringify(notification), code, given_up_at: formatInstant(at) },
    };
    await this.clickhouse.insert('dead_letters', LetterRow, [row]);
    return id;
  }

  /**
   * Claims a dead letter for one replay, whatever process it runs in. Everyone claims before looking, and whoever sees another gives up: never do two go on.
   * That two who come at the same time both give up is possible, and mended by repeating.
   * @param claim id of the replay, to be released whatever comes of it
   * @returns whether it may go on
   */
  async claim(id: string, claim: string, at: Micros): Promise<boolean> {
    await this.writeClaim(id, claim, 'claimed', at);
    return (await this.clickhouse.row(findOtherClaim, { id, claim, since: at - CLAIM_MICROS })) === undefined;
  }

  release(id: string, claim: string, at: Micros): Promise<void> {
    return this.writeClaim(id, claim, 'released', at);
  }

  private async writeClaim(id: string, claim: string, state: 'claimed' | 'released', at: Micros): Promise<void> {
    await this.clickhouse.insert('dead_letter_claims', ClaimRow, [
      { dead_letter: id, claim, state, at: formatInstant(at) },
    ]);
  }

  /** @param code empty: it was delivered */
  async addReplay(id: string, by: string, at: Micros, { code = '', ref = '' }): Promise<void> {
    const row = { dead_letter: id, replayed_at: formatInstant(at), replayed_by: by, code, ref };
    await this.clickhouse.insert('dead_letter_replays', ReplayRow, [row]);
  }

  /** The last given up first, of those before a place. */
  async list(filter: DeadLetterFilter, beforeAt: Micros, before: string, limit: number): Promise<DeadLetter[]> {
    const { channel = '', waiting = false } = filter;
    const place = { id: '', beforeAt, before, limit };
    return (await this.clickhouse.rows(listDeadLetters, { channel, waiting, ...place })).map(deadLetterOf);
  }

  async find(id: string): Promise<DeadLetter | undefined> {
    const place = { beforeAt: NEWEST, before: '', limit: 1 };
    const row = await this.clickhouse.row(listDeadLetters, { id, channel: '', waiting: false, ...place });
    return row && deadLetterOf(row);
  }
}

const deadLetterOf = ({ id, channel, recipient, ...row }: z.output<typeof Stored>): DeadLetter => ({
  id,
  destination: { channel, ...(recipient !== '' && { to: recipient }) },
  notification: NotificationSchema.parse(JSON.parse(row.notification)),
  code: row.code,
  givenUpAt: row.givenUpAt,
  tries: row.tries,
  replayed: row.isReplayed ? { by: row.replayedBy, at: row.replayedAt } : undefined,
});
