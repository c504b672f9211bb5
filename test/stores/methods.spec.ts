import { createClient, type ClickHouseClient } from '@clickhouse/client';
import type { Connection } from 'mysql2/promise';
import type { Client } from 'pg';
import type { ComparisonDefinition } from '../../libs/domains/comparisons/core/comparison';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '../../libs/platform/clickhouse/embedded-engine';
import { mysqlTable, postgresqlTable, runCompare, type Compared, type Place } from './run-compare';
import {
  mysqlClient,
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';

let pg: StoreServer;
let maria: StoreServer;
let engine: EmbeddedClickHouse;
let inPg: Client;
let inMaria: Connection;
let inEngine: ClickHouseClient;

const ROWS = 120_000;
const table = (kind: string, name: string): Place => {
  if (kind === 'postgresql') return postgresqlTable(pg.port, name);
  if (kind === 'mysql') return mysqlTable(maria.port, name);
  return {
    dataSet: { kind: 'clickhouse', connection: 'ch', table: name },
    connection: { kind: 'clickhouse', url: engine.url, user: 'default', password: engine.password, database: 'app' },
  };
};

beforeAll(async () => {
  const places = placesOfStores();
  [pg, maria, engine] = await Promise.all([startPostgresql(places), startMariadb(places), startEmbeddedClickHouse()]);
  inPg = await postgresqlClient(pg.port);
  inMaria = await mysqlClient(maria.port);
  inEngine = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
  // Keys begin below zero and have gaps, one of them large.
  await inPg.query(`
    create table a (id bigint primary key, code text unique not null, amount numeric(18,2), note text, at timestamp);
    insert into a select k, 'code ' || md5(k::text), k * 1.25, case when n % 5 > 0 then 'note' || E'\\t\\\\\\n' || n end, '2026-01-01'::timestamp + n * interval '0.25 s'
      from (select n, n * 3 - 1000 + case when n > 100000 then 4000000000000 else 0 end as k from generate_series(1, ${ROWS}) n) numbers;
    create table sparse (like a including all); insert into sparse select * from a;
    update sparse set amount = amount + 0.01 where id % 9973 = 0;
    delete from sparse where id % 19997 = 1;
    insert into sparse select id + 1, code || 'x', 0, null, null from a where id % 9001 = 0;
    create table dense (like a including all); insert into dense select * from a;
    update dense set note = 'other' where id % 10 = 0;
  `);
  await inMaria.query(`
    create database shop; use shop;
    create table a (id bigint primary key, code varchar(64) character set utf8mb4 not null unique, amount decimal(18,2), note text character set utf8mb4, at datetime(6));
    insert into a select k, concat('code ', md5(k)), k * 1.25, if(n % 5 > 0, concat('note\\t\\\\\\n', n), null), timestampadd(microsecond, n * 250000, '2026-01-01')
      from (select seq as n, cast(seq as signed) * 3 - 1000 + if(seq > 100000, 4000000000000, 0) as k from seq_1_to_${ROWS}) numbers;
    create table sparse like a; insert into sparse select * from a;
    update sparse set amount = amount + 0.01 where id % 9973 = 0;
    delete from sparse where id % 19997 = 1;
    insert into sparse select id + 1, concat(code, 'x'), 0, null, null from a where id % 9001 = 0;
  `);
  for (const name of ['a'])
    await inEngine.command({
      query: `create table ${name} engine = MergeTree order by id as
        select toInt64(number + 1) as n, n * 3 - 1000 + if(n > 100000, 4000000000000, 0) as id, concat('code ', lower(hex(MD5(toString(id))))) as code,
          toDecimal64(toDecimal64(id, 2) * toDecimal64('1.25', 2), 2) as amount, if(n % 5 > 0, concat('note\\t\\\\\\n', toString(n)), null) as note,
          toDateTime64('2026-01-01', 6, 'UTC') + toIntervalMillisecond(n * 250) as at
        from numbers(${ROWS})`,
    });
}, 120_000);
afterAll(async () => {
  await inPg?.end();
  await inMaria?.end();
  await inEngine?.close();
  await Promise.all([pg?.stop(), maria?.stop(), engine?.stop()]);
});

const BY_ID = { key: [{ name: 'id' }] } as const;
/** What was found, whichever way. */
const found = ({ differences, result }: Compared): unknown => ({ differences, counts: result.counts });

describe('every method finds the same', () => {
  let expected: Compared;
  beforeAll(async () => {
    expected = await runCompare(table('postgresql', 'a'), table('postgresql', 'sparse'), {
      ...BY_ID,
      method: 'stream',
    });
    const { counts } = expected.result;
    expect(counts.added).toBeGreaterThan(5);
    expect(counts.removed).toBeGreaterThan(2);
    expect(counts.changed).toBeGreaterThan(5);
    expect(counts.same + counts.removed + counts.changed).toBe(ROWS);
  });

  it.each(['digest', 'join', 'auto'] as const)('in PostgreSQL by %s', async (method) => {
    const compared = await runCompare(table('postgresql', 'a'), table('postgresql', 'sparse'), { ...BY_ID, method });
    if (method !== 'auto') expect(compared.result.how.method).toBe(method);
    expect(found(compared)).toEqual(found(expected));
  });

  it.each(['stream', 'digest'] as const)('from PostgreSQL to MariaDB by %s', async (method) => {
    for (const [from, to] of [
      ['postgresql', 'mysql'],
      ['mysql', 'postgresql'],
      ['mysql', 'mysql'],
    ] as const) {
      const compared = await runCompare(table(from, 'a'), table(to, 'sparse'), { ...BY_ID, method });
      expect(compared.result.how.method).toBe(method);
      expect(found(compared)).toEqual(found(expected));
    }
  });

  it('from PostgreSQL to ClickHouse by digests', async () => {
    const compared = await runCompare(table('clickhouse', 'a'), table('postgresql', 'sparse'), {
      ...{ ...BY_ID, method: 'digest', duplicates: 'multiset' },
      columns: ['code', 'amount', 'note', 'at'].map((name) => ({ name })),
    });
    expect(compared.result.how.method).toBe('digest');
    expect(found(compared)).toEqual(found(expected));
  });

  it('by a key of text, which is joined where it can be', async () => {
    const by = { key: [{ name: 'code' }] };
    const streamed = await runCompare(table('postgresql', 'a'), table('postgresql', 'sparse'), {
      ...by,
      method: 'stream',
    });
    const joined = await runCompare(table('postgresql', 'a'), table('postgresql', 'sparse'), by);
    expect(joined.result.how.method).toBe('join');
    expect(found(joined)).toEqual(found(streamed));
    const across = await runCompare(table('postgresql', 'a'), table('mysql', 'sparse'), by);
    expect(across.result.how.method).toBe('stream');
    expect(found(across)).toEqual(found(streamed));
  });
});

describe('blocks of digests', () => {
  it('that agree are not read', async () => {
    const { result } = await runCompare(table('postgresql', 'a'), table('mysql', 'a'), { ...BY_ID, method: 'digest' });
    expect(result.counts).toEqual({ same: ROWS, added: 0, removed: 0, changed: 0 });
    expect(result.spent.bytes).toBeLessThan(ROWS * 40); // rows have 80 bytes and more, on either side
  });

  it('that differ too often are given up', async () => {
    const { result } = await runCompare(table('postgresql', 'dense'), table('mysql', 'a'), BY_ID);
    expect(result).toMatchObject({ counts: { changed: ROWS / 10 }, how: { method: 'stream' } });
  });

  it('are made of everything, however much differs, where they were asked for', async () => {
    const { result } = await runCompare(table('postgresql', 'dense'), table('mysql', 'a'), {
      ...BY_ID,
      method: 'digest',
    });
    expect(result).toMatchObject({ counts: { changed: ROWS / 10 }, how: { method: 'digest' } });
  });
});

describe('a comparison that is cut short', () => {
  const definitions: readonly (Pick<ComparisonDefinition, 'method' | 'key'> & { readonly to: string })[] = [
    { method: 'stream', key: [{ name: 'id' }], to: 'postgresql' },
    { method: 'digest', key: [{ name: 'id' }], to: 'mysql' },
    { method: 'join', key: [{ name: 'id' }], to: 'postgresql' },
    { method: 'stream', key: [{ name: 'code' }], to: 'postgresql' },
    { method: 'stream', key: [{ name: 'note' }, { name: 'id' }], to: 'mysql' },
  ];
  it.each(definitions)('goes on from every segment: $method by $key.0.name to $to', async ({ to, ...definition }) => {
    const [source, target] = [table('postgresql', 'a'), table(to, 'sparse')];
    const whole = await runCompare(source, target, definition, { segmentRows: 40_000 });
    expect(whole.resumePoints.length).toBeGreaterThan(1);
    for (const resume of whole.resumePoints) {
      const rest = await runCompare(source, target, definition, { resume });
      expect(rest.result.counts).toEqual(whole.result.counts);
      expect(rest.result.source).toMatchObject({ stillness: 'parts', changedWhileRead: undefined });
      const { added, removed, changed } = resume.counts;
      expect(rest.differences).toEqual(whole.differences.slice(added + removed + changed));
    }
  });

  it.each([
    ['rows', { rows: 50_000 }],
    ['bytes', { bytes: 500_000 }],
    ['differences', { differences: 3 }],
    ['seconds', { seconds: 0.000001 }],
  ] as const)('by its budget of %s says so', async (name, budget) => {
    for (const method of ['stream', 'join'] as const) {
      if (method === 'join' && name === 'bytes') continue; // it reads what differs alone: a few hundred
      const definition = { ...BY_ID, method, budget };
      const { result } = await runCompare(table('postgresql', 'a'), table('postgresql', 'sparse'), definition);
      expect(result.partial).toBe(name);
      if (name !== 'seconds') expect(result.how.method).toBe(method); // time is up before a method is chosen
      expect(result.counts.same).toBeLessThan(name === 'rows' ? 50_000 : ROWS);
    }
  });
});

describe('what is compared', () => {
  it('is what conditions, SQL and samples leave on both sides', async () => {
    const condition = { column: { name: 'id' }, operator: 'lt', value: 2000 } as const;
    const isNull = { column: { name: 'note' }, operator: 'is_null' } as const;
    const inList = { column: { name: 'code' }, operator: 'in', value: ["o'clock", 'code \\ "', 'x'] } as const;
    for (const to of ['postgresql', 'mysql', 'clickhouse']) {
      const run = (more: Partial<ComparisonDefinition>, where?: string): Promise<Compared> =>
        runCompare(
          table('postgresql', 'a'),
          table(to, 'a'),
          { ...BY_ID, ...more },
          where ? { where: { source: where, target: where } } : {},
        );
      expect((await run({ conditions: [condition] })).result.counts).toEqual({
        same: 999,
        added: 0,
        removed: 0,
        changed: 0,
      });
      expect((await run({ conditions: [condition, isNull] })).result.counts.same).toBe(199);
      expect((await run({ conditions: [inList] })).result.counts.same).toBe(0);
      expect((await run({}, 'id < 2000 -- or else')).result.counts.same).toBe(999);
      const { counts } = (await run({ sampleShare: 0.05 })).result;
      expect(counts).toEqual({ same: counts.same, added: 0, removed: 0, changed: 0 });
      expect(counts.same / ROWS).toBeCloseTo(0.05, 2);
    }
  });

  it('are columns of different names, within tolerances', async () => {
    await inPg.query(
      `create table renamed as select id as nr, amount + 0.004 as total, upper(note) || ' ' as words, at + interval '1 s' as seen from a where id < 5000`,
    );
    const definition = {
      key: [{ name: 'id', target: 'nr' }],
      columns: [
        { name: 'amount', target: 'total', tolerance: { absolute: 0.01 } },
        { name: 'note', target: 'words', tolerance: { ignoreCase: true, trim: true } },
        { name: 'at', target: 'seen', tolerance: { timeMicros: 1_000_000 } },
      ],
      conditions: [{ column: { name: 'id', target: 'nr' }, operator: 'lt', value: 5000 }],
    } as const;
    const { result } = await runCompare(table('postgresql', 'a'), table('postgresql', 'renamed'), definition);
    expect(result.counts).toEqual({ same: 1999, added: 0, removed: 0, changed: 0 });
    const strict = { ...definition, columns: definition.columns.map(({ name, target }) => ({ name, target })) };
    const { counts } = (await runCompare(table('postgresql', 'a'), table('postgresql', 'renamed'), strict)).result;
    expect(counts.changed).toBe(1999);
  });
});
