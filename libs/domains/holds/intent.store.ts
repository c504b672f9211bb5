import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, Partitions, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { type DeletionIntent, INTENT_STEPS, type IntentStep } from './core/intent';

const text = z.string();
const Stored = z.object({
  ...{ intent: text, table: text, partition: text, class: text, fence: text, owner: text },
  seconds: z.number(),
  at: micros,
});
const listOpenIntents = typedQuery('holds/list_open_intents', z.object({}), Stored);
const listEnded = typedQuery(
  'holds/list_ended_intents',
  z.object({ intents: z.array(text) }),
  z.object({ intent: text, step: z.enum(INTENT_STEPS), rows: z.coerce.number() }),
);
const Before = z.object({ before: z.int() });
const listLeftFences = typedQuery('holds/list_left_fences', Before, z.object({ name: text }));
const listOldFindings = typedQuery('holds/list_old_findings', Before, z.object({ partition: text }));
const IntentRow = z.object({
  ...{ intent: text, step: text, of_table: text, partition: text, class: text, fence: text, owner: text, at: text },
  ...{ seconds: z.int(), rows: z.int() },
});

/** How intents ended. */
export interface EndedIntent {
  readonly intent: string;
  readonly step: IntentStep;
  readonly rows: number;
}

/** What is about to be deleted. Reads see what was written before them, on every replica. */
@Injectable()
export class IntentStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Those of which no end is known. */
  open(): Promise<DeletionIntent[]> {
    return this.clickhouse.rows(listOpenIntents, {});
  }

  ended(intents: readonly string[]): Promise<EndedIntent[]> {
    return this.clickhouse.rows(listEnded, { intents: [...intents] });
  }

  /** Takes away what deletions that died before a time have left. One that still runs fails then. */
  async sweep(before: Micros): Promise<void> {
    const partitions = new Partitions(this.clickhouse);
    for (const { name } of await this.clickhouse.rows(listLeftFences, { before })) await partitions.drop(name);
    for (const { partition } of await this.clickhouse.rows(listOldFindings, { before }))
      await this.clickhouse.dropPartition('held_keys', partition);
  }

  /** Idempotent: the table keeps one row of a step. */
  async note({ table, at: _, ...intent }: DeletionIntent, step: IntentStep, rows: number, at: Micros): Promise<void> {
    const row = { ...intent, of_table: table, step, rows, at: formatInstant(at) };
    await this.clickhouse.insert('deletion_intents', IntentRow, [row], { everywhere: true });
  }
}
