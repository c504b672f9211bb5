import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { ConfiguredConnections } from '@holdfast/domains/comparisons/configured-connections';
import { DataSetKeysService } from '@holdfast/domains/comparisons/data-set-keys.service';
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '@holdfast/platform/testing';
import {
  mysqlClient,
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
  type StoreServer,
} from '@holdfast/platform/testing/store-servers';
import type { Client } from 'pg';
import { at, until } from '../intake/stack';

const [FROM, TO] = [at('2026-03-06T12:00:00Z'), at('2026-03-07T12:00:00Z')];
const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
const file = join(folder, 'connections.json');
const service = new DataSetKeysService(new ConfiguredConnections({ HOLDFAST_CONNECTIONS_FILE: file }));
let engine: EmbeddedClickHouse;
let server: StoreServer;
let mariadb: StoreServer;
let client: Client;

beforeAll(async () => {
  const places = placesOfStores();
  [server, mariadb, engine] = await Promise.all([
    startPostgresql(places),
    startMariadb(places),
    startEmbeddedClickHouse(),
  ]);
  client = await postgresqlClient(server.port);
  writeFileSync(join(folder, 'clickhouse'), engine.password);
  const local = { host: '127.0.0.1' };
  const connections = {
    postgresql: { ...local, kind: 'postgresql', port: server.port, user: 'postgres', database: 'postgres' },
    mysql: { ...local, kind: 'mysql', port: mariadb.port, user: 'root', database: 'shop' },
    clickhouse: {
      ...{ kind: 'clickhouse', url: engine.url, user: 'default', database: 'app' },
      password: { file: join(folder, 'clickhouse') },
    },
    exports: { kind: 'file', folder },
  };
  writeFileSync(file, JSON.stringify({ connections }));
}, 240_000);
afterAll(async () => {
  await client?.end();
  await Promise.all([server?.stop(), mariadb?.stop(), engine?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const going = new AbortController().signal;
/** Closed behind each test, also one that fails: an engine that is left would keep the run from ending. */
const opened: ReturnType<DataSetKeysService['open']>[] = [];
const open = (...args: Parameters<DataSetKeysService['open']>): (typeof opened)[number] => {
  const keys = service.open(...args);
  opened.push(keys);
  return keys;
};
afterEach(async () => {
  for (const keys of opened.splice(0)) await keys.close();
});
const time = (micros: number): string => new Date(micros / 1_000).toISOString();
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const command = async (query: string): Promise<void> => {
  const clickhouse = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
  await clickhouse.command({ query });
  await clickhouse.close();
};
const exported = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return { kind: 'file', connection: 'exports', path: name } as const;
};

/** Each key twice, one of them in time; and rows without keys. */
const rowsWith = (numbers: readonly string[], texts: readonly string[]): [string | null, string | null, string][] =>
  [FROM, TO].flatMap((when) => [
    ...numbers.map((one): [string, null, string] => [one, null, sqlTime(when)]),
    ...texts.map((one): [null, string, string] => [null, one, sqlTime(when)]),
    ...numbers.slice(0, 2).map((one): [string, null, string] => [one, null, sqlTime(when)]),
  ]);
const sqlTime = (micros: number): string => time(micros).replace('T', ' ').replace('Z', '');
type Fill = (numbers: readonly string[], texts: readonly string[]) => Promise<void>;
const fill: Readonly<Record<'postgresql' | 'mysql' | 'clickhouse', Fill>> = {
  async postgresql(numbers, texts) {
    await client.query('create table ordered (number int, name text, at timestamp)');
    for (const row of rowsWith(numbers, texts)) await client.query('insert into ordered values ($1, $2, $3)', row);
  },
  async mysql(numbers, texts) {
    const mysql = await mysqlClient(mariadb.port);
    await mysql.query('create database shop');
    await mysql.query('use shop');
    await mysql.query('create table ordered (number int, name varchar(20), at datetime(6)) charset utf8mb4');
    for (const row of rowsWith(numbers, texts)) await mysql.query('insert into ordered values (?, ?, ?)', row);
    await mysql.end();
  },
  async clickhouse(numbers, texts) {
    await command(
      "create table ordered (number Nullable(Int32), name Nullable(String), at DateTime64(6, 'UTC')) engine = MergeTree order by at",
    );
    const values = rowsWith(numbers, texts).map(
      ([number, name, when]) =>
        `(${number ?? 'NULL'}, ${name === null ? 'NULL' : `'${name.replaceAll("'", "\\'")}'`}, '${when}')`,
    );
    await command(`insert into ordered values ${values.join(',')}`);
  },
};

test.each(['postgresql', 'mysql', 'clickhouse'] as const)(
  'keys of %s are in the order of their bytes',
  async (kind) => {
    const numbers = ['-12', '-2', '0', '1', '10', '100', '2', '20', '9'];
    const texts = ['', ' ', 'A', 'Z', 'a', 'a\tb', "it's", 'z', 'é', '\uFB01', '\u{1F600}'];
    await fill[kind](numbers, texts);
    for (const [key, expected] of Object.entries({ number: numbers, name: texts })) {
      const dataSet = { kind, connection: kind, table: 'ordered' } as const;
      const keys = open(dataSet, { key, since: 'at' }, going);
      const read: string[] = [];
      for await (const page of keys.pages(FROM, TO)) read.push(...page);
      expect(read).toEqual(expected.toSorted(byBytes));
      expect(await keys.present([...expected, '7', 'nobody', "'"])).toEqual(new Set(expected));
      expect(await keys.present(['nobody'])).toEqual(new Set());
    }
  },
);

test('reading ends with its signal, in the store too', async () => {
  await client.query(`create table endless as select n::text as id from generate_series(1, 400000) n`);
  const stopping = new AbortController();
  const dataSet = { kind: 'postgresql', connection: 'postgresql', table: 'endless' } as const;
  const keys = open(dataSet, { key: 'id' }, stopping.signal);
  const pages = keys.pages(FROM, TO);
  expect((await pages.next()).done).toBe(false);
  stopping.abort(new Error('enough'));
  await expect(
    (async () => {
      for await (const page of pages) expect(page.length).toBeGreaterThan(0);
    })(),
  ).rejects.toThrow('enough');
  await until('nothing is read any more', async () => {
    const { rows } = await client.query("select from pg_stat_activity where application_name = 'holdfast diff'");
    return rows.length === 0;
  });
});

test('what has come since keys were looked up first is seen', async () => {
  await client.query("create table growing as select 'a' as id");
  const dataSet = { kind: 'postgresql', connection: 'postgresql', table: 'growing' } as const;
  const keys = open(dataSet, { key: 'id' }, going);
  expect(await keys.present(['a', 'b'])).toEqual(new Set(['a']));
  await client.query("insert into growing values ('b')");
  expect(await keys.present(['a', 'b'])).toEqual(new Set(['a', 'b']));
});

test('a file that changes while it is read is not taken for one that was read', async () => {
  const lines = Array.from({ length: 50_000 }, (_, n) => `key-${n}`);
  const keys = open(exported('changing.csv', `id\n${lines.join('\n')}\n`), { key: 'id' }, going);
  const pages = keys.pages(FROM, TO);
  expect((await pages.next()).done).toBe(false);
  utimesSync(join(folder, 'changing.csv'), 1, 1);
  await expect(
    (async () => {
      for await (const page of pages) expect(page.length).toBeGreaterThan(0);
    })(),
  ).rejects.toMatchObject({ kind: 'unavailable', code: 'source_failed' });
});

test('keys that are no UTF-8 are refused: they would look like one another', async () => {
  const keys = open(exported('latin.csv', Buffer.from('id\nM\xfcller\n', 'latin1')), { key: 'id' }, going);
  await expect(keys.pages(FROM, TO).next()).rejects.toMatchObject({ code: 'columns_incomparable' });
});
