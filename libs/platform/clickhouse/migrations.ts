import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@holdfast/kernel';
import { z } from 'zod';
import type { ClickHouse } from './clickhouse';
import { withMigrationLock } from './migration-lock';
import { sourceFolder } from './source-folder';
import { typedQuery } from './typed-query';

/** A migration that cannot be applied, or one that was applied and has changed since. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
  readonly checksum: string;
}

const applied = typedQuery(
  'platform/list_migrations',
  z.object({}),
  z.object({ version: z.number(), name: z.string(), checksum: z.string() }),
);
const Applied = z.object({
  version: z.int(),
  name: z.string(),
  checksum: z.string(),
  applied_at: z.string(),
  runner: z.string(),
});

const REGISTER = `CREATE TABLE IF NOT EXISTS schema_migrations
(version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC'), runner String)
ENGINE = MergeTree ORDER BY version`;

/**
 * Applies what is missing, in order, one runner at a time.
 * @throws MigrationError when an applied file has changed or is gone, or a statement fails; the store stays usable at the last version applied
 */
export async function migrate(
  clickhouse: ClickHouse,
  log: (line: string) => void,
  folder = join(sourceFolder, 'migrations'),
): Promise<void> {
  const files = readMigrations(folder);
  await clickhouse.command(REGISTER);
  if ((await missing(clickhouse, files)).length === 0) return;
  await withMigrationLock(clickhouse, log, async (isOurs) => {
    const mustBeOurs = async (): Promise<void> => {
      if (!(await isOurs()))
        throw new MigrationError('another process has taken over the migrations; start this one again');
    };
    for (const migration of await missing(clickhouse, files)) {
      log(`applying ${migration.name}`);
      await apply(clickhouse, migration, mustBeOurs);
    }
  });
}

async function apply(clickhouse: ClickHouse, migration: Migration, mustBeOurs: () => Promise<void>): Promise<void> {
  for (const [index, statement] of migration.statements.entries()) {
    await mustBeOurs();
    try {
      await clickhouse.command(statement);
    } catch (error) {
      throw new MigrationError(
        `${migration.name}: statement ${index + 1} failed; mend it and start again, statements before it are safe to repeat`,
        { cause: error },
      );
    }
  }
  const { version, name, checksum } = migration;
  await mustBeOurs();
  await clickhouse.insert('schema_migrations', Applied, [
    { version, name, checksum, applied_at: new Date().toISOString(), runner: newId() },
  ]);
}

async function missing(clickhouse: ClickHouse, files: readonly Migration[]): Promise<Migration[]> {
  const known = new Map((await clickhouse.rows(applied, {})).map((row) => [row.version, row]));
  for (const { version, name, checksum } of known.values()) {
    const file = files.find((one) => one.version === version);
    if (!file) throw new MigrationError(`${name} was applied to this store, and this release does not have it`);
    if (file.checksum !== checksum)
      throw new MigrationError(`${file.name} has changed since it was applied; add a new migration instead`);
  }
  return files.filter(({ version }) => !known.has(version));
}

/** Files `NNNN_<domain>_<what>.sql`, numbered from 0001 without gaps; statements end with `;` at the end of a line. */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9]+_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1)
      throw new MigrationError(
        `${name}: expected number ${String(index + 1).padStart(4, '0')} and a name NNNN_<domain>_<what>.sql`,
      );
    const text = readFileSync(join(folder, name), 'utf8');
    const statements = text.split(/;[ \t]*$/m).filter((part) => part.replace(/--.*$/gm, '').trim() !== '');
    return { version, name, statements, checksum: createHash('sha256').update(text).digest('hex') };
  });
}
