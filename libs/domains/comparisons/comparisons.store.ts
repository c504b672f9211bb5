import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { ComparisonDefinition, ComparisonResult, Difference, ResumePoint } from './core/comparison';
import {
  COMPARISON_STATES,
  type ComparisonRun,
  type ComparisonStanding,
  type Ending,
  type FinishedSegment,
  type Lineage,
  type ToldDifference,
} from './core/run';

const count = z.coerce.number().pipe(z.int());
const texts = z.array(z.string());
const ends = z.array(z.int());
const values = z.array(z.string().nullable());
const told = { executions: texts, ends, keyColumns: texts, comparedColumns: texts };

const Page = z.object({
  ...{ comparison: z.string(), definition: z.string() },
  ...{ beforeAt: z.int(), beforeId: z.string(), limit: z.int() },
});
const listComparisons = typedQuery(
  'comparisons/list_comparisons',
  Page,
  z.object({
    ...{ comparison: z.string(), definition: z.string(), version: z.int(), body: z.string() },
    ...{ askedBy: z.string(), askedAt: micros, scheduled: z.boolean() },
    ...{ state: z.enum(COMPARISON_STATES), endedAt: micros, result: z.string() },
    ...{ failureCode: z.string(), failureDetail: z.string(), ...told },
    ...{ added: count, removed: count, changed: count, same: count, rows: count, bytes: count, seconds: z.number() },
  }),
);
const findLastSegment = typedQuery(
  'comparisons/find_last_segment',
  z.object({ comparison: z.string() }),
  z.object({ execution: z.string(), segment: z.int(), resume: z.string(), ...told }),
);
const listDifferences = typedQuery(
  'comparisons/list_differences',
  z.object({
    ...{ comparison: z.string(), executions: texts, ends },
    ...{ afterSegment: z.int(), afterOrdinal: z.int(), limit: z.int() },
  }),
  z.object({
    ...{ segment: z.int(), ordinal: z.int(), kind: z.enum(['added', 'removed', 'changed']) },
    ...{ key: values, source: values, target: values, columns: z.array(z.int()) },
  }),
);
const listOldPartitions = typedQuery(
  'comparisons/list_old_partitions',
  z.object({ before: z.int() }),
  z.object({ table: z.string(), partition: z.string() }),
);

const RunRow = z.object({
  ...{ comparison: z.string(), definition: z.string(), definition_version: z.int(), body: z.string() },
  ...{ asked_by: z.string(), asked_at: z.string(), scheduled: z.boolean() },
});
const counted = {
  ...{ added: z.int(), removed: z.int(), changed: z.int(), same: z.int() },
  ...{ rows: z.int(), bytes: z.int(), seconds: z.number() },
};
const lineage = { executions: texts, ends, key_columns: texts, compared_columns: texts };
const SegmentRow = z.object({
  ...{ comparison: z.string(), asked_at: z.string(), execution: z.string(), segment: z.int() },
  ...{ ...lineage, resume: z.string(), ...counted },
});
const DifferenceRow = z.object({
  ...{ comparison: z.string(), asked_at: z.string(), execution: z.string(), segment: z.int(), ordinal: z.int() },
  ...{ kind: z.enum(['added', 'removed', 'changed']), key: values, source: values, target: values },
  columns: z.array(z.int()),
});
const ResultRow = z.object({
  ...{ comparison: z.string(), ended_at: z.string(), state: z.string(), ...lineage, ...counted },
  ...{ result: z.string(), failure_code: z.string(), failure_detail: z.string() },
});

/** After every comparison: the year 2255. */
const NEVER: Micros = 9_000_000_000_000_000;
export const NEWEST = { beforeAt: NEVER, beforeId: '' } as const;

/** The tables of comparisons. Everything that is written may be written again. */
@Injectable()
export class ComparisonsStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  async find(comparison: string): Promise<ComparisonStanding | undefined> {
    return (await this.query({ comparison, definition: '', ...NEWEST, limit: 1 }))[0];
  }

  /** Newest first. @param definition '' for all */
  list(definition: string, beforeAt: Micros, beforeId: string, limit: number): Promise<ComparisonStanding[]> {
    return this.query({ comparison: '', definition, beforeAt, beforeId, limit });
  }

  private async query(page: z.output<typeof Page>): Promise<ComparisonStanding[]> {
    const rows = await this.clickhouse.rows(listComparisons, page);
    return rows.map((row) => {
      const { added, removed, changed, same, rows: read, bytes, seconds, executions, ends: last, ...rest } = row;
      const { body, result, failureCode, failureDetail, endedAt, keyColumns, comparedColumns, ...run } = rest;
      return {
        ...run,
        body: JSON.parse(body) as ComparisonDefinition,
        endedAt: run.state === 'running' ? undefined : endedAt,
        lineage: { executions, ends: last },
        names: { key: keyColumns, columns: comparedColumns },
        counts: { added, removed, changed, same },
        spent: { rows: read, bytes, seconds },
        result: result === '' ? undefined : (JSON.parse(result) as ComparisonResult),
        failure: failureCode === '' ? undefined : { code: failureCode, detail: failureDetail },
      };
    });
  }

  async lastSegment(comparison: string): Promise<FinishedSegment | undefined> {
    const row = await this.clickhouse.row(findLastSegment, { comparison });
    if (!row) return undefined;
    const { execution, segment, executions, ends: last, keyColumns, comparedColumns, resume } = row;
    return {
      ...{ execution, segment, lineage: { executions, ends: last } },
      names: { key: keyColumns, columns: comparedColumns },
      resume: JSON.parse(resume) as ResumePoint,
    };
  }

  /** In the order in which they were told, of those that a lineage holds. @param after the last one that is known */
  async differences(
    comparison: string,
    { executions, ends: last }: Lineage,
    after: Pick<ToldDifference, 'segment' | 'ordinal'>,
    limit: number,
  ): Promise<ToldDifference[]> {
    const rows = await this.clickhouse.rows(listDifferences, {
      ...{ comparison, executions: [...executions], ends: [...last], limit },
      ...{ afterSegment: after.segment, afterOrdinal: after.ordinal },
    });
    return rows.map(({ segment, ordinal, kind, key, source, target, columns }) => ({
      ...{ segment, ordinal },
      difference:
        kind === 'added'
          ? { is: kind, key, target }
          : kind === 'removed'
            ? { is: kind, key, source }
            : { is: kind, key, source, target, columns },
    }));
  }

  async add(run: ComparisonRun): Promise<void> {
    const { comparison, definition, version, body, askedBy, askedAt, scheduled } = run;
    const row = {
      ...{ comparison, definition, definition_version: version, body: JSON.stringify(body) },
      ...{ asked_by: askedBy, asked_at: formatInstant(askedAt), scheduled },
    };
    await this.clickhouse.insert('comparisons', RunRow, [row]);
  }

  /** Differences of a segment, from an ordinal on. They count once the segment, or the result, is written. */
  async addDifferences(
    { comparison, askedAt }: ComparisonRun,
    { execution, segment }: Pick<FinishedSegment, 'execution' | 'segment'>,
    first: number,
    differences: readonly Difference[],
  ): Promise<void> {
    const rows = differences.map((one, at) => ({
      ...{ comparison, asked_at: formatInstant(askedAt), execution, segment, ordinal: first + at },
      ...{ kind: one.is, key: [...one.key] },
      source: one.is === 'added' ? [] : [...one.source],
      target: one.is === 'removed' ? [] : [...one.target],
      columns: one.is === 'changed' ? [...one.columns] : [],
    }));
    await this.clickhouse.insert('comparison_differences', DifferenceRow, rows);
  }

  async finishSegment({ comparison, askedAt }: ComparisonRun, finished: FinishedSegment): Promise<void> {
    const { execution, segment, names, resume } = finished;
    const row = {
      ...{ comparison, asked_at: formatInstant(askedAt), execution, segment },
      ...toldRow(finished.lineage, names),
      ...{ resume: JSON.stringify(resume), ...resume.counts, ...spentRow(resume.spent) },
    };
    await this.clickhouse.insert('comparison_segments', SegmentRow, [row]);
  }

  /** The first ending that is written stands. */
  async end(comparison: string, ending: Ending): Promise<void> {
    const { state, at, names, counts, spent, result, failure } = ending;
    const row = {
      ...{ comparison, ended_at: formatInstant(at), state, ...toldRow(ending.lineage, names) },
      ...{ ...counts, ...spentRow(spent), result: result ? JSON.stringify(result) : '' },
      ...{ failure_code: failure?.code ?? '', failure_detail: failure?.detail ?? '' },
    };
    await this.clickhouse.insert('comparison_results', ResultRow, [row], { token: `comparison/${comparison}` });
  }

  /** Forgets what comparisons found that were asked for before a time: keys, values and places to go on from. Results stay. A repeat does nothing. */
  async forget(before: Micros): Promise<number> {
    const old = await this.clickhouse.rows(listOldPartitions, { before });
    for (const { table, partition } of old) await this.clickhouse.dropPartition(table, partition);
    return old.length;
  }
}

const toldRow = ({ executions, ends: last }: Lineage, { key, columns }: FinishedSegment['names']) => ({
  ...{ executions: [...executions], ends: [...last], key_columns: [...key], compared_columns: [...columns] },
});
const spentRow = ({ rows, bytes, seconds }: ResumePoint['spent']) => ({ rows, bytes: Math.round(bytes), seconds });
