import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ClickHouse, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';

const text = z.string();
const uint = z.coerce.number().pipe(z.int());
const Row = z.object({ sequence: uint, commit: uint, salt: text, entry: text });
const Found = z.object({ id: text, sequence: uint });

const listEntries = typedQuery(
  'audit/list_entries',
  z.object({
    before: z.int(),
    from: z.int(),
    to: z.int(),
    kind: text,
    action: text,
    actor: text,
    subjectKind: text,
    subject: text,
    outcome: text,
    limit: z.int(),
  }),
  Row,
);
const listRows = typedQuery(
  'audit/list_rows',
  z.object({ from: z.int(), to: z.int(), limit: z.int() }),
  Row.extend({ differing: z.array(text) }),
);
const findIds = typedQuery('audit/find_ids', z.object({ ids: z.array(text), size: z.int() }), Found);
const listRecentIds = typedQuery('audit/list_recent_ids', z.object({ from: z.int(), size: z.int() }), Found);
const findLastCommit = typedQuery('audit/find_last_commit', z.object({}), z.object({ commit: uint }));

/** A row as it is written. `at` is the entry's own. */
const NewRow = z.object({ sequence: z.int(), commit: z.int(), at: text, salt: text, entry: text });
export type NewRow = z.output<typeof NewRow>;
export type StoredRow = z.output<typeof Row>;

/** Where entries are looked for; '' is any. */
export interface EntryFilter {
  readonly from: Micros;
  readonly to: Micros;
  readonly kind: string;
  readonly action: string;
  readonly actor: string;
  readonly subjectKind: string;
  readonly subject: string;
  readonly outcome: string;
}

/** Above every sequence. */
export const NEWEST = Number.MAX_SAFE_INTEGER;
export const ANY: EntryFilter = {
  ...{ from: 0, to: 9_000_000_000_000_000, kind: '', action: '', actor: '', subjectKind: '', subject: '', outcome: '' },
};

/** Rows of the audit log. The sequencer writes them, nobody else. */
@Injectable()
export class AuditStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** One block. Of equal rows one counts. @throws DomainError `unavailable`: whether they are there is unknown then */
  insert(rows: readonly NewRow[]): Promise<void> {
    return this.clickhouse.insert('audit_entries', NewRow, rows);
  }

  /** Below a sequence, newest first. */
  entries(filter: EntryFilter, before: number, limit: number): Promise<StoredRow[]> {
    return this.clickhouse.rows(listEntries, { ...filter, before, limit });
  }

  /** The row of an entry; undefined when there is none. */
  async entry(sequence: number): Promise<StoredRow | undefined> {
    const [row] = await this.entries(ANY, sequence + 1, 1);
    return row?.sequence === sequence ? row : undefined;
  }

  /** Rows of [from, to) as they are, with search columns that contradict their entries. */
  rows(from: number, to: number, limit: number): Promise<(StoredRow & { readonly differing: string[] })[]> {
    return this.clickhouse.rows(listRows, { from, to, limit });
  }

  /** Sequences of those that are there, by id. @param size of the log: what is not below was never committed */
  async sequencesOf(ids: readonly string[], size: number): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const rows = await this.clickhouse.rows(findIds, { ids: [...ids], size });
    return new Map(rows.map(({ id, sequence }) => [id, sequence]));
  }

  /** Ids of the entries [from, size), oldest first. */
  async recentIds(from: number, size: number): Promise<readonly (readonly [string, number])[]> {
    const rows = await this.clickhouse.rows(listRecentIds, { from, size });
    return rows.map(({ id, sequence }) => [id, sequence] as const);
  }

  /** 0 where there is no row. */
  async lastCommit(): Promise<number> {
    return (await this.clickhouse.row(findLastCommit, {}))?.commit ?? 0;
  }

  /** Takes an entry's content away: hidden at once, gone from the disk with the next merge of its part. */
  erase(sequence: number): Promise<void> {
    return this.clickhouse.deleteRows('audit_entries', { sequence: String(sequence) });
  }
}
