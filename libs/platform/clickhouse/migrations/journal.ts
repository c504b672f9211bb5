import { ClickHouseError } from '@clickhouse/client';
import { z } from 'zod';
import type { ClickHouse } from '../clickhouse';
import { typedQuery } from '../typed-query';
import type { Migration, Statement } from './files';
import { MigrationError } from './migration-error';

const UNKNOWN_TABLE = '60';

/** What the runner keeps in the store, made by itself: they are there before any migration. */
export const RUNNER_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS schema_migrations
(version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC'), runner String)
ENGINE = MergeTree ORDER BY version`,
  `CREATE TABLE IF NOT EXISTS schema_statements
(version UInt32, statement UInt32, checksum String, state Enum8('begun' = 1, 'done' = 2), mutations Array(String), at DateTime64(3, 'UTC'), runner String)
ENGINE = MergeTree ORDER BY (version, statement, at)`,
];

const listApplied = typedQuery(
  'platform/list_migrations',
  z.object({}),
  z.object({ version: z.number(), name: z.string(), checksum: z.string() }),
);
const listStatements = typedQuery(
  'platform/list_statements',
  z.object({ version: z.int() }),
  z.object({
    statement: z.number(),
    checksum: z.string(),
    done: z.coerce.boolean(),
    before: z.array(z.string()),
  }),
);
const Applied = z.object({
  version: z.int(),
  name: z.string(),
  checksum: z.string(),
  applied_at: z.string(),
  runner: z.string(),
});
const Noted = z.object({
  version: z.int(),
  statement: z.int(),
  checksum: z.string(),
  state: z.enum(['begun', 'done']),
  mutations: z.array(z.string()),
  at: z.string(),
  runner: z.string(),
});

/** What is known of a statement: it is done, or it was begun and nobody saw its end. */
export type Standing =
  { readonly state: 'done' } | { readonly state: 'begun'; readonly mutationsBefore: readonly string[] };

/** What was applied to a store, migration by migration and statement by statement. */
export class Journal {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly runner: string,
  ) {}

  async makeTables(): Promise<void> {
    for (const statement of RUNNER_TABLES) await this.clickhouse.command(statement);
  }

  /**
   * Files that were not applied, in order. One query.
   * @throws MigrationError when an applied file has changed or is gone
   */
  async missing<M extends Migration>(files: readonly M[]): Promise<M[]> {
    const rows = await orNone(this.clickhouse.rows(listApplied, {}));
    const known = new Map(rows.map((row) => [row.version, row]));
    for (const { version, name, checksum } of known.values()) {
      const file = files.find((one) => one.version === version);
      if (!file) throw new MigrationError(`${name} was applied to this store, and this release does not have it`);
      if (file.checksum !== checksum)
        throw new MigrationError(`${file.name} has changed since it was applied; add a new migration instead`);
    }
    return files.filter(({ version }) => !known.has(version));
  }

  /**
   * How far a migration has come, by the statements' numbers.
   * @throws MigrationError when a statement that is done has another text now
   */
  async standing({ name, version, statements }: Migration): Promise<Map<number, Standing>> {
    const rows = await orNone(this.clickhouse.rows(listStatements, { version }));
    const found = new Map<number, Standing>();
    for (const row of rows) {
      const statement = statements.find(({ number }) => number === row.statement);
      const isSame = statement?.checksum === row.checksum;
      if (row.done && !isSame)
        throw new MigrationError(
          `${name}: statement ${row.statement} has changed since it was applied; put it back, and mend what comes behind it`,
        );
      // One that was begun, failed and was mended begins anew.
      if (row.done) found.set(row.statement, { state: 'done' });
      else if (isSame) found.set(row.statement, { state: 'begun', mutationsBefore: row.before });
    }
    return found;
  }

  async begun(migration: Migration, statement: Statement, mutationsBefore: readonly string[]): Promise<void> {
    await this.note(migration, statement, 'begun', mutationsBefore);
  }

  async done(migration: Migration, statement: Statement): Promise<void> {
    await this.note(migration, statement, 'done', []);
  }

  async applied({ version, name, checksum }: Migration): Promise<void> {
    await this.clickhouse.insert('schema_migrations', Applied, [
      { version, name, checksum, applied_at: new Date().toISOString(), runner: this.runner },
    ]);
  }

  private async note(
    { version }: Migration,
    { number, checksum }: Statement,
    state: 'begun' | 'done',
    mutations: readonly string[],
  ): Promise<void> {
    const at = new Date().toISOString();
    await this.clickhouse.insert('schema_statements', Noted, [
      { version, statement: number, checksum, state, mutations: [...mutations], at, runner: this.runner },
    ]);
  }
}

/** Rows of a table that may not be there yet. */
export async function orNone<R>(rows: Promise<R[]>): Promise<R[]> {
  try {
    return await rows;
  } catch (error) {
    if (error instanceof ClickHouseError && error.code === UNKNOWN_TABLE) return [];
    throw error;
  }
}
