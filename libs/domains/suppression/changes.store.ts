import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { CHANGE_KINDS, CHANGE_STATES, type ChangeReport } from './core/change';

const text = z.string();
const Stored = z.object({
  id: text,
  kind: z.enum(CHANGE_KINDS),
  state: z.enum(CHANGE_STATES),
  labels: z.record(text, text),
  title: text,
  link: text,
  by: text,
  at: micros,
  reportedBy: text,
  reportedAt: micros,
});
const listReports = typedQuery('suppression/list_reports', z.object({ changes: z.array(text) }), Stored);
const listReportsWithin = typedQuery(
  'suppression/list_reports_within',
  z.object({ from: z.int(), to: z.int() }),
  Stored,
);
const names = z.array(text);
const listChanges = typedQuery(
  'suppression/list_changes',
  z.object({
    ...{ from: z.int(), to: z.int(), kind: text },
    ...{ hasNames: names, hasValues: names, hasNotNames: names, hasNotValues: names },
    ...{ beforeAt: z.int(), before: text, limit: z.int() },
  }),
  z.object({ id: text, place: micros }),
);
const countAnnouncements = typedQuery(
  'suppression/count_announcements',
  z.object({ change: text, state: text }),
  z.object({ count: z.coerce.number() }),
);
const AnnouncementRow = z.object({ change: text, state: text, announced_at: text });
const ChangeRow = z.object({
  change: text,
  kind: text,
  state: text,
  labels: z.record(text, text),
  title: text,
  link: text,
  made_by: text,
  at: text,
  reported_by: text,
  reported_at: text,
});

/** After everything that happened. */
const NEWEST: Micros = 7_258_118_400_000_000;

export interface Label {
  readonly label: string;
  readonly value: string;
}
export interface ChangeFilter {
  readonly from: Micros;
  readonly to: Micros;
  readonly kind?: string | undefined;
  readonly has: readonly Label[];
  readonly hasNot: readonly Label[];
}

/** What was told of changes: only ever added. */
@Injectable()
export class ChangesStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  reports(changes: readonly string[]): Promise<ChangeReport[]> {
    return this.clickhouse.rows(listReports, { changes: [...changes] });
  }

  /** Everything about changes of which something was told for [from, to). */
  within(from: Micros, to: Micros): Promise<ChangeReport[]> {
    return this.clickhouse.rows(listReportsWithin, { from, to });
  }

  /** Changes by the first that was told of them for [from, to), the newest first, of those behind a place. */
  list(
    { from, to, kind = '', has, hasNot }: ChangeFilter,
    [beforeAt, before]: readonly [Micros, string] = [NEWEST, ''],
    limit: number,
  ): Promise<{ id: string; place: Micros }[]> {
    return this.clickhouse.rows(listChanges, {
      ...{ from, to, kind, beforeAt, before, limit },
      hasNames: has.map(({ label }) => label),
      hasValues: has.map(({ value }) => value),
      hasNotNames: hasNot.map(({ label }) => label),
      hasNotValues: hasNot.map(({ value }) => value),
    });
  }

  /** Idempotent: the table keeps one of equal rows. */
  async add({ id, by, at, reportedBy, reportedAt, ...told }: ChangeReport): Promise<void> {
    const times = { at: formatInstant(at), reported_at: formatInstant(reportedAt) };
    await this.clickhouse.insert('changes', ChangeRow, [
      { ...told, change: id, made_by: by, reported_by: reportedBy, ...times },
    ]);
  }

  /** Whether PagerDuty has taken it. */
  async isAnnounced(change: string, state: string): Promise<boolean> {
    const found = await this.clickhouse.row(countAnnouncements, { change, state });
    return (found?.count ?? 0) > 0;
  }

  /** Idempotent: the table keeps one row of a state. */
  async noteAnnounced(change: string, state: string, at: Micros): Promise<void> {
    await this.clickhouse.insert('change_announcements', AnnouncementRow, [
      { change, state, announced_at: formatInstant(at) },
    ]);
  }
}
