import {
  mysqlClient,
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';
import { mysqlTable, postgresqlTable, runCompare, type Place } from './run-compare';

let pg: StoreServer;
let maria: StoreServer;

beforeAll(async () => {
  const places = placesOfStores();
  [pg, maria] = await Promise.all([startPostgresql(places), startMariadb(places)]);
  const client = await postgresqlClient(pg.port);
  await client.query(`
    create table orders (id bigint primary key, amount numeric(12,2), name text, at timestamp, note text);
    insert into orders select n, n * 1.25, case when n % 2 = 0 then 'Straße' else 'strasse' end || n % 5, '2026-01-01'::timestamp + n * interval '1.5 s',
      case when n % 10 = 0 then null else E'tab\\t, back\\\\slash' end from generate_series(-100, 3000) n;
  `);
  await client.end();
  const other = await mysqlClient(maria.port);
  await other.query(`
    create database shop; use shop; set sql_mode = 'ANSI_QUOTES';
    create table orders (id bigint primary key, amount decimal(14,4), name varchar(50), at datetime(6), note text) charset utf8mb4;
    insert into orders select n, n * 1.25, concat(if(n % 2 = 0, 'Straße', 'strasse'), n % 5), '2026-01-01' + interval n * 1500000 microsecond,
      if(n % 10 = 0, null, 'tab\\t, back\\\\slash') from (select cast(seq as signed) - 100 as n from seq_0_to_3100) numbers;
  `);
  await other.end();
}, 180_000);
afterAll(async () => {
  await Promise.all([pg?.stop(), maria?.stop()]);
});

const profileOf = ({ dataSet, connection }: Place, more: object = {}): Place => {
  if (!('table' in dataSet) || dataSet.kind === 'profile') throw new TypeError('of a table');
  const { kind: store, ...table } = dataSet;
  return { dataSet: { kind: 'profile', store, ...table, connection: `profile ${store}`, ...more }, connection };
};
const NOTE = 'tab\t, back\\slash';
const by = { key: [{ name: 'column' }] };

it('profiles of equal tables are equal in PostgreSQL and MariaDB: numbers, times, texts by their bytes', async () => {
  const { result, differences } = await runCompare(
    profileOf(postgresqlTable(pg.port, 'orders')),
    profileOf(mysqlTable(maria.port, 'orders')),
    by,
  );
  expect(differences).toEqual([]);
  expect(result.counts).toMatchObject({ same: 5 });
});

it('tell of a value that is gone, of a row too many, and how far distinct values were counted', async () => {
  const client = await postgresqlClient(pg.port);
  await client.query(
    `create table changed as table orders; update changed set note = null where id = 1; insert into changed values (3001, 1, 'strasse1', null, null)`,
  );
  await client.end();
  const { differences } = await runCompare(
    profileOf(postgresqlTable(pg.port, 'orders'), { columns: ['id', 'note'], distinctUpTo: 10 }),
    profileOf(postgresqlTable(pg.port, 'changed'), { columns: ['id', 'note'], distinctUpTo: 10 }),
    { ...by, columns: ['rows', 'nulls', 'distinct', 'distinct_is', 'max'].map((name) => ({ name })) },
  );
  expect(differences).toMatchObject([
    { key: ['id'], source: ['3101', '0', '10', 'at_least', '3000'], target: ['3102', '0', '10', 'at_least', '3001'] },
    { key: ['note'], source: ['3101', '311', '1', 'exact', NOTE], target: ['3102', '313', '1', 'exact', NOTE] },
  ]);
});
