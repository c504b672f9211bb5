import type { Connection } from 'mysql2/promise';
import type { Client } from 'pg';
import {
  mysqlClient,
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';
import { mysqlTable, postgresqlTable, runCompare } from './run-compare';

let pg: StoreServer;
let maria: StoreServer;
let inPg: Client;
let inMaria: Connection;

beforeAll(async () => {
  const places = placesOfStores();
  [pg, maria] = await Promise.all([startPostgresql(places), startMariadb(places)]);
  inPg = await postgresqlClient(pg.port);
  inMaria = await mysqlClient(maria.port);
  await inPg.query(`
    create table orders (id bigint primary key, amount numeric(12,2), name text, at timestamptz, flag boolean, ref uuid, raw bytea, ratio float8, small real);
    insert into orders select n, n * 1.25, 'name ' || n || E' \\t \\\\ \\n ''é漢😀', '2026-01-01Z'::timestamptz + n * interval '1.5 s', n % 2 = 0,
      md5(n::text)::uuid, decode(md5(n::text), 'hex'), n / 7.0::float8 * 1e20, n / 7.0::real from generate_series(-100, 3000) n;
  `);
  await inMaria.query(`
    create database shop character set latin1; use shop;
    create table orders (id bigint primary key, amount decimal(12,4), name text character set utf8mb4, at datetime(6), flag tinyint(1), ref char(36), raw varbinary(32), ratio double, small float);
    insert into orders select n, n * 1.25, concat('name ', n, ' \\t \\\\ \\n ''é漢😀'), timestampadd(microsecond, n * 1500000, '2026-01-01'), n % 2 = 0,
      insert(insert(insert(insert(upper(md5(n)), 21, 0, '-'), 17, 0, '-'), 13, 0, '-'), 9, 0, '-'), unhex(md5(n)), n / 7e0 * 1e20, n / 7e0
      from (select cast(seq as signed) - 100 as n from seq_0_to_3100) numbers;
  `);
}, 120_000);
afterAll(async () => {
  await inPg?.end();
  await inMaria?.end();
  await Promise.all([pg?.stop(), maria?.stop()]);
});

describe('a table of PostgreSQL and one of MariaDB', () => {
  it('are the same whatever their types are called', async () => {
    const { differences, result } = await runCompare(
      postgresqlTable(pg.port, 'orders'),
      mysqlTable(maria.port, 'orders'),
      {
        key: [{ name: 'id' }],
        columns: ['amount', 'name', 'at', 'flag', 'ref', 'raw', 'ratio', 'small'].map((name) => ({ name })),
      },
    );
    expect(differences.slice(0, 3)).toEqual([]);
    expect(result.counts).toEqual({ same: 3101, added: 0, removed: 0, changed: 0 });
  });

  it('are compared by a key of text and by one of UUIDs', async () => {
    for (const key of ['name', 'ref'])
      expect(
        (
          await runCompare(postgresqlTable(pg.port, 'orders'), mysqlTable(maria.port, 'orders'), {
            key: [{ name: key }],
            columns: [{ name: 'id' }],
          })
        ).result.counts,
      ).toEqual({ same: 3101, added: 0, removed: 0, changed: 0 });
  });

  it('are compared under a condition on what is a boolean in one and a number in the other', async () => {
    for (const [value, same] of [
      [true, 1551],
      [0, 1550],
      ['1', 1551],
      [false, 1550],
    ] as const)
      for (const both of [
        ['pg', 'maria'],
        ['maria', 'pg'],
      ]) {
        const [source, target] = both.map((one) =>
          one === 'pg' ? postgresqlTable(pg.port, 'orders') : mysqlTable(maria.port, 'orders'),
        );
        const { result } = await runCompare(source!, target!, {
          ...{ key: [{ name: 'id' }], columns: [{ name: 'flag' }] },
          conditions: [{ column: { name: 'flag' }, operator: 'eq', value }],
        });
        expect([value, result.counts]).toEqual([value, { same, added: 0, removed: 0, changed: 0 }]);
      }
    for (const value of ['yes', 2, '']) {
      const refused = runCompare(postgresqlTable(pg.port, 'orders'), postgresqlTable(pg.port, 'orders'), {
        ...{ key: [{ name: 'id' }], columns: [] },
        conditions: [{ column: { name: 'flag' }, operator: 'eq', value }],
      });
      await expect(refused).rejects.toMatchObject({
        ...{ code: 'comparison_invalid', details: { fields: [expect.objectContaining({ field: 'conditions' })] } },
      });
    }
  });

  it('are not taken for equal where a text grows too wide for MariaDB', async () => {
    // Within max_allowed_packet as it lies there, and beyond it with its tabs escaped.
    const packet = 1 << 20;
    await inPg.query('create table wide (id bigint primary key, words text); insert into wide values (1, null)');
    await inMaria.query('create table wide (id bigint primary key, words longtext character set utf8mb4)');
    await inMaria.query(`insert into wide values (1, concat(repeat('x', ${packet - 200}), repeat('\\t', 190)))`);
    await inMaria.query(`set global max_allowed_packet = ${packet}`);
    for (const method of ['stream', 'digest'] as const) {
      const compared = runCompare(postgresqlTable(pg.port, 'wide'), mysqlTable(maria.port, 'wide'), {
        ...{ key: [{ name: 'id' }], method },
      });
      await expect(compared).rejects.toMatchObject({
        code: 'source_failed',
        message: expect.stringContaining('ER_ROW_TOO_WIDE') as string,
      });
    }
  });
});
