import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { clusterSchema } from '@holdfast/platform/clickhouse/migrations/cluster-form';
import { readMigrations } from '@holdfast/platform/clickhouse/migrations/files';
import { ownRelease, Presence, type Release } from '@holdfast/platform/clickhouse/migrations/readers';
import { applyMigrations, migrate, planMigrations } from '@holdfast/platform/clickhouse/migrations/run';
import { z } from 'zod';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';

const ROOT = join(__dirname, '../..');
/** The number of a migration that the next release adds. */
const NEXT = readdirSync(join(ROOT, 'clickhouse/migrations')).length + 1;
const DIST = join(ROOT, 'dist');
const silent = (): void => undefined;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built release with further migrations and queries, in a folder of its own: what somebody installs next. */
class NextRelease {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-release-'));
  private next: number;

  constructor() {
    for (const part of ['apps', 'libs', 'workflows', 'clickhouse'])
      cpSync(join(DIST, part), join(this.folder, 'dist', part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
    this.next = readdirSync(this.migrations).length + 1;
  }

  get migrations(): string {
    return join(this.folder, 'dist/clickhouse/migrations');
  }

  /** @returns its file's name */
  add(what: string, text: string): string {
    const name = `${String(this.next++).padStart(4, '0')}_${what}.sql`;
    writeFileSync(join(this.migrations, name), text);
    return name;
  }

  query(name: string, text: string): void {
    const file = join(this.folder, 'dist/clickhouse/queries', `${name}.sql`);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }

  /** Names of the queries whose text is like that. */
  queriesWith(pattern: RegExp): string[] {
    const folder = join(this.folder, 'dist/clickhouse/queries');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sql'));
    return files
      .filter((file) => pattern.test(readFileSync(join(folder, file), 'utf8')))
      .map((file) => file.slice(0, -'.sql'.length));
  }

  get own(): Release {
    return ownRelease(join(this.folder, 'dist/clickhouse/queries'));
  }

  start(engine: EmbeddedClickHouse, database: string, ...args: string[]): ChildProcess {
    return this.startWith({}, engine, database, ...args);
  }

  startWith(env: NodeJS.ProcessEnv, engine: EmbeddedClickHouse, database: string, ...args: string[]): ChildProcess {
    return spawn(process.execPath, [join(this.folder, 'dist/apps/cli/main.js'), 'migrate', ...args], {
      env: {
        ...process.env,
        CLICKHOUSE_URL: engine.url,
        CLICKHOUSE_PASSWORD: engine.password,
        CLICKHOUSE_DATABASE: database,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function ended(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('migrations', () => {
  let engine: EmbeddedClickHouse;
  let sql: ClickHouseClient;
  let release: NextRelease;
  const opened: ClickHouse[] = [];
  let databases = 0;

  const connectSql = (): ClickHouseClient =>
    createClient({ url: engine.url, username: 'default', password: engine.password });
  const rows = async <T>(query: string): Promise<T[]> => (await sql.query({ query, format: 'JSONEachRow' })).json<T>();

  beforeAll(async () => {
    engine = await startEmbeddedClickHouse();
    sql = connectSql();
  });
  beforeEach(() => (release = new NextRelease()));
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    release.remove();
  });
  afterAll(async () => {
    await sql?.close();
    await engine?.stop();
  });

  const connect = (database: string): ClickHouse => {
    const made = new ClickHouse({ url: engine.url, password: engine.password, username: 'default', database });
    opened.push(made);
    return made;
  };

  /** A database with everything that the release of this repository has, and rows in one table. */
  async function store(): Promise<string> {
    const database = `store_${(databases += 1)}`;
    await sql.command({ query: `CREATE DATABASE ${database} ENGINE = Atomic` });
    await migrate(connect(database), silent);
    await sql.command({
      query: `INSERT INTO ${database}.alert_transitions (alert_id, seq, kind, at, by)
        SELECT toString(number), 1, 'raised', toDateTime64('2026-01-01 00:00:00', 6, 'UTC'), concat('by ', toString(number % 7)) FROM numbers(200000)`,
    });
    return database;
  }

  const schemaOf = (database: string): Promise<unknown[]> =>
    rows(
      `SELECT name, replaceAll(create_table_query, '${database}.', '') AS made FROM system.tables
       WHERE database = '${database}' AND name NOT LIKE 'migration_lock%' ORDER BY name`,
    );
  const appliedIn = async (database: string): Promise<string[]> =>
    (await rows<{ name: string }>(`SELECT name FROM ${database}.schema_migrations ORDER BY version`)).map(
      ({ name }) => name,
    );
  const databasesNow = async (): Promise<string[]> =>
    (await rows<{ name: string }>('SELECT name FROM system.databases ORDER BY name')).map(({ name }) => name);

  async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
      const found = await look().catch(() => undefined);
      if (found !== undefined) return found;
      await pause(2);
    }
    throw new Error('waited for a minute in vain');
  }

  const MANY = [
    "ALTER TABLE alert_transitions ADD COLUMN IF NOT EXISTS who String DEFAULT 'nobody'",
    "ALTER TABLE alert_transitions UPDATE who = concat('was ', by) WHERE kind = 'raised'",
    'CREATE TABLE IF NOT EXISTS alert_people (who String, alert_id String) ENGINE = MergeTree ORDER BY (who, alert_id)',
    'INSERT INTO alert_people SELECT by, alert_id FROM alert_transitions WHERE (by, alert_id) NOT IN (SELECT who, alert_id FROM alert_people)',
    'ALTER TABLE alert_people ADD COLUMN IF NOT EXISTS length UInt64 MATERIALIZED length(who)',
    'ALTER TABLE alert_people MATERIALIZE COLUMN length',
    'ALTER TABLE alert_people ADD PROJECTION IF NOT EXISTS lengths (SELECT length, count() GROUP BY length)',
    'ALTER TABLE alert_people MATERIALIZE PROJECTION lengths',
    'ALTER TABLE alert_people ADD INDEX IF NOT EXISTS by_length length TYPE minmax GRANULARITY 1',
  ];
  const countsOf = (database: string): Promise<unknown[]> =>
    rows(
      `SELECT count() AS people, uniqExact(alert_id) AS alerts, sum(length) AS lengths,
         (SELECT countIf(who = concat('was ', by)) FROM ${database}.alert_transitions) AS filled,
         (SELECT sum(rows) FROM system.projection_parts WHERE database = '${database}' AND active AND name = 'lengths') > 0 AS projected
       FROM ${database}.alert_people`,
    );

  it('whose runner is killed (kill -9) at any statement end as undisturbed ones do, and lose no row', async () => {
    const name = release.add('alerting_people', `${MANY.join(';\n')};\n`);
    const [calm, disturbed] = [await store(), await store()];
    expect(await ended(release.start(engine, calm, 'apply'))).toMatchObject({ code: 0 });

    // Where the journal says that the runner is at it: begun and not seen to end, or just after the one before.
    const at = (statement: number, state: string) => `statement = ${statement} AND state = '${state}'`;
    for (const moment of [at(2, 'begun'), at(4, 'begun'), at(6, 'done')]) {
      const runner = release.start(engine, disturbed, 'apply');
      const gone = ended(runner);
      await until(async () =>
        (await rows(`SELECT 1 FROM ${disturbed}.schema_statements WHERE version = ${NEXT} AND ${moment}`)).length > 0
          ? true
          : undefined,
      );
      runner.kill('SIGKILL');
      expect((await gone).code).toBeNull();
      expect(await appliedIn(disturbed)).not.toContain(name);
    }
    const last = await ended(release.start(engine, disturbed, 'apply', '--json'));
    expect(last).toMatchObject({ code: 0, stderr: expect.stringContaining('taking over a migration lock') });
    const { plan, applied } = JSON.parse(last.stdout);
    expect(applied).toEqual([name]);
    expect(plan.pending[0].statements.slice(0, 6).map(({ state }: { state: string }) => state)).toEqual(
      Array(6).fill('done'),
    );

    expect(await schemaOf(disturbed)).toEqual(await schemaOf(calm));
    expect(await countsOf(disturbed)).toEqual(await countsOf(calm));
    expect(await countsOf(calm)).toEqual([
      { people: 200_000, alerts: 200_000, lengths: 800_000, filled: 200_000, projected: 1 },
    ]);
    // A mutation that the engine had taken was waited for, and not asked for again.
    const asked = await rows<{ database: string; n: number }>(
      `SELECT database, uniqExact(table, mutation_id) AS n FROM system.mutations
       WHERE database IN ('${calm}', '${disturbed}') GROUP BY database ORDER BY database`,
    );
    expect(asked.map(({ n }) => n)).toEqual([3, 3]);
    // Nothing is left of copies and locks.
    expect((await databasesNow()).filter((one) => one.endsWith('_dry_run'))).toEqual([]);
    expect(await ended(release.start(engine, disturbed, 'apply'))).toMatchObject({
      code: 0,
      stdout: 'The schema is up to date.\n',
    });
  });

  it('take up a mutation that the engine was given by a runner that is gone', async () => {
    const database = await store();
    const clickhouse = connect(database);
    const UPDATE = "alter table alert_transitions update who = concat('was ', by) where kind = 'raised'";
    release.add('alerting_people', `${MANY[0]!};\n${UPDATE};\n`);
    await clickhouse.command(MANY[0]!);
    await clickhouse.command(UPDATE, { mutations_sync: '0' });
    // What a runner leaves that is killed while it waits.
    const { statements } = readMigrations(release.migrations).at(-1)!;
    const noted = (number: number, state: string) =>
      `(${NEXT}, ${number}, '${statements[number - 1]!.checksum}', '${state}', [], '2026-01-01 00:00:00', 'gone')`;
    await sql.command({
      query: `INSERT INTO ${database}.schema_statements VALUES ${noted(1, 'done')}, ${noted(2, 'begun')}`,
    });
    const options = { folder: release.migrations, own: release.own, mayRun: () => true };
    expect((await applyMigrations(clickhouse, silent, options)).outcome?.applied).toHaveLength(1);
    expect(await rows(`SELECT is_done FROM system.mutations WHERE database = '${database}'`)).toEqual([{ is_done: 1 }]);
  });

  it('make everything in a database that is new', async () => {
    const database = `store_${(databases += 1)}`;
    const name = release.add(
      'alerting_less',
      '-- phase: contract\nALTER TABLE alerts DROP COLUMN IF EXISTS nothing;\n',
    );
    const [plan, made] = [
      await ended(release.start(engine, database, 'plan')),
      await ended(release.start(engine, database, 'apply')), // nobody is there to wait for
    ];
    expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining(`${NEXT} migrations are pending.`) });
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('The schema is up to date. Applied:') });
    expect((await appliedIn(database)).at(-1)).toBe(name);
  });

  it('go on after the engine was killed (kill -9) in the middle of a mutation', async () => {
    const name = release.add('alerting_people', `${MANY.join(';\n')};\n`);
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-killed-'));
    const own = await startEmbeddedClickHouse({ dataDir });
    let again: EmbeddedClickHouse | undefined;
    const shared = { engine, sql };
    try {
      [engine, sql] = [own, createClient({ url: own.url, username: 'default', password: own.password })];
      const killed = await store();
      const runner = ended(release.start(engine, killed, 'apply'));
      await until(async () =>
        (await rows(`SELECT 1 FROM ${killed}.schema_statements WHERE version = ${NEXT} AND statement = 2`)).length > 0
          ? true
          : undefined,
      );
      await own.kill();
      const told = await runner;
      expect(told.code).toBe(1);
      expect(told.stderr).toMatch(/error: .*(statement 2|does not answer)/);
      await sql.close();
      again = await startEmbeddedClickHouse({ dataDir, password: own.password });
      [engine, sql] = [again, createClient({ url: again.url, username: 'default', password: again.password })];
      expect(await ended(release.start(engine, killed, 'apply'))).toMatchObject({ code: 0 });
      expect(await appliedIn(killed)).toContain(name);
      expect(await countsOf(killed)).toEqual([
        { people: 200_000, alerts: 200_000, lengths: 800_000, filled: 200_000, projected: 1 },
      ]);
    } finally {
      if (sql !== shared.sql) await sql.close();
      ({ engine, sql } = shared);
      await again?.stop();
      await own.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  const READS_BY = {
    id: 'before',
    queries: [{ name: 'alerting/list_people', text: 'SELECT by FROM alert_transitions' }],
  };
  const DROPS = '-- What nobody needs.\n-- phase: contract\nALTER TABLE alerts DROP COLUMN IF EXISTS revision;\n';

  it('that take away what a running release asks for are refused, naming query and release', async () => {
    const database = await store();
    const name = release.add(
      'alerting_less',
      DROPS.replace('alerts DROP COLUMN IF EXISTS revision', 'alert_transitions DROP COLUMN IF EXISTS reason'),
    );
    // The next release does not ask for it any more.
    for (const query of release.queriesWith(/\balert_transitions\b[^]*\breason\b|\breason\b[^]*\balert_transitions\b/))
      release.query(query, '-- Nothing of that.\nSELECT 1');
    const before = new Presence(
      connect(database),
      {
        id: 'before',
        queries: [
          { name: 'alerting/list_reasons', text: 'SELECT reason FROM alert_transitions WHERE alert_id = {id:String}' },
        ],
      },
      'host 17',
    );
    await before.begin();

    for (const command of [['plan'], ['apply', '--now']]) {
      const refused = await ended(release.start(engine, database, ...command));
      expect(refused.code).toBe(1);
      expect(refused.stdout).toContain(`${name} breaks alerting/list_reasons of release before, which runs (host 17)`);
      expect(refused.stdout).toContain('Unknown expression identifier `reason`');
    }
    expect(await appliedIn(database)).not.toContain(name);

    await before.end();
    const plan = await ended(release.start(engine, database, 'plan', '--json'));
    expect(plan.code).toBe(0);
    expect(JSON.parse(plan.stdout)).toMatchObject({
      breaks: [],
      pending: [{ name, phase: 'contract', needsWindow: true, statements: [{ kind: 'drop column', rows: 200_000 }] }],
    });
    expect(await ended(release.start(engine, database, 'apply', '--now'))).toMatchObject({ code: 0 });
    expect(await appliedIn(database)).toContain(name);
  });

  it('that take away what a running release writes are refused', async () => {
    const database = await store();
    const name = release.add(
      'access_less',
      '-- phase: contract\nALTER TABLE webhook_deliveries DROP COLUMN IF EXISTS code;\n',
    );
    const clickhouse = connect(database);
    const before = new Presence(clickhouse, { id: 'before', queries: [{ name: 'one', text: 'SELECT 1' }] }, 'host 17');
    await before.begin();
    const row = { event_id: 'x', code: 'y' };
    await clickhouse.insert('webhook_deliveries', z.object({ event_id: z.string(), code: z.string() }), [row]);
    await until(async () => {
      const [found] = await rows(
        `SELECT 1 FROM ${database}.schema_reader_queries WHERE name LIKE 'insert into webhook_deliveries%'`,
      );
      return found;
    });
    const { breaks } = await planMigrations(connect(database), silent, { folder: release.migrations });
    expect(breaks).toEqual([
      expect.objectContaining({
        migration: name,
        release: 'before',
        query: expect.stringMatching(/^insert into webhook_deliveries/),
      }),
    ]);
    await before.end();
  });

  it('that take the ground from the release that brings them are refused, too', async () => {
    const database = await store();
    release.add('alerting_less', DROPS);
    const refused = await ended(release.start(engine, database, 'apply', '--now'));
    expect(refused).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/breaks alerting\/find_alerts of this release/),
    });
  });

  it('that take away wait for the window; a process that starts leaves them and goes on', async () => {
    const database = await store();
    const presence = new Presence(connect(database), READS_BY, 'host 17');
    await presence.begin();
    const expand = release.add('alerting_more', 'ALTER TABLE alerts ADD COLUMN IF NOT EXISTS note String;\n');
    const contract = release.add(
      'alerting_less',
      `-- phase: contract\nALTER TABLE alerts DROP COLUMN IF EXISTS note;\n`,
    );
    const lines: string[] = [];
    const outcome = await migrate(connect(database), (line) => lines.push(line), { folder: release.migrations });
    expect(outcome).toEqual({ applied: [expand], stopped: { migration: contract, statement: 1, why: 'contract' } });
    expect(lines.at(-1)).toMatch(new RegExp(`^${contract} is left from statement 1 on.*holdfast migrate apply`));

    // Half a day away, whatever the hour is.
    const hour = (new Date().getUTCHours() + 12) % 24;
    const clock = (h: number): string => `${String(h % 24).padStart(2, '0')}:00`;
    const closed = { HOLDFAST_MAINTENANCE_WINDOW: `daily ${clock(hour)}-${clock(hour + 1)} UTC` };
    const open = { HOLDFAST_MAINTENANCE_WINDOW: `daily ${clock(hour + 2)}-${clock(hour + 1)} UTC` };
    const waits = await ended(release.startWith(closed, engine, database, 'apply'));
    expect(waits.code).toBe(1);
    expect(waits.stdout).toMatch(/^Stopped before statement 1 of .*\nIt opens at \d{4}-.*--now/);
    expect(await ended(release.start(engine, database, 'apply'))).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('HOLDFAST_MAINTENANCE_WINDOW is not set'),
    });
    expect(await appliedIn(database)).not.toContain(contract);
    expect(await ended(release.startWith(open, engine, database, 'apply'))).toMatchObject({ code: 0 });
    expect(await appliedIn(database)).toContain(contract);
    expect(
      await ended(release.startWith({ HOLDFAST_MAINTENANCE_WINDOW: 'canary' }, engine, database, 'plan')),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('HOLDFAST_MAINTENANCE_WINDOW: must be like'),
    });
  });

  it('that this release cannot work without stop a start that may not apply them', async () => {
    const database = await store();
    await new Presence(connect(database), READS_BY, 'host 17').begin();
    const name = release.add(
      'alerting_renamed',
      '-- phase: contract\nALTER TABLE alerts RENAME COLUMN IF EXISTS revision TO edition;\n',
    );
    const own = { id: 'after', queries: [{ name: 'alerting/find_edition', text: 'SELECT edition FROM alerts' }] };
    await expect(migrate(connect(database), silent, { folder: release.migrations, own })).rejects.toThrow(
      new RegExp(`^${name} has to be applied before this release can start: alerting/find_edition`),
    );
  });

  it('that rewrite much wait like those that take away, and stop where the window closes', async () => {
    const database = await store();
    await new Presence(connect(database), READS_BY, 'host 17').begin();
    const name = release.add('alerting_people', `${MANY.join(';\n')};\n`);
    const options = { folder: release.migrations, own: release.own, heavyBytes: 1 };
    expect(await migrate(connect(database), silent, options)).toEqual({
      applied: [],
      stopped: { migration: name, statement: 2, why: 'heavy' },
    });
    let left = 2;
    const { outcome } = await applyMigrations(connect(database), silent, { ...options, mayRun: () => left-- > 0 });
    expect(outcome).toEqual({ applied: [], stopped: { migration: name, statement: 6, why: 'heavy' } });
    const rest = await applyMigrations(connect(database), silent, { ...options, mayRun: () => true });
    expect(rest.outcome).toEqual({ applied: [name] });
    expect(await countsOf(database)).toMatchObject([{ people: 200_000, filled: 200_000 }]);
  });

  it('whose mutation fails take it back, name the statement, and leave the table usable', async () => {
    const database = await store();
    // Only rows that a copy's sample does not hold make it fail: it is the store itself that has to be left usable.
    release.add(
      'alerting_failing',
      `ALTER TABLE alert_transitions ADD COLUMN IF NOT EXISTS n UInt8;\nALTER TABLE alert_transitions UPDATE n = throwIf(alert_id = '99999', 'canary') WHERE 1;\n`,
    );
    const failed = await ended(release.start(engine, database, 'apply'));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/statement 2 failed \(the mutation failed: FUNCTION_THROW_IF_VALUE_IS_NON_ZERO\)/);
    expect(failed.stdout + failed.stderr).not.toContain('canary');
    await sql.command({
      query: `ALTER TABLE ${database}.alert_transitions UPDATE n = 1 WHERE 1 SETTINGS mutations_sync = 1`,
    });
    expect(await rows(`SELECT sum(n) AS n FROM ${database}.alert_transitions`)).toEqual([{ n: 200_000 }]);
  });

  it('are tried on a copy of which nothing stays, nor of one that a crash left', async () => {
    const database = await store();
    await sql.command({ query: `CREATE DATABASE ${database}_dry_run ENGINE = Atomic` });
    await sql.command({ query: `CREATE TABLE ${database}_dry_run.leftover (a UInt8) ENGINE = MergeTree ORDER BY a` });
    release.add('alerting_people', `${MANY.join(';\n')};\n`);
    const before = [await schemaOf(database), await appliedIn(database)];
    const plan = await ended(release.start(engine, database, 'plan'));
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(plan.stdout).toContain('1 migration is pending.');
    expect(plan.stdout).toMatch(/ 2 {2}update +alert_transitions +200,000 +[\d.]+ [kM]B +[\d.]+ m?s\n/);
    expect([await schemaOf(database), await appliedIn(database)]).toEqual(before);
    expect((await databasesNow()).filter((one) => one.includes('dry_run'))).toEqual([]);
    expect(await rows(`SELECT name FROM system.tables WHERE name LIKE 'migration_lock%'`)).toEqual([]);

    // What would fail is said beforehand.
    release.add('alerting_wrong', 'ALTER TABLE alerts ADD COLUMN IF NOT EXISTS x UInt8 DEFAULT nonsense(1);\n');
    const { refusals } = await planMigrations(connect(database), silent, {
      folder: release.migrations,
      own: release.own,
    });
    expect(refusals).toEqual([
      expect.stringMatching(
        new RegExp(
          `^on a copy of the store, ${String(NEXT + 1).padStart(4, '0')}_alerting_wrong\\.sql: statement 1 failed`,
        ),
      ),
    ]);
  });
});

describe('the form for a cluster', () => {
  it('makes the same tables as the embedded form, but for engines, ON CLUSTER and settings', async () => {
    const engine = await startEmbeddedClickHouse();
    const sql = createClient({ url: engine.url, username: 'default', password: engine.password });
    const rows = async <T>(query: string, query_params: Record<string, unknown> = {}): Promise<T[]> =>
      (await sql.query({ query, query_params, format: 'JSONEachRow' })).json<T>();
    try {
      await sql.command({ query: 'CREATE DATABASE embedded ENGINE = Atomic' });
      await sql.command({ query: 'CREATE DATABASE cluster ENGINE = Atomic' });
      const statements = clusterSchema();
      for (const { embedded, sql: cluster } of statements) {
        // The engine's own parser takes it, and finds in it what a cluster needs.
        const [found] = await rows<{ text: string }>('SELECT formatQuerySingleLine({q:String}) AS text', {
          q: cluster,
        });
        expect(found!.text).toMatch(/ ON CLUSTER `\{cluster\}` /);
        if (found!.text.startsWith('CREATE TABLE '))
          expect(found!.text).toMatch(
            / ENGINE = Replicated\w*MergeTree\('\/clickhouse\/tables\/\{uuid\}\/\{shard\}', '\{replica\}'/,
          );
        expect(found!.text).not.toContain('non_replicated');
        // Without what only a cluster can do, it is run here: the rest has to make the same table.
        const here = cluster
          .replace(" ON CLUSTER '{cluster}'", '')
          .replace(/Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/, '$1(')
          .replaceAll(/\breplicated_deduplication_window\b/g, 'non_replicated_deduplication_window');
        for (const [database, text] of [
          ['embedded', embedded],
          ['cluster', here],
        ] as const) {
          const one = createClient({ url: engine.url, username: 'default', password: engine.password, database });
          await one.command({ query: text });
          await one.close();
        }
      }
      const described = async (database: string): Promise<Record<string, unknown[]>> => ({
        tables: await rows(
          `SELECT name, engine, partition_key, sorting_key, primary_key, replaceAll(create_table_query, '${database}.', '') AS made FROM system.tables WHERE database = '${database}' ORDER BY name`,
        ),
        columns: await rows(
          `SELECT table, name, type, position, default_kind, default_expression, compression_codec FROM system.columns WHERE database = '${database}' ORDER BY table, position`,
        ),
        projections: await rows(
          `SELECT table, name, type, sorting_key, query FROM system.projections WHERE database = '${database}' ORDER BY table, name`,
        ),
        indices: await rows(
          `SELECT table, name, type_full, expr FROM system.data_skipping_indices WHERE database = '${database}' ORDER BY table, name`,
        ),
      });
      const [embedded, cluster] = [await described('embedded'), await described('cluster')];
      expect(cluster).toEqual(embedded);
      expect(embedded['tables']!.length).toBeGreaterThan(15);
      expect(readFileSync(join(ROOT, 'clickhouse/schema.cluster.sql'), 'utf8')).toMatch(/NOT YET RUN ON A CLUSTER/);
    } finally {
      await sql.close();
      await engine.stop();
    }
  });
});
