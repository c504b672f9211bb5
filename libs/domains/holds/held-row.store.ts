import { Injectable } from '@nestjs/common';
import { BULK, ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import type { Micros } from '@holdfast/kernel';
import { z } from 'zod';
import type { HoldScope } from './core/scope';

const text = z.string();
const texts = z.array(text);
const Scope = z.object({
  ...{ processes: texts, stages: texts, types: texts, sources: texts, classes: texts, categories: texts },
  ...{ keys: texts, aliases: texts, aliasPaths: z.array(texts) },
  ...{ fromAt: z.int(), toAt: z.int(), paths: z.array(texts), fieldValues: z.array(texts) },
});
const countScope = typedQuery(
  'holds/count_scope',
  Scope.extend({ onlyKeys: texts }),
  z.object({
    records: z.coerce.number(),
    keys: z.coerce.number(),
    bytes: z.coerce.number(),
    firstAt: micros,
    lastAt: micros,
  }),
  BULK,
);
const countRecords = typedQuery('holds/count_records', z.object({}), z.object({ records: z.coerce.number() }));
const countPartition = typedQuery(
  'holds/count_partition',
  z.object({ partition: text }),
  z.object({ records: z.coerce.number() }),
);
const countWaiting = typedQuery(
  'holds/count_waiting',
  z.object({ tracking_records: text }),
  z.object({ records: z.coerce.number() }),
);
const Finding = z.object({ partition: text, finding: text, foundAt: z.int() });
const findHeldByName = typedQuery('holds/find_held_by_name', Finding, z.object({}), BULK);
const findHeldByQuery = typedQuery('holds/find_held_by_query', Finding.extend(Scope.shape), z.object({}), BULK);
const listProcesses = typedQuery(
  'holds/list_processes_of_partition',
  z.object({ partition: text }),
  z.object({ process: text }),
);
const keepHeld = typedQuery(
  'holds/keep_held',
  z.object({ partition: text, finding: text, processes: texts, tracking_records: text }),
  z.object({}),
  BULK,
);

/** What a scope comes to. */
export interface ScopeCount {
  readonly records: number;
  readonly keys: number;
  /** Of keys, ids, attributes and data. */
  readonly bytes: number;
  /** Of the business facts; 0 where there is none. */
  readonly firstAt: Micros;
  readonly lastAt: Micros;
}

/** The table of records, as holds look at it. */
@Injectable()
export class HeldRowStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Exact. @param onlyKeys of these keys alone; all where there are none */
  async count(scope: HoldScope, onlyKeys: readonly string[] = []): Promise<ScopeCount> {
    return (await this.clickhouse.row(countScope, { ...asked(scope), onlyKeys: [...onlyKeys] }))!;
  }

  async records(): Promise<number> {
    return (await this.clickhouse.row(countRecords, {}))!.records;
  }

  async recordsIn(partition: string): Promise<number> {
    return (await this.clickhouse.row(countPartition, { partition }))!.records;
  }

  /** Rows that wait in the table of a deletion. */
  async recordsWaiting(stage: string): Promise<number> {
    return (await this.clickhouse.row(countWaiting, { tracking_records: stage }))!.records;
  }

  async processesIn(partition: string): Promise<string[]> {
    return (await this.clickhouse.rows(listProcesses, { partition })).map(({ process }) => process);
  }

  /** Notes the keys of a partition that holds in force look up. */
  findByName(partition: string, finding: string, at: Micros): Promise<void> {
    return this.clickhouse.run(findHeldByName, { partition, finding, foundAt: at });
  }

  /** Notes the keys of a partition of which a record fits the scope. */
  findByQuery(partition: string, finding: string, at: Micros, scope: HoldScope): Promise<void> {
    return this.clickhouse.run(findHeldByQuery, { partition, finding, foundAt: at, ...asked(scope) });
  }

  /** Copies the rows of the keys that were noted, and of processes that are held as a whole, to another table. @param stage its name */
  async keep(partition: string, finding: string, processes: readonly string[], stage: string): Promise<void> {
    await this.clickhouse.run(keepHeld, { partition, finding, processes: [...processes], tracking_records: stage });
  }
}

/** Times before and behind all that there are. */
const [EARLIEST, LATEST] = [-2_208_988_800_000_000, 7_258_118_400_000_000];

const asked = (scope: HoldScope): z.output<typeof Scope> => ({
  processes: [...(scope.processes ?? [])],
  stages: [...(scope.stages ?? [])],
  types: [...(scope.types ?? [])],
  sources: [...(scope.sources ?? [])],
  classes: [...(scope.classes ?? [])],
  categories: [...(scope.categories ?? [])],
  keys: [...(scope.keys ?? [])],
  aliases: [...(scope.subject?.aliases ?? [])],
  aliasPaths: (scope.subject?.fields ?? []).map((path) => path.split('.')),
  fromAt: scope.from ?? EARLIEST,
  toAt: scope.to ?? LATEST,
  paths: (scope.fields ?? []).map(({ path }) => path.split('.')),
  fieldValues: (scope.fields ?? []).map((field) => [...field.in]),
});
