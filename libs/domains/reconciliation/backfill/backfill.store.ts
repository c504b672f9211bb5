import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import {
  BACKFILL_STATES,
  type BackfillProgress,
  type BackfillState,
  type BackfillTerms,
  type RecordedBackfill,
} from '../core/backfill';

const Page = z.object({
  backfill: z.string(),
  process: z.string(),
  beforeAt: z.int(),
  beforeId: z.string(),
  limit: z.int(),
});
const listBackfills = typedQuery(
  'reconciliation/list_backfills',
  Page,
  z.object({
    backfill: z.string(),
    process: z.string(),
    from: micros,
    to: micros,
    atOnce: z.number(),
    by: z.string(),
    askedAt: micros,
    state: z.enum(BACKFILL_STATES),
    updatedAt: micros,
    opened: z.number(),
    judged: z.number(),
    withGaps: z.number(),
    passed: z.number(),
  }) satisfies z.ZodType<RecordedBackfill>,
);
const BackfillRow = z.object({
  backfill: z.string(),
  seq: z.int(),
  process: z.string(),
  span_from: z.string(),
  span_to: z.string(),
  at_once: z.int(),
  asked_by: z.string(),
  asked_at: z.string(),
  state: z.enum(BACKFILL_STATES),
  updated_at: z.string(),
  opened: z.int(),
  judged: z.int(),
  with_gaps: z.int(),
  passed: z.int(),
});

/** After every back-fill: the year 2255. */
const NEVER: Micros = 9_000_000_000_000_000;
/** A row that is written when nobody else tells: after every other. */
export const LAST = 4_294_967_295;

/** The table of back-fills. */
@Injectable()
export class BackfillStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  find(backfill: string): Promise<RecordedBackfill | undefined> {
    const every = { process: '', beforeAt: NEVER, beforeId: '', limit: 1 };
    return this.clickhouse.row(listBackfills, { ...every, backfill });
  }

  /** Newest first. */
  list(process: string, beforeAt: Micros, beforeId: string, limit: number): Promise<RecordedBackfill[]> {
    return this.clickhouse.rows(listBackfills, { backfill: '', process, beforeAt, beforeId, limit });
  }

  /** Idempotent: the table keeps one row of a step. */
  async record(
    { backfill, process, from, to, atOnce, by, askedAt }: BackfillTerms & { readonly askedAt: Micros },
    seq: number,
    state: BackfillState,
    { opened, judged, withGaps, passed }: BackfillProgress,
    at: Micros,
  ): Promise<void> {
    const row = {
      backfill,
      seq,
      process,
      span_from: formatInstant(from),
      span_to: formatInstant(to),
      at_once: atOnce,
      asked_by: by,
      asked_at: formatInstant(askedAt),
      state,
      updated_at: formatInstant(at),
      opened,
      judged,
      with_gaps: withGaps,
      passed,
    };
    await this.clickhouse.insert('backfills', BackfillRow, [row]);
  }
}
