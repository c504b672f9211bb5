import { Injectable } from '@nestjs/common';
import { BULK, ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import type { Micros } from '@holdfast/kernel';
import { z } from 'zod';
import type { VerdictState, WindowState } from './core/window';

const Count = z.coerce.number();
const One = z.object({ reconciliation: z.string() });
const Where = One.extend({
  kinds: z.array(z.string()),
  stages: z.array(z.string()),
  fields: z.array(z.string()),
  keys: z.array(z.string()),
  keyPrefix: z.string(),
});
const Found = z.object({ found: Count });

const acceptWhere = typedQuery(
  'reconciliation/accept_where',
  Where.extend({ acceptance: z.string(), seen: z.string(), newest: z.string() }),
  z.object({}),
  BULK,
);
const countWhere = typedQuery('reconciliation/count_where', Where.extend({ judgement: z.string() }), Found, BULK);
const countAcceptedBy = typedQuery(
  'reconciliation/count_accepted_by',
  One.extend({ acceptance: z.string() }),
  Found,
  BULK,
);
const listWindowsWithin = typedQuery(
  'reconciliation/list_windows_within',
  z.object({
    process: z.string(),
    from: z.int(),
    to: z.int(),
    afterFrom: z.int(),
    afterId: z.string(),
    limit: z.int(),
  }),
  One.extend({ from: micros, to: micros }),
);
const listVerdictsOfWindows = typedQuery(
  'reconciliation/list_verdicts_of_windows',
  z.object({ reconciliations: z.array(z.string()) }),
  One.extend({
    state: z.string() as unknown as z.ZodType<WindowState>,
    revision: z.number(),
    verdict: z.string() as unknown as z.ZodType<VerdictState | ''>,
    judgement: z.string(),
    judgedAt: micros,
    open: Count,
    accepted: Count,
  }),
);
const countReopened = typedQuery(
  'reconciliation/count_reopened',
  z.object({ reconciliations: z.array(z.string()), revisions: z.array(z.int()), opens: z.array(z.int()) }),
  One.extend({ revision: z.number() }),
);
const countStandingAcceptances = typedQuery(
  'reconciliation/count_standing_acceptances',
  z.object({ reconciliations: z.array(z.string()), acceptances: z.array(z.string()) }),
  One.extend({ discrepancies: Count }),
  BULK,
);
const listAcceptances = typedQuery(
  'reconciliation/list_acceptances',
  z.object({ acceptances: z.array(z.string()) }),
  z.object({ acceptance: z.string(), revision: z.number(), reason: z.string(), by: z.string(), at: micros }),
);
const AcceptanceRow = One.extend({
  key: z.string(),
  stage: z.string(),
  kind: z.string(),
  fact: z.string(),
  acceptance: z.string(),
});

/** Which discrepancies of a window; empty lists and texts: any. */
export interface Where {
  readonly kinds: readonly string[];
  readonly stages: readonly string[];
  readonly fields: readonly string[];
  readonly keys: readonly string[];
  readonly keyPrefix: string;
}
export interface Fact {
  readonly key: string;
  readonly stage: string;
  readonly kind: string;
  readonly fact: string;
}

/** A window as it stands: `revision` is 0 and `verdict` '' until it was judged. */
export type StandingWindow = z.output<(typeof listWindowsWithin)['row']> &
  z.output<(typeof listVerdictsOfWindows)['row']>;
const UNTOLD = { state: 'opened', revision: 0, verdict: '', judgement: '', judgedAt: 0, open: 0, accepted: 0 } as const;
export interface WindowPlace {
  readonly afterFrom: Micros;
  readonly afterId: string;
}

const plain = ({ kinds, stages, fields, keys, keyPrefix }: Where) => ({
  kinds: [...kinds],
  stages: [...stages],
  fields: [...fields],
  keys: [...keys],
  keyPrefix,
});

/** What settling discrepancies asks of reconciliation's tables, and writes to them. */
@Injectable()
export class SettlementStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Idempotent: the table keeps one acceptance of a discrepancy. */
  async accept(reconciliation: string, acceptance: string, facts: readonly Fact[]): Promise<void> {
    const rows = facts.map(({ key, stage, kind, fact }) => ({ reconciliation, key, stage, kind, fact, acceptance }));
    await this.clickhouse.insert('acceptances', AcceptanceRow, rows);
  }

  /** Idempotent: what is accepted stays as it is. */
  async acceptWhere(reconciliation: string, acceptance: string, seen: string, newest: string, where: Where) {
    await this.clickhouse.run(acceptWhere, { reconciliation, acceptance, seen, newest, ...plain(where) });
  }

  async countWhere(reconciliation: string, judgement: string, where: Where): Promise<number> {
    return (await this.clickhouse.row(countWhere, { reconciliation, judgement, ...plain(where) }))?.found ?? 0;
  }

  async countAcceptedBy(reconciliation: string, acceptance: string): Promise<number> {
    return (await this.clickhouse.row(countAcceptedBy, { reconciliation, acceptance }))?.found ?? 0;
  }

  /** How many discrepancies of the newest judgements stand accepted by these. */
  standing(of: readonly { readonly reconciliation: string; readonly acceptance: string }[]) {
    return this.clickhouse.rows(countStandingAcceptances, {
      reconciliations: [...new Set(of.map(({ reconciliation }) => reconciliation))],
      acceptances: of.map(({ acceptance }) => acceptance),
    });
  }

  acceptances(acceptances: readonly string[]) {
    return this.clickhouse.rows(listAcceptances, { acceptances: [...acceptances] });
  }

  /** Takes an acceptance back: what it accepted is open again when the window is judged next. A repeat does nothing. */
  async release(reconciliation: string, acceptance: string): Promise<void> {
    await this.clickhouse.deleteRows('acceptances', { reconciliation, acceptance });
  }

  async windowsWithin(
    process: string,
    from: Micros,
    to: Micros,
    after: WindowPlace,
    limit: number,
  ): Promise<StandingWindow[]> {
    const page = await this.clickhouse.rows(listWindowsWithin, { process, from, to, ...after, limit });
    if (page.length === 0) return [];
    const reconciliations = page.map(({ reconciliation }) => reconciliation);
    const rows = await this.clickhouse.rows(listVerdictsOfWindows, { reconciliations });
    const told = new Map(rows.map((row) => [row.reconciliation, row]));
    return page.map((window) => ({ ...UNTOLD, ...told.get(window.reconciliation), ...window }));
  }

  /** @param stated windows with the revision that is known of them, and what was open in it */
  reopened(stated: readonly { readonly reconciliation: string; readonly revision: number; readonly open: number }[]) {
    return this.clickhouse.rows(countReopened, {
      reconciliations: stated.map(({ reconciliation }) => reconciliation),
      revisions: stated.map(({ revision }) => revision),
      opens: stated.map(({ open }) => open),
    });
  }
}
