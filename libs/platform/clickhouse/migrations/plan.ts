import type { ClickHouse } from '../clickhouse';
import { brokenQueries, type Broken } from './compatibility';
import { onCopy, tablesOf, type Table } from './copy';
import { Executor } from './execute';
import type { Phase } from './files';
import { Journal, type Standing } from './journal';
import { MigrationError } from './migration-error';
import { ownRelease, runningReleases, type Release, type RunningRelease } from './readers';
import type { ReviewedMigration, ReviewedStatement } from './review';
import { wordsOf } from './words';

/** From here on a statement that reads or writes a table's rows waits for the maintenance window. Bytes on disk, compressed. */
export const HEAVY_BYTES = 100_000_000;

export interface PlannedStatement {
  readonly number: number;
  readonly kind: string;
  readonly table: string;
  readonly phase: Phase;
  readonly state: 'pending' | 'begun' | 'done';
  /** What the tables that it rewrites or reads hold in the store; 0 when it touches no rows. */
  readonly rows: number;
  readonly bytes: number;
  readonly heavy: boolean;
  /** How long it took on the copy, which has at most 10,000 rows of each table. Undefined when it was not tried. */
  readonly seconds?: number;
}

export interface PlannedMigration {
  readonly name: string;
  readonly phase: Phase;
  readonly needsWindow: boolean;
  readonly statements: readonly PlannedStatement[];
}

/** A query that a migration takes the ground from. */
export interface Break extends Broken {
  readonly migration: string;
  readonly release: string;
  /** Where that release runs; empty for the release that brings the migration. */
  readonly places: readonly string[];
}

export interface Plan {
  readonly pending: readonly PlannedMigration[];
  /** Why it cannot be applied, each naming file and statement. */
  readonly refusals: readonly string[];
  readonly breaks: readonly Break[];
  /** Releases that run on the store now, and were looked at. */
  readonly running: readonly Pick<RunningRelease, 'id' | 'places' | 'seen'>[];
}

export const isApplicable = ({ refusals, breaks }: Plan): boolean => refusals.length === 0 && breaks.length === 0;

/** What a statement touches of the tables that its text names. */
export function sizeOf(
  statement: ReviewedStatement,
  tables: ReadonlyMap<string, Table>,
): { rows: number; bytes: number } {
  if (!statement.rewrites) return { rows: 0, bytes: 0 };
  const named = new Set(wordsOf(statement.sql).map(({ name }) => name));
  const touched = [...tables.values()].filter(({ name }) => named.has(name));
  return {
    rows: touched.reduce((sum, { rows }) => sum + rows, 0),
    bytes: touched.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

interface Planning {
  readonly clickhouse: ClickHouse;
  readonly now: number;
  readonly heavyBytes: number;
  /** Of this code. */
  readonly own?: Release;
}

/** Says what would be done, tries it on a copy, and asks the engine whether everybody's queries would still work. Changes nothing in the store. */
export async function makePlan(pending: readonly ReviewedMigration[], planning: Planning): Promise<Plan> {
  const { clickhouse, now, heavyBytes } = planning;
  const running = await runningReleases(clickhouse, now);
  const told = running.map(({ id, places, seen }) => ({ id, places, seen }));
  const journal = new Journal(clickhouse, 'plan');
  const standings = new Map<string, Map<number, Standing>>();
  for (const migration of pending) standings.set(migration.name, await journal.standing(migration));
  const tables = new Map((await tablesOf(clickhouse)).map((table) => [table.name, table]));
  const refusals = pending.flatMap((migration) => migration.refusals);
  const trial =
    refusals.length > 0 || pending.length === 0
      ? { seconds: new Map<string, number>(), refusals: [], breaks: [] }
      : await tryOnCopy(pending, standings, running, planning, new Set(tables.keys()));
  const planned = pending.map((migration): PlannedMigration => {
    const statements = migration.statements.map((statement): PlannedStatement => {
      const { number, kind, table, phase } = statement;
      const size = sizeOf(statement, tables);
      const seconds = trial.seconds.get(`${migration.name} ${number}`);
      const state = standings.get(migration.name)?.get(number)?.state ?? 'pending';
      return {
        ...{ number, kind, table, phase, state, ...size },
        heavy: size.bytes >= heavyBytes,
        ...(seconds !== undefined && { seconds }),
      };
    });
    const { name, phase } = migration;
    return { name, phase, needsWindow: phase === 'contract' || statements.some(({ heavy }) => heavy), statements };
  });
  return { pending: planned, refusals: [...refusals, ...trial.refusals], breaks: trial.breaks, running: told };
}

interface Trial {
  /** By `file number`. */
  readonly seconds: Map<string, number>;
  readonly refusals: string[];
  readonly breaks: Break[];
}

function tryOnCopy(
  pending: readonly ReviewedMigration[],
  standings: ReadonlyMap<string, ReadonlyMap<number, Standing>>,
  running: readonly RunningRelease[],
  { clickhouse, own = ownRelease() }: Planning,
  tables: ReadonlySet<string>,
): Promise<Trial> {
  const named = pending.flatMap(({ statements }) =>
    statements.flatMap(({ sql }) => wordsOf(sql).map(({ name }) => name)),
  );
  const sampled = new Set([...tables].filter((table) => named.includes(table)));
  const trial: Trial = { seconds: new Map(), refusals: [], breaks: [] };
  return onCopy(clickhouse, sampled, async (copy) => {
    const executor = new Executor(copy, () => undefined);
    await new Journal(copy, 'plan').makeTables(); // a store that is new has none of the runner's
    // What a release could not ask before is not the migration's doing.
    const known = new Map<string, Set<string>>();
    for (const release of running)
      known.set(release.id, new Set((await brokenQueries(copy, release)).map(({ query }) => query)));
    for (const migration of pending) {
      try {
        await tryStatements(executor, migration, standings.get(migration.name), trial);
      } catch (error) {
        if (!(error instanceof MigrationError)) throw error;
        trial.refusals.push(`on a copy of the store, ${error.message}`);
        return trial;
      }
      for (const { id, places, queries } of running) {
        const before = known.get(id)!;
        const found = await brokenQueries(copy, { id, queries: queries.filter(({ name }) => !before.has(name)) });
        for (const broken of found) {
          before.add(broken.query);
          trial.breaks.push({ migration: migration.name, release: id, places, ...broken });
        }
      }
    }
    const last = pending.at(-1)!.name;
    const told = new Set(trial.breaks.map(({ query }) => query));
    for (const broken of await brokenQueries(copy, own))
      if (!told.has(broken.query)) trial.breaks.push({ migration: last, release: own.id, places: [], ...broken });
    return trial;
  });
}

async function tryStatements(
  executor: Executor,
  migration: ReviewedMigration,
  standing: ReadonlyMap<number, Standing> | undefined,
  { seconds }: Trial,
): Promise<void> {
  for (const statement of migration.statements) {
    if (standing?.get(statement.number)?.state === 'done') continue;
    const startedAt = performance.now();
    await executor.run(migration, statement, await executor.mutationsOf(statement), false);
    seconds.set(`${migration.name} ${statement.number}`, (performance.now() - startedAt) / 1000);
  }
}
