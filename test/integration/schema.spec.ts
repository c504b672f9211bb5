import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouse, ClickHouseModule, migrate, MigrationError, typedQuery } from '@holdfast/platform/clickhouse';
import { CONFIGURATION, ConfigurationModule, readConfiguration } from '@holdfast/platform/config';
import { withMigrationLock } from '@holdfast/platform/clickhouse/migrations/lock';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { Test } from '@nestjs/testing';
import { z } from 'zod';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { GENERATED } from '../../apps/generate/files';

const root = join(__dirname, '../..');
const applied = typedQuery('platform/list_migrations', z.object({}), z.looseObject({}));
const migrations = join(root, 'clickhouse/migrations');

describe.each(Object.entries(GENERATED))('%s', (path, make) => {
  it('is what `npm run generate` makes of the code as it is now', async () => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(await make());
  });
});

describe('a process that starts', () => {
  let engine: EmbeddedClickHouse;
  beforeAll(async () => (engine = await startEmbeddedClickHouse()));
  afterAll(() => engine?.stop());
  const start = (more: Record<string, string>) => {
    const environment = { CLICKHOUSE_URL: engine.url, CLICKHOUSE_PASSWORD: engine.password, ...more };
    return Test.createTestingModule({ imports: [ConfigurationModule, ClickHouseModule] })
      .overrideProvider(CONFIGURATION)
      .useValue(readConfiguration(environment))
      .compile();
  };

  it('makes its database on a server that has none', async () => {
    for (let time = 0; time < 2; time++) {
      const started = await start({ CLICKHOUSE_DATABASE: 'made_by_us' });
      expect(await started.get(ClickHouse).rows(applied, {})).toHaveLength(readdirSync(migrations).length);
      await started.close();
    }
  });

  it.each([
    [{ CLICKHOUSE_PASSWORD: 'wrong-canary' }, /refuses to be used .*CLICKHOUSE_PASSWORD/],
    [
      { CLICKHOUSE_URL: 'http://127.0.0.1:9', HOLDFAST_START_PATIENCE_SECONDS: '1' },
      /not answer within 1 s.*CLICKHOUSE_URL/,
    ],
  ])('says which variable to look at when it cannot use ClickHouse: %p', async (more, message) => {
    const failed = await start(more).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ name: 'StoreError', message: expect.stringMatching(message) });
    expect((failed as Error).message).not.toContain('canary');
  });
});

describe('migrations', () => {
  let engine: EmbeddedClickHouse;
  let sql: ClickHouseClient;
  const opened: ClickHouse[] = [];
  const folders: string[] = [];
  let databases = 0;

  beforeAll(async () => {
    engine = await startEmbeddedClickHouse();
    sql = createClient({ url: engine.url, username: 'default', password: engine.password });
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  afterAll(async () => {
    await sql?.close();
    await engine?.stop();
  });

  /** A store of its own, and files of its own. */
  async function store(files: Readonly<Record<string, string>> = {}) {
    const database = `store_${(databases += 1)}`;
    await sql.command({ query: `CREATE DATABASE ${database} ENGINE = Atomic` });
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-migrations-'));
    folders.push(folder);
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    for (const [name, text] of Object.entries(files)) write(name, text);
    const connect = (): ClickHouse => {
      const made = new ClickHouse({ url: engine.url, password: engine.password, username: 'default', database });
      opened.push(made);
      return made;
    };
    const lines: string[] = [];
    const rows = async <T>(query: string): Promise<T[]> =>
      (await sql.query({ query: query.replaceAll('$', `${database}.`), format: 'JSONEachRow' })).json<T>();
    return {
      database,
      folder,
      write,
      connect,
      lines,
      rows,
      run: (clickhouse = connect()) => migrate(clickhouse, (line) => lines.push(line), { folder }),
      applied: async () =>
        (await rows<{ name: string }>('SELECT name FROM $schema_migrations ORDER BY version')).map(({ name }) => name),
    };
  }
  const ONE = { '0001_first_table.sql': 'CREATE TABLE IF NOT EXISTS one (a String) ENGINE = MergeTree ORDER BY a;\n' };
  const TWO = { '0002_second_table.sql': 'CREATE TABLE IF NOT EXISTS two (a String) ENGINE = MergeTree ORDER BY a;\n' };

  it('of this release are applied once; again they change nothing', async () => {
    const { folder, run, applied, lines, rows } = await store();
    for (const name of readdirSync(migrations)) copyFileSync(join(migrations, name), join(folder, name));
    await run();
    const names = readdirSync(folder).sort();
    expect(await applied()).toEqual(names);
    expect(lines).toEqual(names.map((name) => `applying ${name}`));
    const state = () =>
      rows('SELECT version, name, checksum, applied_at, runner FROM $schema_migrations ORDER BY version');
    const before = await state();
    await run();
    expect(await state()).toEqual(before);
    expect(lines).toHaveLength(names.length);
  });

  it('that are new are applied after those that were', async () => {
    const { run, write, applied } = await store(ONE);
    await run();
    for (const [name, text] of Object.entries(TWO)) write(name, text);
    await run();
    expect(await applied()).toEqual(['0001_first_table.sql', '0002_second_table.sql']);
  });

  it('that have changed since they were applied are refused by name', async () => {
    const { run, write, applied } = await store({ ...ONE, ...TWO });
    await run();
    write('0001_first_table.sql', `${ONE['0001_first_table.sql']}-- only a comment\n`);
    await expect(run()).rejects.toThrow(MigrationError);
    await expect(run()).rejects.toThrow('0001_first_table.sql has changed since it was applied');
    expect(await applied()).toHaveLength(2);
  });

  it('that this release does not have are refused by name', async () => {
    const { run, folder } = await store({ ...ONE, ...TWO });
    await run();
    rmSync(join(folder, '0002_second_table.sql'));
    await expect(run()).rejects.toThrow('0002_second_table.sql was applied to this store');
  });

  it.each([
    [
      'a number is missing',
      { ...ONE, '0003_third_table.sql': 'SELECT 1;\n' },
      '0003_third_table.sql: expected number 0002',
    ],
    [
      'a number is there twice',
      { ...ONE, '0001_other_table.sql': 'SELECT 1;\n' },
      '0001_other_table.sql: expected number 0002',
    ],
    ['a name is of another form', { ...ONE, '0002.sql': 'SELECT 1;\n' }, '0002.sql: expected number 0002 and a name'],
  ])('are refused before anything is applied when %s', async (_why, files, message) => {
    const { run, rows, database } = await store(files);
    await expect(run()).rejects.toThrow(message);
    expect(await rows(`SELECT name FROM system.tables WHERE database = '${database}'`)).toEqual([]);
  });

  it('run by two processes at once are applied once each', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [
        `000${index + 1}_some_table.sql`,
        `CREATE TABLE IF NOT EXISTS t${index} (a UInt32) ENGINE = MergeTree ORDER BY a;\nINSERT INTO t${index} SELECT 1 WHERE 1 NOT IN (SELECT a FROM t${index});\n`,
      ]),
    );
    const { run, applied, lines, rows, connect } = await store(files);
    await Promise.all([run(connect()), run(connect()), run(connect())]);
    expect(await applied()).toEqual(Object.keys(files));
    expect(lines).toHaveLength(6);
    for (let index = 0; index < 6; index++) expect(await rows(`SELECT a FROM $t${index}`)).toEqual([{ a: 1 }]);
    // Each statement was run and noted once.
    expect(await rows("SELECT count() AS done FROM $schema_statements WHERE state = 'done'")).toEqual([{ done: 12 }]);
    expect(await rows("SELECT name FROM system.tables WHERE name LIKE 'migration_lock%'")).toEqual([]);
  });

  it('are held back by a runner that lives, and take over the lock of one that was killed', async () => {
    const { connect, lines } = await store();
    const log = (line: string): number => lines.push(line);
    const patience = { heartbeatMs: 20, staleAfterMs: 400 };
    // A runner that lives longer than a lock without a sign of life is kept.
    const order: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let holds = (): void => undefined;
    const holding = new Promise<void>((resolve) => (holds = resolve));
    const first = withMigrationLock(
      connect(),
      log,
      async () => {
        holds();
        await held;
        order.push('first');
      },
      patience,
    );
    await holding;
    const second = withMigrationLock(connect(), log, async () => void order.push('second'), patience);
    await new Promise((resolve) => setTimeout(resolve, 3 * patience.staleAfterMs)); // what is measured is time itself
    expect(order).toEqual([]);
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect(lines).toEqual([]);

    // Killed: the lock is there, and nobody beats.
    await connect().command('CREATE TABLE migration_lock (owner String) ENGINE = MergeTree ORDER BY owner');
    await Promise.all(
      ['third', 'fourth'].map((name) => withMigrationLock(connect(), log, async () => void order.push(name), patience)),
    );
    expect([...order].sort()).toEqual(['first', 'fourth', 'second', 'third']);
    expect(lines).toContain('taking over a migration lock that a crash left');
  });

  it('of a runner that lost its lock go no further, and leave the lock to who has it', async () => {
    const { run, connect, applied, rows } = await store(ONE);
    const gate = () => {
      let open = (): void => undefined;
      return { opened: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
    };
    const [held, lost, ended, taken] = [gate(), gate(), gate(), gate()];
    const log = (): void => undefined;
    // Stopped for as long as it holds the lock: no sign of life.
    const first = withMigrationLock(
      connect(),
      log,
      async (isOurs) => {
        expect(await isOurs()).toBe(true);
        held.open();
        await lost.opened;
        expect(await isOurs()).toBe(false);
      },
      { heartbeatMs: 3_600_000, staleAfterMs: 3_600_000 },
    );
    await held.opened;
    const second = withMigrationLock(
      connect(),
      log,
      async (isOurs) => {
        taken.open();
        await ended.opened;
        expect(await isOurs()).toBe(true);
      },
      { heartbeatMs: 20, staleAfterMs: 100 },
    );
    await taken.opened;
    lost.open();
    await first;
    expect(await rows("SELECT name FROM system.tables WHERE name = 'migration_lock'")).toHaveLength(1);
    ended.open();
    await second;

    // The same in the middle of a migration: the statement during which the lock was lost is the last one.
    const clickhouse = connect();
    const command = clickhouse.command.bind(clickhouse);
    clickhouse.command = async (statement, settings) => {
      await command(statement, settings);
      if (statement.includes('CREATE TABLE') && !statement.includes('migration'))
        await command('RENAME TABLE migration_lock TO migration_lock_lost');
    };
    await expect(run(clickhouse)).rejects.toThrow('another process has taken over the migrations');
    expect(await applied()).toEqual([]);
  });

  it.each([
    ['CREATE TABLE two (a String) ENGINE = MergeTree ORDER BY a', 'would fail when it is repeated; add IF NOT EXISTS'],
    ['INSERT INTO one SELECT toString(number) FROM numbers(3)', 'would insert again when it is repeated'],
    ['EXCHANGE TABLES one AND two', 'undoes itself when it is repeated'],
    ['ALTER TABLE one DROP COLUMN IF EXISTS b', 'put it into a file of its own that says `-- phase: contract`'],
    ['SYSTEM FLUSH LOGS', 'is not among the statements'],
  ])('are refused before anything is applied when they hold %s', async (statement, message) => {
    const { run, rows, applied } = await store({
      ...ONE,
      '0002_second_table.sql': `${TWO['0002_second_table.sql']}${statement};`,
    });
    await expect(run()).rejects.toThrow(MigrationError);
    await expect(run()).rejects.toThrow(`0002_second_table.sql, statement 2`);
    await expect(run()).rejects.toThrow(message);
    expect(await applied()).toEqual([]);
    expect(
      await rows("SELECT name FROM system.tables WHERE name IN ('one', 'two') AND database = currentDatabase()"),
    ).toEqual([]);
  });

  it('that fail name the file and the statement, and leave the store usable at what was applied', async () => {
    const broken =
      'CREATE TABLE IF NOT EXISTS half (a String) ENGINE = MergeTree ORDER BY a;\nCREATE TABLE IF NOT EXISTS nonsense;\n';
    const { run, write, applied, rows, database } = await store({ ...ONE, '0002_second_table.sql': broken });
    await expect(run()).rejects.toThrow(/^0002_second_table\.sql: statement 2 failed/);
    expect(await applied()).toEqual(['0001_first_table.sql']);
    await sql.command({ query: `INSERT INTO ${database}.one VALUES ('still here')` });
    expect(await rows('SELECT a FROM $one')).toEqual([{ a: 'still here' }]);
    // Mended, it goes on from there; nobody holds the lock any more.
    write(
      '0002_second_table.sql',
      broken.replace('CREATE TABLE IF NOT EXISTS nonsense', TWO['0002_second_table.sql'].replace(/;\n$/, '')),
    );
    await run();
    expect(await applied()).toEqual(['0001_first_table.sql', '0002_second_table.sql']);
    expect(await rows('SELECT count() AS n FROM $two')).toHaveLength(1);
  });
});

it('a folder that does not exist is not taken for one without migrations', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-migrations-'));
  mkdirSync(join(folder, 'empty'));
  const nowhere = new ClickHouse({ url: 'http://127.0.0.1:1', password: '', username: 'default', database: 'app' });
  try {
    await expect(migrate(nowhere, () => undefined, { folder: join(folder, 'none') })).rejects.toThrow('ENOENT');
  } finally {
    await nowhere.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
