import { join } from 'node:path';
import { newId } from '@holdfast/kernel';
import type { ClickHouse } from '../clickhouse';
import { sourceFolder } from '../source-folder';
import { brokenQueries } from './compatibility';
import { tablesOf } from './copy';
import { Executor } from './execute';
import { readMigrations } from './files';
import { Journal } from './journal';
import { withMigrationLock } from './lock';
import { MigrationError } from './migration-error';
import { HEAVY_BYTES, isApplicable, makePlan, sizeOf, type Plan } from './plan';
import { ownRelease, wasEverRead, type Release } from './readers';
import { review, type ReviewedMigration, type ReviewedStatement } from './review';

const FOLDER = join(sourceFolder, 'migrations');

/** Why a runner stopped in order: what comes next has to wait. */
export interface Stop {
  readonly migration: string;
  readonly statement: number;
  readonly why: 'contract' | 'heavy';
}

export interface Outcome {
  /** Files that were applied to their end, in order. */
  readonly applied: readonly string[];
  readonly stopped?: Stop;
}

export interface MigrateOptions {
  readonly folder?: string;
  /** Bytes from which a statement that rewrites a table waits. */
  readonly heavyBytes?: number;
  /** The release that has to work on what comes out. */
  readonly own?: Release;
}

/**
 * What a process does that starts: applies what only adds, and what is light. What takes away or takes long is left to `holdfast migrate apply`, and named; on a
 * store that no process has worked on yet there is nobody to wait for. One query when nothing is to be done.
 * @throws MigrationError when a file is refused or has changed, a statement fails, or this release cannot work without what is left
 */
export async function migrate(
  clickhouse: ClickHouse,
  log: (line: string) => void,
  { folder = FOLDER, heavyBytes = HEAVY_BYTES, own }: MigrateOptions = {},
): Promise<Outcome> {
  const files = readMigrations(folder);
  const runner = newId();
  const journal = new Journal(clickhouse, runner);
  if ((await journal.missing(files)).length === 0) return { applied: [] };
  const outcome = await withMigrationLock(clickhouse, log, async (isOurs) => {
    await journal.makeTables();
    const pending = await journal.missing(review(files));
    const refusals = pending.flatMap((migration) => migration.refusals);
    if (refusals.length > 0) throw new MigrationError(refusals.join('\n'));
    const isUnused = !(await wasEverRead(clickhouse));
    return applyAll(pending, { clickhouse, journal, log, isOurs, heavyBytes, mayWait: () => isUnused });
  });
  if (outcome.stopped) await canWait(clickhouse, outcome.stopped, own ?? ownRelease(), log);
  return outcome;
}

/** Whether this release works while a migration is left. @throws MigrationError naming a query that does not */
async function canWait(clickhouse: ClickHouse, stop: Stop, own: Release, log: (line: string) => void): Promise<void> {
  const [broken] = await brokenQueries(clickhouse, withoutLock(own));
  const how = `run \`holdfast migrate apply\` in the maintenance window, or \`holdfast migrate apply --now\``;
  if (broken)
    throw new MigrationError(
      `${stop.migration} has to be applied before this release can start: ${broken.query} does not work without it (${broken.reason}); ${how}`,
    );
  const why = stop.why === 'contract' ? 'takes away what older releases may use' : 'rewrites a large table';
  log(`${stop.migration} is left from statement ${stop.statement} on, which ${why}; ${how}`);
}

/** The lock's table is there only while somebody holds it. */
const withoutLock = ({ id, queries }: Release): Release => ({
  id,
  queries: queries.filter(({ text }) => !/\bmigration_lock\b/.test(text)),
});

export interface Permission {
  /** Whether what takes away or takes long may run now; asked before each such statement. */
  readonly mayRun: () => boolean;
}

/** What `holdfast migrate plan` says. @throws MigrationError when an applied file has changed or is gone */
export function planMigrations(
  clickhouse: ClickHouse,
  log: (line: string) => void,
  { folder = FOLDER, heavyBytes = HEAVY_BYTES, own }: MigrateOptions = {},
): Promise<Plan> {
  const files = review(readMigrations(folder));
  return withMigrationLock(clickhouse, log, async () => {
    const pending = await new Journal(clickhouse, newId()).missing(files);
    return makePlan(pending, { clickhouse, now: Date.now(), heavyBytes, ...(own && { own }) });
  });
}

/**
 * What `holdfast migrate apply` does: tries everything on a copy, and applies it when nothing speaks against it, as far as it may now.
 * @throws MigrationError when an applied file has changed or is gone, or a statement fails
 */
export function applyMigrations(
  clickhouse: ClickHouse,
  log: (line: string) => void,
  { folder = FOLDER, heavyBytes = HEAVY_BYTES, own, mayRun }: MigrateOptions & Permission,
): Promise<{ readonly plan: Plan; readonly outcome?: Outcome }> {
  const files = review(readMigrations(folder));
  const journal = new Journal(clickhouse, newId());
  return withMigrationLock(clickhouse, log, async (isOurs) => {
    const pending = await journal.missing(files);
    const plan = await makePlan(pending, { clickhouse, now: Date.now(), heavyBytes, ...(own && { own }) });
    if (!isApplicable(plan)) return { plan };
    await journal.makeTables();
    const isUnused = pending.length > 0 && !(await wasEverRead(clickhouse));
    const mayWait = (): boolean => isUnused || mayRun();
    return { plan, outcome: await applyAll(pending, { clickhouse, journal, log, isOurs, heavyBytes, mayWait }) };
  });
}

interface Applying {
  readonly clickhouse: ClickHouse;
  readonly journal: Journal;
  readonly log: (line: string) => void;
  readonly isOurs: () => Promise<boolean>;
  readonly heavyBytes: number;
  /** Whether what can wait may run now. */
  readonly mayWait: () => boolean;
}

async function applyAll(pending: readonly ReviewedMigration[], applying: Applying): Promise<Outcome> {
  const applied: string[] = [];
  for (const migration of pending) {
    applying.log(`applying ${migration.name}`);
    const stopped = await applyOne(migration, applying);
    if (stopped) return { applied, stopped };
    await applying.journal.applied(migration);
    applied.push(migration.name);
  }
  return { applied };
}

/** Goes on where the last runner stopped. @returns why it stopped before the end, when it did */
async function applyOne(migration: ReviewedMigration, applying: Applying): Promise<Stop | undefined> {
  const { clickhouse, journal, log, isOurs, mayWait } = applying;
  const mustBeOurs = async (): Promise<void> => {
    if (!(await isOurs()))
      throw new MigrationError('another process has taken over the migrations; start this one again');
  };
  const executor = new Executor(clickhouse, log);
  const standing = await journal.standing(migration);
  for (const statement of migration.statements) {
    const known = standing.get(statement.number);
    if (known?.state === 'done') continue;
    await mustBeOurs();
    const why = await waits(migration, statement, applying);
    if (why && !mayWait()) return { migration: migration.name, statement: statement.number, why };
    // Whether a change of a definition was made is the same to a repeat; what works on rows is noted before it begins.
    const before = known?.mutationsBefore ?? (await executor.mutationsOf(statement));
    if (statement.rewrites && !known) await journal.begun(migration, statement, before);
    await executor.run(migration, statement, before, known !== undefined);
    await journal.done(migration, statement);
  }
  await mustBeOurs();
  return undefined;
}

async function waits(
  { phase }: ReviewedMigration,
  statement: ReviewedStatement,
  { clickhouse, heavyBytes }: Applying,
): Promise<Stop['why'] | undefined> {
  if (phase === 'contract') return 'contract';
  if (!statement.rewrites) return undefined;
  const tables = new Map((await tablesOf(clickhouse)).map((table) => [table.name, table]));
  return sizeOf(statement, tables).bytes >= heavyBytes ? 'heavy' : undefined;
}
