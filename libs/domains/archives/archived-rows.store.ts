import { Injectable } from '@nestjs/common';
import { newId } from '@holdfast/kernel';
import { BULK, ClickHouse, micros, typedQuery, uint64 } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { Bounds, HourCount, Span } from './core/archive';

const text = z.string();
const count = z.coerce.number().pipe(z.int());
const Partition = z.object({ class: text, period: z.int() });
const InSpan = Partition.extend({ fromProcess: text, fromHour: z.int(), toProcess: text, toHour: z.int() });
const Keyed = InSpan.extend({ keyId: text });
const nothing = z.unknown();

const countByHour = typedQuery(
  'archives/count_by_hour',
  Partition,
  z.object({ process: text, hour: count, rows: count }) satisfies z.ZodType<HourCount>,
  BULK,
);
const sumSpan = typedQuery(
  'archives/sum_span',
  InSpan,
  z.object({
    ...{ rows: count, hash: uint64, personal: count },
    ...{ minProcess: text, maxProcess: text, minKey: text, maxKey: text },
    ...{ minOriginAt: micros, maxOriginAt: micros, minOccurredAt: micros, maxOccurredAt: micros },
    ...{ minReceivedAt: micros, maxReceivedAt: micros },
  }),
  BULK,
);
const exportSpan = typedQuery('archives/export_span', InSpan, nothing, BULK);
const exportSpanWithSubjects = typedQuery('archives/export_span_with_subjects', Keyed, nothing, BULK);
const listSubjectsWithoutKey = typedQuery(
  'archives/list_subjects_without_key',
  Keyed.extend({ after: text, limit: z.int() }),
  z.object({ subject: text }),
  BULK,
);
const readObject = typedQuery('archives/read_object', z.object({ reading: text, keyId: text }), nothing, BULK);
const Reading = z.object({ rows: count, hash: uint64, erased: count });
const findReading = typedQuery('archives/find_reading', z.object({ reading: text }), Reading);
const restoreObject = typedQuery('archives/restore_object', z.object({ restore: text, keyId: text }), nothing, BULK);
const sumRestored = typedQuery('archives/sum_restored', z.object({ restore: text }), Reading, BULK);
const listRestoredPartitions = typedQuery(
  'archives/list_restored_partitions',
  z.object({ restore: text }),
  z.object({ partition: text }),
);
const Restored = z.object({
  ...{ process: text, key: text, stage: text, source: text, id: text, attempt: count, type: text, outcome: text },
  ...{ occurredAt: micros, originAt: micros, receivedAt: micros, correlationId: text, sign: count },
  ...{ categories: text, sensitivity: text, data: text, isErased: z.boolean() },
});
export type RestoredRecord = z.output<typeof Restored>;
const listRestored = typedQuery(
  'archives/list_restored',
  z.object({ restore: text, process: text, key: text, limit: z.int(), skip: z.int() }),
  Restored,
);

/** A partition of the records: a retention class and a month of receipt. */
export interface Partition {
  readonly class: string;
  readonly period: string;
}
export interface SpanSum {
  readonly rows: number;
  readonly hash: string;
  /** Rows in which something is personal. */
  readonly personal: number;
  readonly bounds: Bounds;
}
export type ReadingSum = z.output<typeof Reading>;

const partitionOf = ({ class: kept, period }: Partition) => ({ class: kept, period: Number(period) });

/** Records on their way into archives and out of them. */
@Injectable()
export class ArchivedRowsStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** In the order of process and hour. */
  countByHour(of: Partition): Promise<HourCount[]> {
    return this.clickhouse.rows(countByHour, partitionOf(of));
  }

  /** What is in a span, by the records themselves. */
  async sum(of: Partition, span: Span): Promise<SpanSum> {
    const found = (await this.clickhouse.row(sumSpan, { ...partitionOf(of), ...span }))!;
    const bounds: Bounds = {
      process: [found.minProcess, found.maxProcess],
      key: [found.minKey, found.maxKey],
      originAt: [found.minOriginAt, found.maxOriginAt],
      occurredAt: [found.minOccurredAt, found.maxOccurredAt],
      receivedAt: [found.minReceivedAt, found.maxReceivedAt],
    };
    return { rows: found.rows, hash: found.hash, personal: found.personal, bounds };
  }

  /** @param keyId whose subjects' keys seal what is personal; undefined where nothing is @returns Parquet */
  export(of: Partition, span: Span, keyId: string | undefined, signal?: AbortSignal): AsyncGenerator<Buffer> {
    return keyId === undefined
      ? this.clickhouse.bytes(exportSpan, { ...partitionOf(of), ...span }, signal)
      : this.clickhouse.bytes(exportSpanWithSubjects, { ...partitionOf(of), ...span, keyId }, signal);
  }

  /** In their order, behind one. */
  async subjectsWithoutKey(of: Partition, span: Span, keyId: string, after: string, limit: number): Promise<string[]> {
    const found = await this.clickhouse.rows(listSubjectsWithoutKey, {
      ...partitionOf(of),
      ...span,
      keyId,
      after,
      limit,
    });
    return found.map(({ subject }) => subject);
  }

  /**
   * Has the engine open an object, count its rows and sum their hashes.
   * @param keyId whose subjects' keys open what is personal
   * @throws ClickHouseError when it is no Parquet file with these columns
   */
  async read(parquet: AsyncIterable<Buffer>, keyId: string, signal?: AbortSignal): Promise<ReadingSum> {
    const reading = newId();
    await this.clickhouse.insertBytes(readObject, { reading, keyId }, parquet, signal);
    return (await this.clickhouse.row(findReading, { reading })) ?? { rows: 0, hash: '0', erased: 0 };
  }

  /** Puts the rows of an object beside the others of a restore. A repeat puts them there twice. @throws ClickHouseError as `read` */
  restore(restore: string, keyId: string, parquet: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<void> {
    return this.clickhouse.insertBytes(restoreObject, { restore, keyId }, parquet, signal);
  }

  async sumRestored(restore: string): Promise<ReadingSum> {
    return (await this.clickhouse.row(sumRestored, { restore })) ?? { rows: 0, hash: '0', erased: 0 };
  }

  /** Forgets what was restored. A repeat does nothing. */
  async dropRestored(restore: string): Promise<void> {
    for (const { partition } of await this.clickhouse.rows(listRestoredPartitions, { restore }))
      await this.clickhouse.dropPartition('archive_restored_records', partition);
  }

  restored(
    of: { readonly restore: string; readonly process: string; readonly key: string },
    skip: number,
    limit: number,
  ): Promise<RestoredRecord[]> {
    return this.clickhouse.rows(listRestored, { ...of, skip, limit });
  }
}
