import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { HoldTerms } from './core/hold';

const text = z.string();
const Acknowledgement = z.object({ hold: text, custodian: text, at: micros, via: text, by: text });
const Notice = z.object({ custodian: text, kind: text, round: z.number(), outcome: text, at: micros });
const listAcknowledgements = typedQuery(
  'holds/list_acknowledgements',
  z.object({ holds: z.array(text) }),
  Acknowledgement,
);
const listNotices = typedQuery('holds/list_notices', z.object({ hold: text }), Notice);
const findProposal = typedQuery(
  'holds/find_proposal',
  z.object({ proposal: text }),
  z.object({ terms: text, reason: text }),
);
const AcknowledgementRow = z.object({
  hold: text,
  custodian: text,
  acknowledged_at: text,
  via: text,
  acknowledged_by: text,
});
const NoticeRow = z.object({ hold: text, custodian: text, round: z.int(), kind: text, outcome: text, sent_at: text });
const ProposalRow = z.object({
  proposal: text,
  hold: text,
  terms: text,
  reason: text,
  proposed_by: text,
  proposed_at: text,
});

export type Acknowledged = z.output<typeof Acknowledgement>;
export type SentNotice = z.output<typeof Notice>;
/** What somebody said of a change: new terms where there are some, and why. */
export interface HoldProposal {
  readonly terms: HoldTerms | undefined;
  readonly reason: string;
}

/** Who knows of a hold, what was sent, and what was said; only ever added. */
@Injectable()
export class CustodyStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** The first of each custodian. */
  acknowledgements(holds: readonly string[]): Promise<Acknowledged[]> {
    return this.clickhouse.rows(listAcknowledgements, { holds: [...holds] });
  }

  notices(hold: string): Promise<SentNotice[]> {
    return this.clickhouse.rows(listNotices, { hold });
  }

  /** Idempotent: the first one counts. */
  async acknowledge(hold: string, custodian: string, via: string, by: string, at: Micros): Promise<void> {
    const row = { hold, custodian, via, acknowledged_by: by, acknowledged_at: formatInstant(at) };
    await this.clickhouse.insert('hold_acknowledgements', AcknowledgementRow, [row]);
  }

  /** Idempotent. */
  async noteNotice(hold: string, { at, ...notice }: SentNotice): Promise<void> {
    await this.clickhouse.insert('hold_notices', NoticeRow, [{ hold, ...notice, sent_at: formatInstant(at) }]);
  }

  async proposal(proposal: string): Promise<HoldProposal | undefined> {
    const found = await this.clickhouse.row(findProposal, { proposal });
    return (
      found && { reason: found.reason, terms: found.terms === '' ? undefined : (JSON.parse(found.terms) as HoldTerms) }
    );
  }

  async propose(
    proposal: string,
    hold: string,
    { terms, reason }: HoldProposal,
    by: string,
    at: Micros,
  ): Promise<void> {
    const row = {
      proposal,
      hold,
      reason,
      terms: terms ? JSON.stringify(terms) : '',
      proposed_by: by,
      proposed_at: formatInstant(at),
    };
    await this.clickhouse.insert('hold_proposals', ProposalRow, [row]);
  }
}
