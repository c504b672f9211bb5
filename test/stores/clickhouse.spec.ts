import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { DomainError } from '../../libs/kernel';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '../../libs/platform/clickhouse/embedded-engine';
import { runCompare, postgresqlTable, type Place } from './run-compare';
import {
  placesOfStores,
  postgresqlClient,
  startPostgresql,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';

let engine: EmbeddedClickHouse;
let client: ClickHouseClient;
let pg: StoreServer;
let folder: string;

const table = (name: string): Place => ({
  dataSet: { kind: 'clickhouse', connection: 'ch', table: name },
  connection: { kind: 'clickhouse', url: engine.url, user: 'default', password: engine.password, database: 'app' },
});
const file = (path: string): Place => ({
  dataSet: { kind: 'file', connection: `file ${path}`, path },
  connection: { kind: 'file', folder },
});

const COLUMNS = ['amount', 'name', 'at', 'flag', 'ref', 'day', 'ratio'].map((name) => ({ name }));

beforeAll(async () => {
  const places = placesOfStores();
  [engine, pg] = await Promise.all([startEmbeddedClickHouse(), startPostgresql(places)]);
  client = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
  folder = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
  const inPg = await postgresqlClient(pg.port);
  await inPg.query(`
    create table orders (id bigint primary key, amount numeric(12,2), name text, at timestamptz, flag boolean, ref uuid, day date, ratio float8);
    insert into orders select n, n * 1.25, E'it''s "' || n || E'", \\t \\\\ \\n 漢', '2026-01-01Z'::timestamptz + n * interval '1.5 s', n % 2 = 0,
      md5(n::text)::uuid, '2026-01-01'::date + n::int, case when n % 100 = 0 then null else n / 7.0::float8 * 1e20 end from generate_series(-100, 3000) n;
  `);
  await inPg.end();
  await client.command({
    query: `create table orders engine = MergeTree order by id as
      select number - 100 as id, toDecimal64(id, 4) * toDecimal64('1.25', 2) as amount, concat('it\\'s "', toString(id), '", \\t \\\\ \\n 漢') as name,
        toDateTime64('2026-01-01', 3, 'Europe/Berlin') + interval 1 hour + toIntervalMillisecond(id * 1500) as at, id % 2 = 0 as flag,
        toUUID(concat(substring(lower(hex(MD5(toString(id)))) as h, 1, 8), '-', substring(h, 9, 4), '-', substring(h, 13, 4), '-', substring(h, 17, 4), '-', substring(h, 21))) as ref,
        toDate('2026-01-01') + id as day, if(id % 100 = 0, null, id / 7. * 1e20) as ratio
      from numbers(3101)`,
  });
  for (const [name, format] of [
    ['orders.csv', 'CSVWithNames'],
    ['orders.tsv', 'TSVWithNames'],
    ['orders.ndjson', 'JSONEachRow'],
    ['orders.parquet', 'Parquet'],
  ])
    await client.command({
      query: `insert into function file('${join(folder, name!)}', '${format}') select * replace (toTimeZone(at, 'UTC') as at) from orders order by rand() settings output_format_json_quote_64bit_integers = 0, engine_file_truncate_on_insert = 1`,
    });
}, 120_000);
afterAll(async () => {
  await client?.close();
  await Promise.all([pg?.stop(), engine?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const SAME = { same: 3101, added: 0, removed: 0, changed: 0 };

describe('a table of ClickHouse', () => {
  it.each(['id', 'name', 'ref', 'at', 'amount'])('is the same as one of PostgreSQL, by the key %s', async (key) => {
    const { differences, result } = await runCompare(postgresqlTable(pg.port, 'orders'), table('orders'), {
      key: [{ name: key }],
      columns: [{ name: 'id' }, ...COLUMNS].filter(({ name }) => name !== key),
    });
    expect(differences.slice(0, 2)).toEqual([]);
    expect(result.counts).toEqual(SAME);
  });
});

describe('bytes of a fixed length', () => {
  it('are the same as bytes with the same zeros, and as no others', async () => {
    const inPg = await postgresqlClient(pg.port);
    await inPg.query(`
      create table raw (id bigint primary key, value bytea not null);
      insert into raw values (1, '\\x61620000'), (2, '\\x6162'), (3, '\\x00000000'), (4, '\\x61626364');
    `);
    await inPg.end();
    await client.command({
      query: `create table raw engine = MergeTree order by id as
        select number + 1 as id, toFixedString(['ab', 'ab', '', 'abcd'][number + 1], 4) as value from numbers(4)`,
    });
    const changed = await runCompare(postgresqlTable(pg.port, 'raw'), table('raw'), { key: [{ name: 'id' }] });
    expect(changed.differences).toEqual([
      { is: 'changed', key: ['2'], source: ['6162'], target: ['61620000'], columns: [0] },
    ]);
    const by = { key: [{ name: 'value' }], columns: [{ name: 'id' }], duplicates: 'multiset' } as const;
    const byValue = await runCompare(postgresqlTable(pg.port, 'raw'), table('raw'), by);
    expect(byValue.result.counts).toEqual({ same: 3, added: 1, removed: 1, changed: 0 });
  });
});

describe('a file', () => {
  it.each(['csv', 'tsv', 'ndjson', 'parquet'])(
    'of %s is the same as the table that it was written from',
    async (format) => {
      const { differences, result } = await runCompare(postgresqlTable(pg.port, 'orders'), file(`orders.${format}`), {
        key: [{ name: 'id' }],
        columns: COLUMNS,
      });
      expect(differences.slice(0, 2)).toEqual([]);
      expect(result.counts).toEqual(SAME);
      expect(result.target).toMatchObject({ stillness: 'file', changedWhileRead: false });
    },
  );

  it('keeps leading zeros, blanks and empty texts apart', async () => {
    writeFileSync(join(folder, 'a.csv'), 'id,code\n1,007\n2, x\n3,\n4,""\n5,same\n');
    writeFileSync(join(folder, 'b.csv'), 'id,code\n1,7\n2,x\n3,""\n4,""\n5,same\n');
    const { differences } = await runCompare(file('a.csv'), file('b.csv'), { key: [{ name: 'id' }] });
    expect(differences.map(({ key, is }) => `${is} ${key[0]}`)).toEqual(['changed 1', 'changed 2', 'changed 3']);
    expect(differences[2]).toMatchObject({ source: [null], target: [''] });
  });

  const refused = async (name: string): Promise<unknown> => {
    try {
      await runCompare(table('orders'), file(name), { key: [{ name: 'id' }], columns: COLUMNS });
    } catch (error) {
      return error instanceof DomainError ? `${error.code}: ${error.message}` : error;
    }
    return 'was compared';
  };

  it('that is cut off, empty or not what its name says is refused', async () => {
    for (const format of ['csv', 'ndjson', 'parquet']) {
      const name = `cut.${format}`;
      copyFileSync(join(folder, `orders.${format}`), join(folder, name));
      truncateSync(join(folder, name), 5_000);
      expect(await refused(name)).toMatch(/^file_unreadable: .*cut\./);
    }
    writeFileSync(join(folder, 'empty.csv'), '');
    copyFileSync(join(folder, 'orders.csv'), join(folder, 'csv.parquet'));
    copyFileSync(join(folder, 'orders.parquet'), join(folder, 'parquet.csv'));
    copyFileSync(join(folder, 'orders.csv'), join(folder, 'csv.ndjson'));
    for (const name of ['empty.csv', 'csv.parquet', 'parquet.csv', 'csv.ndjson'])
      expect(await refused(name)).toMatch(/^file_unreadable: /);
    expect(await refused('nowhere.csv')).toMatch(/^table_unknown: /);
    expect(await refused('../nowhere.csv')).toMatch(/^comparison_invalid: /);
  });

  it('whose row has too few fields is refused with its number, and without its data', async () => {
    const text = readFileSync(join(folder, 'orders.ndjson'), 'utf8');
    writeFileSync(join(folder, 'broken.ndjson'), `${text}{"id": secret}\n`);
    const message = await refused('broken.ndjson');
    expect(message).toMatch(/^file_unreadable: .* at row \d+/);
    expect(message).not.toContain('secret');
  });

  it('leaves nothing behind', () => {
    expect(readdirSync(folder).filter((name) => !/\.(csv|tsv|ndjson|parquet)$/.test(name))).toEqual([]);
  });
});
