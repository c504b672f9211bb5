import { Injectable } from '@nestjs/common';
import { ChannelsService } from '@holdfast/domains/channels/channels.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import type { HoldCare } from '@holdfast/workflows/holds/legal-hold/contract';
import { careDue, type DueNotice } from './core/care';
import type { HoldVersion } from './core/hold';
import { CustodyStore } from './custody.store';
import { HoldLinkService } from './hold-link.service';
import { HoldStore } from './hold.store';

/** How soon a notice is tried again that did not get through, in microseconds. */
const AGAIN: Micros = 3_600_000_000;

/** Tells custodians of holds, and reminds people of what is due. */
@Injectable()
export class HoldCarer {
  constructor(
    private readonly holds: HoldStore,
    private readonly custody: CustodyStore,
    private readonly channels: ChannelsService,
    private readonly links: HoldLinkService,
  ) {}

  /** Sends what is due and was not sent before. @throws DomainError `not_found` */
  async care(hold: string, at: Micros): Promise<HoldCare> {
    const versions = await this.holds.versions(hold);
    const [newest] = versions;
    if (!newest) throw new DomainError('not_found', 'hold_not_found', 'there is no such hold');
    const known = new Set((await this.custody.acknowledgements([hold])).map(({ custodian }) => custodian));
    const { due, next } = careDue(versions, known, at);
    const sent = await this.custody.notices(hold);
    let again: Micros | undefined;
    for (const one of due) {
      const isSent = sent.some(
        ({ custodian, kind, round, outcome }) =>
          custodian === one.custodian.id && kind === one.kind && round === one.round && outcome === 'sent',
      );
      if (!isSent && !(await this.tell(newest, one, at))) again = at + AGAIN;
    }
    const soonest = Math.min(next ?? Infinity, again ?? Infinity);
    return { state: newest.state, next: Number.isFinite(soonest) ? soonest : null };
  }

  /** @returns whether it got through; what did not is tried again later, and stands in the hold's notices */
  private async tell(
    { hold, terms, at: since }: HoldVersion,
    { custodian, kind, round }: DueNotice,
    at: Micros,
  ): Promise<boolean> {
    const { id, channel = '', to } = custodian;
    const link = kind === 'notice' ? this.links.linkFor(hold, id, at) : undefined;
    const title =
      kind === 'review'
        ? `Legal hold ${hold}: is it still needed?`
        : `Legal hold ${hold}: keep what concerns ${terms.matter}${round > 0 ? ' (reminder)' : ''}`;
    let outcome = 'sent';
    try {
      await this.channels.notify(
        { channel, ...(to !== undefined && { to }) },
        {
          ...{ key: `hold/${hold}/${id}/${kind}/${round}`, alertId: hold, severity: 'info', title },
          facts: [
            { name: 'matter', value: terms.matter },
            { name: 'counsel', value: terms.counsel },
            ...(terms.description === undefined ? [] : [{ name: 'what to keep', value: terms.description }]),
            ...(kind === 'notice'
              ? [{ name: 'asked of you', value: 'Delete nothing of it, and confirm that you know.' }]
              : []),
          ],
          links: link === undefined ? [] : [{ text: 'I know of it', url: link }],
          ...{ labels: {}, raisedAt: since, mayRepeat: false },
        },
      );
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      outcome = error.code;
    }
    await this.custody.noteNotice(hold, { custodian: id, kind, round, outcome, at });
    return outcome === 'sent';
  }
}
