import { Injectable } from '@nestjs/common';
import type { HeldRows } from '@holdfast/domains/holds/partition-purge.service';
import { type StartEvent, startName } from '@holdfast/domains/retention/core/policy';
import type { KeptRecord, Tier } from '@holdfast/domains/retention/core/precedence';
import type { TieredGroup } from '@holdfast/domains/retention/record-tier.service';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { BULK, ClickHouse, micros, Partitions, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { SampledRecord } from './run.store';

const text = z.string();
const texts = z.array(text);
const count = z.coerce.number().pipe(z.int());
const OfTier = z.object({ plan: text, partition: text, tier: text });
const Asked = OfTier.extend({ startTypes: texts, startStages: texts, heldProcesses: texts, finding: text });
const countGoing = typedQuery(
  'disposition/count_going',
  Asked,
  z.object({ rows: count, bytes: count, held: count }),
  BULK,
);
const keepStaying = typedQuery(
  'disposition/keep_staying',
  Asked.extend({ tracking_records: text }),
  z.object({}),
  BULK,
);
const sampleGoing = typedQuery(
  'disposition/sample_going',
  Asked.extend({ limit: z.int() }),
  z.object({ process: text, key: text, stage: text, id: text, receivedAt: micros }),
  BULK,
);
const listProcesses = typedQuery('disposition/list_processes_of_lot', OfTier, z.object({ process: text }));
const listParts = typedQuery(
  'disposition/list_parts',
  z.object({ partition: text }),
  z.object({ parts: count, rows: count, leftovers: count, mutations: count }),
);
const findVersion = typedQuery('disposition/find_engine_version', z.object({}), z.object({ version: text }));
const Related = z.object({ processes: texts, from: z.int(), to: z.int() });
const rememberStarts = typedQuery(
  'disposition/remember_starts',
  z.object({ partition: text, startTypes: texts }),
  z.object({}),
  BULK,
);
const forgetStarts = typedQuery('disposition/forget_starts', z.object({ processes: texts }), z.object({}), BULK);
const countRelated = typedQuery('disposition/count_related', Related, z.object({ rows: count }), BULK);
const deleteRelated = typedQuery('disposition/delete_related', Related, z.object({}), BULK);

/** Nothing was received in it. */
const NEVER = '1-190001';
const GroupRow = z.object({
  ...{ plan: text, partition: text, tier: text, process: text, categories: text, severity: text },
  ...{ environment: text, region: text, received_on: z.int(), starts: text },
});

/** Which rows of a partition a lot is about. */
export interface RowsOfLot {
  readonly plan: string;
  readonly partition: string;
  readonly tier: Tier;
  /** Events that time may count from, in the order in which groups were kept. */
  readonly starts: readonly StartEvent[];
}
/** What the engine has of a partition on disk. */
export type PartsLeft = z.output<NonNullable<typeof listParts>['row']>;

/** Rows of records, as runs of retention look at them. */
@Injectable()
export class LotRowStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Keeps where groups of records are to be. @param starts events that time may count from, in the order in which groups are told */
  async keepGroups(plan: string, starts: readonly StartEvent[], groups: readonly TieredGroup[]): Promise<void> {
    const rows = groups.map(({ group, tier }) => ({
      ...{ plan, partition: group.partition, tier, process: group.process, categories: group.categories.join() },
      ...{ severity: group.severity, environment: group.environment, region: group.region },
      ...{ received_on: group.receivedOn, starts: startsText(group, starts) },
    }));
    await this.clickhouse.insert('retention_groups', GroupRow, rows);
  }

  /** Rows that go, and rows that would but are held. */
  async count(lot: RowsOfLot, held: HeldRows) {
    return (await this.clickhouse.row(countGoing, asked(lot, held)))!;
  }

  /** Copies rows that neither go nor are held to another table. */
  keepStaying(lot: RowsOfLot, held: HeldRows, stage: string): Promise<void> {
    return this.clickhouse.run(keepStaying, { ...asked(lot, held), tracking_records: stage });
  }

  async sample(lot: RowsOfLot, held: HeldRows, limit: number): Promise<SampledRecord[]> {
    const rows = await this.clickhouse.rows(sampleGoing, { ...asked(lot, held), limit });
    return rows.map((row) => ({ ...row, receivedAt: formatInstant(row.receivedAt) }));
  }

  async processes({ plan, partition, tier }: RowsOfLot): Promise<string[]> {
    return (await this.clickhouse.rows(listProcesses, { plan, partition, tier })).map(({ process }) => process);
  }

  /** Has the engine remove files of rows that were deleted. */
  removeLeftovers(): Promise<void> {
    return new Partitions(this.clickhouse).removeLeftovers('tracking_records', NEVER);
  }

  async parts(partition: string): Promise<PartsLeft> {
    return (await this.clickhouse.row(listParts, { partition }))!;
  }

  async engineVersion(): Promise<string> {
    return (await this.clickhouse.row(findVersion, {}))!.version;
  }

  /** What policies count time from is known for ever after, as long as its key has a record. */
  async rememberStarts({ partition, starts }: RowsOfLot): Promise<void> {
    if (starts.length === 0) return;
    await this.clickhouse.run(rememberStarts, { partition, startTypes: starts.map(({ type }) => type) });
  }

  forgetStarts(processes: readonly string[]): Promise<void> {
    return this.clickhouse.run(forgetStarts, { processes: [...processes] });
  }

  /** Discrepancies about keys of which no record is left, and what happened in a span. */
  async countRelated(processes: readonly string[], span: RelatedSpan): Promise<number> {
    return (await this.clickhouse.row(countRelated, { processes: [...processes], ...span }))!.rows;
  }

  /** Deletes them. */
  deleteRelated(processes: readonly string[], span: RelatedSpan): Promise<void> {
    return this.clickhouse.run(deleteRelated, { processes: [...processes], ...span });
  }
}

/** [from, to). */
interface RelatedSpan {
  readonly from: Micros;
  readonly to: Micros;
}

const asked = ({ starts, ...lot }: RowsOfLot, { finding, processes }: HeldRows): z.output<typeof Asked> => ({
  ...{ ...lot, finding, heldProcesses: [...processes] },
  startTypes: starts.map(({ type }) => type),
  startStages: starts.map(({ stage = '' }) => stage),
});

/** As the engine joins them. */
const startsText = ({ startedOn }: KeptRecord, starts: readonly StartEvent[]): string =>
  starts.map((start) => startedOn.get(startName(start)) ?? 0).join();
