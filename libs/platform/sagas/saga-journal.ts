import { Inject, Injectable } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import type { SagaEntry } from '@holdfast/platform/workflow-kit';
import { z } from 'zod';

const counts = z.record(z.string(), z.coerce.number());
const listEntries = typedQuery(
  'platform/list_saga_entries',
  z.object({ saga: z.string() }),
  z.object({
    ...{ seq: z.number(), kind: z.string(), step: z.string(), state: z.string() },
    ...{ at: micros, by: z.string(), remark: z.string(), counts },
  }),
);
const Row = z.object({
  ...{ saga: z.string(), seq: z.int(), kind: z.string(), step: z.string(), state: z.string() },
  ...{ at: z.string(), by: z.string(), remark: z.string(), counts: z.record(z.string(), z.int()) },
});

/** The table saga_journal. */
@Injectable()
export class SagaJournal {
  constructor(@Inject(ClickHouse) private readonly clickhouse: ClickHouse) {}

  async record(entry: SagaEntry): Promise<void> {
    await this.clickhouse.insert('saga_journal', Row, [{ ...entry, at: formatInstant(entry.at) }]);
  }

  /** In their order; none of a saga that has not begun. */
  async entries(saga: string): Promise<SagaEntry[]> {
    const rows = await this.clickhouse.rows(listEntries, { saga });
    return rows.map((row) => ({ ...row, saga, state: row.state as SagaEntry['state'] }));
  }
}
