import { Injectable } from '@nestjs/common';
import { BULK, ClickHouse, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { RecordGroup } from './core/impact';
import { startName, type StartEvent } from './core/policy';
import type { KeptRecord } from './core/precedence';

const text = z.string();
const Traits = z.object({
  process: text,
  class: text,
  categories: text,
  severity: text,
  environment: text,
  region: text,
  receivedOn: z.coerce.number(),
  starts: text,
});
const Starts = z.object({ startTypes: z.array(text), startStages: z.array(text) });
const listRecordGroups = typedQuery(
  'retention/list_record_groups',
  Starts,
  Traits.extend({ partition: text, records: z.coerce.number(), bytes: z.coerce.number() }),
  BULK,
);
const findRecords = typedQuery(
  'retention/find_records',
  Starts.extend({ process: text, id: text, key: text, limit: z.int() }),
  Traits.extend({ id: text, key: text, stage: text }),
);

/** A record that was found. */
export interface FoundRecord extends KeptRecord {
  readonly id: string;
  readonly key: string;
  readonly stage: string;
}

/** The table of records, as retention looks at it. */
@Injectable()
export class RecordGroupStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Every record that is there, by what policies go by and the day of receipt, in batches. @param starts events that time may count from */
  async *groups(starts: readonly StartEvent[]): AsyncGenerator<RecordGroup[]> {
    for await (const batch of this.clickhouse.stream(listRecordGroups, asked(starts)))
      yield batch.map(({ partition, records, bytes, ...traits }) => ({
        ...keptRecord(traits, starts),
        ...{ partition, records, bytes },
      }));
  }

  /** @param id or key: '' for any */
  async records(
    process: string,
    id: string,
    key: string,
    starts: readonly StartEvent[],
    limit: number,
  ): Promise<FoundRecord[]> {
    const found = await this.clickhouse.rows(findRecords, { ...asked(starts), process, id, key, limit });
    return found.map((row) => ({ ...keptRecord(row, starts), id: row.id, key: row.key, stage: row.stage }));
  }
}

const asked = (starts: readonly StartEvent[]): z.output<typeof Starts> => ({
  startTypes: starts.map(({ type }) => type),
  startStages: starts.map(({ stage = '' }) => stage),
});

/** @param starts in the order in which the days of `starts` stand in the row; 0 for what has not happened */
function keptRecord(row: z.output<typeof Traits>, starts: readonly StartEvent[]): KeptRecord {
  const days = row.starts === '' ? [] : row.starts.split(',').map(Number);
  const happened = starts.flatMap((start, i) => (days[i] ? [[startName(start), days[i]] as const] : []));
  return {
    process: row.process,
    class: row.class,
    categories: row.categories === '' ? [] : row.categories.split(','),
    severity: row.severity,
    environment: row.environment,
    region: row.region,
    receivedOn: row.receivedOn,
    startedOn: new Map(happened),
  };
}
