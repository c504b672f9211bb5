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

describe('a join', () => {
  const BY_ID = { key: [{ name: 'id' }] } as const;
  const both = async (from: string, to: string) => {
    const [joined, streamed] = [
      await runCompare(table(from), table(to), { ...BY_ID, method: 'join' }),
      await runCompare(table(from), table(to), { ...BY_ID, method: 'stream' }),
    ];
    expect(joined.differences).toEqual(streamed.differences);
    return joined.result;
  };

  it.each([
    ['numbers of two types', 'numeric', 'double precision', '0.10000000000000000001', '0.1', 1],
    ['numbers that a double cannot hold', 'bigint', 'double precision', '9007199254740993', '9007199254740992', 1],
    ['texts that a collation equates', 'text collate folding', 'text collate folding', "'ABC'", "'abc'", 1],
    ['texts of two collations', 'text collate "C"', 'text collate folding', "'abc'", "'abc'", 0],
    [
      'a UUID and its text',
      'uuid',
      'text',
      `'${'0'.repeat(8)}-0000-4000-8000-${'a'.repeat(12)}'`,
      `'${'0'.repeat(8)}-0000-4000-8000-${'a'.repeat(12)}'`,
      0,
    ],
    ['JSON', 'json', 'json', `'{"a":1}'`, `'{"a":2}'`, 1],
    ['floats', 'real', 'real', "'NaN'", "'NaN'", 0],
  ])('compares %s as streaming does', async (_, left, right, one, other, changed) => {
    await client.query(`
      create collation if not exists folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      drop table if exists left_side, right_side;
      create table left_side (id bigint primary key, value ${left}); insert into left_side values (1, ${one});
      create table right_side (id bigint primary key, value ${right}); insert into right_side values (1, ${other});
    `);
    const { how, counts } = await both('left_side', 'right_side');
    expect([how.method, counts.changed, counts.same]).toEqual(['join', changed, 1 - changed]);
  });

  it('is not made where keys may repeat: in tables that others inherit from', async () => {
    await client.query(`
      create table parent (id bigint primary key, value text); insert into parent values (1, 'x');
      create table child () inherits (parent); insert into child values (2, 'x');
    `);
    expect((await both('parent', 'parent')).how.method).toBe('stream');
  });

  it('is not made whole where a budget of rows asks for a part', async () => {
    await client.query(
      'create table named (name text primary key); insert into named select n::text from generate_series(1, 5000) n',
    );
    const by = { key: [{ name: 'name' }] };
    expect((await runCompare(table('named'), table('named'), by)).result).toMatchObject({ how: { method: 'join' } });
    const { result } = await runCompare(table('named'), table('named'), { ...by, budget: { rows: 1_000 } });
    expect(result).toMatchObject({ partial: 'rows', how: { method: 'stream' } });
  });

  it('ends when time is up, also while it counts', async () => {
    const slow = 'pg_sleep(0.01) is not null';
    const definition = { ...BY_ID, method: 'join', budget: { seconds: 2 } } as const;
    const { result } = await runCompare(table('a'), table('a'), definition, { where: { source: slow, target: slow } });
    expect(result.partial).toBe('seconds');
    expect(result.spent.seconds).toBeLessThan(20);
  });
});

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
