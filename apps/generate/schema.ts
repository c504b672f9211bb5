import { ClickHouse, migrate, typedQuery } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { z } from 'zod';

const listTables = typedQuery(
  'platform/list_tables',
  z.object({}),
  z.object({ name: z.string(), statement: z.string() }),
);

const DATABASE = 'app';
const HEAD = `-- Every table after all migrations. Generated from clickhouse/migrations by \`npm run generate\`: to read, not to run.
`;

/** clickhouse/schema.sql: what a fresh engine holds after every migration. */
export async function schemaFile(): Promise<string> {
  const engine = await startEmbeddedClickHouse();
  const { url, password } = engine;
  const clickhouse = new ClickHouse({ url, password, database: DATABASE, username: 'default' });
  try {
    await migrate(clickhouse, () => undefined);
    return schemaOf(await clickhouse.rows(listTables, {}));
  } finally {
    await clickhouse.close();
    await engine.stop();
  }
}

function schemaOf(tables: readonly { readonly statement: string }[]): string {
  const prefix = new RegExp(`\\b${DATABASE}\\.`, 'g'); // the name of the database is the installation's own
  return [HEAD, ...tables.map(({ statement }) => `${statement.replace(prefix, '')};\n`)].join('\n');
}
