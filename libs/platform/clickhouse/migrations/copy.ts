import { z } from 'zod';
import type { ClickHouse } from '../clickhouse';
import { typedQuery } from '../typed-query';
import { withDatabase } from './words';

const listTables = typedQuery(
  'platform/list_table_sizes',
  z.object({}),
  z.object({
    name: z.string(),
    engine: z.string(),
    rows: z.coerce.number(),
    bytes: z.coerce.number(),
    statement: z.string(),
  }),
);

export interface Table {
  readonly name: string;
  readonly engine: string;
  readonly rows: number;
  /** On disk, compressed. */
  readonly bytes: number;
  readonly statement: string;
}

/** Every table of the store, those before others that read them. */
export const tablesOf = (clickhouse: ClickHouse): Promise<Table[]> => clickhouse.rows(listTables, {});

/** Rows of a table that a copy takes. */
export const SAMPLE_ROWS = 10_000;

/**
 * Runs something on a copy of the store in a database of its own: every table's structure, and a sample of the rows of some. Who calls holds the migration
 * lock, so that a copy that is there already was left by a crash.
 * @param sampled names of tables whose rows matter
 */
export async function onCopy<T>(
  clickhouse: ClickHouse,
  sampled: ReadonlySet<string>,
  run: (copy: ClickHouse) => Promise<T>,
): Promise<T> {
  const from = clickhouse.database;
  const name = `${from}_dry_run`;
  const remove = (): Promise<void> => clickhouse.command(`DROP DATABASE IF EXISTS ${name} SYNC`);
  await remove();
  await clickhouse.command(`CREATE DATABASE ${name}`);
  const copy = clickhouse.inDatabase(name);
  try {
    for (const table of await tablesOf(clickhouse)) {
      await copy.command(withDatabase(table.statement, from, name));
      if (sampled.has(table.name) && table.rows > 0)
        await copy.command(
          `INSERT INTO \`${table.name}\` SELECT * FROM ${from}.\`${table.name}\` LIMIT ${SAMPLE_ROWS}`,
          {
            max_partitions_per_insert_block: '0',
          },
        );
    }
    return await run(copy);
  } finally {
    await copy.close();
    await remove();
  }
}
