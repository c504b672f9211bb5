import type { Client } from 'pg';
import {
  placesOfStores,
  postgresqlClient,
  startPostgresql,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';
import { postgresqlTable, runCompare, type Place } from './run-compare';

let server: StoreServer;
let client: Client;

beforeAll(async () => {
  server = await startPostgresql(placesOfStores());
  client = await postgresqlClient(server.port);
  await client.query(`
    create table a (id bigint primary key, amount numeric(12,2), name text, at timestamptz, flag boolean, note uuid);
    insert into a select n, n * 1.25, 'name ' || n, '2026-01-01Z'::timestamptz + n * interval '1.5 s', n % 2 = 0, gen_random_uuid()
      from generate_series(-1000, 20000) n;
    create table b as table a;
    alter table b add primary key (id);
    update b set amount = amount + 1 where id in (-1000, 7, 20000);
    update b set name = E'tab\\t, newline\\n, back\\\\slash' where id = 9;
    update b set flag = null where id = 10;
    delete from b where id between 100 and 104;
    insert into b values (20001, 1, 'new', now(), true, null), (20002, 1, null, now(), true, null);
  `);
}, 120_000);
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

const table = (name: string): Place => postgresqlTable(server.port, name);

describe('two tables of PostgreSQL', () => {
  it('are the same when they are', async () => {
    const { differences, result } = await runCompare(table('a'), table('a'), { key: [{ name: 'id' }] });
    expect(differences).toEqual([]);
    expect(result).toMatchObject({
      counts: { same: 21_001, added: 0, removed: 0, changed: 0 },
      partial: undefined,
      source: { rows: 21_001, stillness: 'snapshot' },
      how: { columns: ['amount', 'name', 'at', 'flag', 'note'] },
    });
  });

  it('differ by what was changed, removed and added, in the order of keys', async () => {
    const { differences, result } = await runCompare(table('a'), table('b'), {
      key: [{ name: 'id' }],
      columns: [{ name: 'amount' }, { name: 'name' }, { name: 'flag' }],
    });
    expect(result.counts).toEqual({ same: 21_001 - 10, changed: 5, removed: 5, added: 2 });
    expect(differences.map(({ is, key }) => `${is} ${key[0]}`)).toEqual([
      'changed -1000',
      'changed 7',
      'changed 9',
      'changed 10',
      ...[100, 101, 102, 103, 104].map((id) => `removed ${id}`),
      'changed 20000',
      'added 20001',
      'added 20002',
    ]);
    expect(differences[2]).toMatchObject({
      source: ['11.25', 'name 9', '0'],
      target: ['11.25', 'tab\t, newline\n, back\\slash', '0'],
      columns: [1],
    });
    expect(differences[3]).toMatchObject({
      source: ['12.50', 'name 10', '1'],
      target: ['12.50', 'name 10', null],
      columns: [2],
    });
    expect(differences.at(-1)).toMatchObject({ is: 'added', key: ['20002'], target: ['1.00', null, '1'] });
  });
});
