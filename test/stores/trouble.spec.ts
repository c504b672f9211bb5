import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Client } from 'pg';
import type { Connection } from 'mysql2/promise';
import { compare } from '../../libs/domains/comparisons/compare';
import type { ComparisonDefinition, ResumePoint } from '../../libs/domains/comparisons/core/comparison';
import { DomainError } from '../../libs/kernel';
import {
  mysqlClient,
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
  until,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';
import { mysqlTable, postgresqlTable, runCompare, type Place } from './run-compare';

let pg: StoreServer;
let maria: StoreServer;
let inPg: Client;
let inMaria: Connection;

const ROWS = 100_000;
const BY_ID = { key: [{ name: 'id' }] } as const;

beforeAll(async () => {
  const places = placesOfStores();
  [pg, maria] = await Promise.all([startPostgresql(places), startMariadb(places)]);
  inPg = await postgresqlClient(pg.port);
  inMaria = await mysqlClient(maria.port);
  await inPg.query(`
    create table a (id bigint primary key, word text, at timestamp);
    insert into a select n, md5(n::text), '2026-01-01'::timestamp + n * interval '1 s' from generate_series(1, ${ROWS}) n;
    create table b (like a including all); insert into b select * from a;
    create table repeated as select id / 2 as id, word from a;
    create table odd (id double precision, word int, at date, doc jsonb);
    create role guarded login; grant usage on schema public to guarded;
    create view slow as select id, word from a where pg_sleep(0.05) is not null;
  `);
  await inMaria.query(`
    create database shop; use shop;
    create table a (id bigint primary key, word varchar(40), at datetime);
    insert into a select seq, md5(seq), timestampadd(second, seq, '2026-01-01') from seq_1_to_${ROWS};
    create user guarded identified by 'a password';
    create view slow as select id, word from a where sleep(0.05) = 0;
  `);
}, 120_000);
afterAll(async () => {
  await inPg?.end();
  await inMaria?.end();
  await Promise.all([pg?.stop(), maria?.stop()]);
});

const inPostgresql = (table: string): Place => postgresqlTable(pg.port, table);
const inMysql = (table: string): Place => mysqlTable(maria.port, table);
const withConnection = (place: Place, more: object): Place => ({
  dataSet: { ...place.dataSet, connection: `${place.dataSet.connection} ${JSON.stringify(more)}` },
  connection: { ...place.connection, ...more },
});

async function trouble(
  source: Place,
  target: Place,
  definition: Partial<ComparisonDefinition> = {},
  options: Parameters<typeof runCompare>[3] = {},
): Promise<DomainError> {
  try {
    await runCompare(source, target, { ...BY_ID, ...definition }, options);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('it was compared');
}

/** Connections and statements that a comparison left in a store. */
async function leftInPostgresql(): Promise<number> {
  const { rows } = await inPg.query<{ count: number }>(
    "select count(*)::int as count from pg_stat_activity where application_name = 'holdfast diff'",
  );
  return rows[0]!.count;
}
async function leftInMariadb(): Promise<number> {
  const [rows] = await inMaria.query(
    "select id from information_schema.processlist where id <> connection_id() and user in ('root', 'guarded')",
  );
  return (rows as unknown[]).length;
}
const nothingIsLeft = (): Promise<void> =>
  until(async () => (await leftInPostgresql()) === 0 && (await leftInMariadb()) === 0);
afterEach(nothingIsLeft);

describe('a store', () => {
  it('that is not there is named', async () => {
    for (const place of [inPostgresql('a'), inMysql('a')]) {
      const { code, message } = await trouble(inPostgresql('a'), withConnection(place, { port: 1 }));
      expect(code).toBe('source_unavailable');
      expect(message).toContain('the target');
      expect((await trouble(withConnection(place, { host: 'nowhere.invalid' }), inMysql('a'))).code).toBe(
        'source_unavailable',
      );
    }
  });

  it('that does not answer is given up', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    try {
      const places = [inPostgresql('a'), inMysql('a')].map((place) => withConnection(place, { port }));
      const codes = await Promise.all(places.map(async (place) => (await trouble(inPostgresql('a'), place)).code));
      expect(codes).toEqual(['source_unavailable', 'source_unavailable']);
    } finally {
      silent.close();
    }
  }, 30_000);

  it('that refuses credentials says so without them', async () => {
    const wrong = { user: 'guarded', password: 'not the secret' };
    const { code, message } = await trouble(inPostgresql('a'), withConnection(inMysql('a'), wrong));
    expect(code).toBe('source_refused');
    expect(message).not.toContain('secret');
    const nobody = await trouble(withConnection(inPostgresql('a'), { user: 'nobody' }), inMysql('a'));
    expect(nobody.code).toBe('source_refused');
    expect((await trouble(withConnection(inPostgresql('a'), { user: 'guarded' }), inMysql('a'))).code).toBe(
      'source_refused',
    );
  });

  it('that takes too long for a statement is stopped there too', async () => {
    for (const slow of [inPostgresql('slow'), inMysql('slow')])
      expect((await trouble(inPostgresql('a'), slow, {}, { statementSeconds: 1 })).code).toBe('source_slow');
  });

  it('is told to stop when the seconds are over', async () => {
    for (const slow of [inPostgresql('slow'), inMysql('slow')]) {
      const { result } = await runCompare(inPostgresql('a'), slow, { ...BY_ID, budget: { seconds: 1 } });
      expect(result.partial).toBe('seconds');
    }
  });

  it('is told to stop when the caller goes', async () => {
    for (const slow of [inPostgresql('slow'), inMysql('slow')]) {
      const stopping = new AbortController();
      const running = runCompare(slow, inPostgresql('a'), BY_ID, { signal: stopping.signal });
      const refused = expect(running).rejects.toThrow('enough');
      await until(async () => (await leftInPostgresql()) > 0);
      stopping.abort(new Error('enough'));
      await refused;
      await nothingIsLeft();
    }
  });
});

describe('a definition', () => {
  it('that cannot be carried out is refused with all that is wrong', async () => {
    const problems = async (
      definition: Partial<ComparisonDefinition>,
      target = inPostgresql('b'),
    ): Promise<unknown> => {
      const { code, details } = await trouble(inPostgresql('a'), target, definition);
      return [code, ...(details.fields ?? []).map(({ field }) => field)];
    };
    expect(await problems({ budget: { rows: 0, seconds: -1 } })).toEqual([
      'comparison_invalid',
      'budget.seconds',
      'budget.rows',
    ]);
    expect(await problems({ key: [], sampleShare: 0 })).toEqual(['comparison_invalid', 'key', 'sampleShare']);
    expect(await problems({ key: [{ name: 'nr' }], columns: [{ name: 'word' }, { name: 'x', target: 'y' }] })).toEqual([
      'column_unknown',
      'key.0',
      'key.0',
      'columns.1',
      'columns.1',
    ]);
    expect(await problems({}, inPostgresql('odd'))).toEqual([
      'columns_incomparable',
      'key.0',
      'columns.0',
      'columns.1',
    ]);
    expect(await problems({}, inPostgresql('nowhere'))).toEqual(['table_unknown']);
    const condition = { column: { name: 'id' }, operator: 'eq', value: '1 or true' } as const;
    expect(await problems({ conditions: [condition] })).toEqual(['comparison_invalid', 'conditions']);
  });

  it('whose key repeats is refused with examples, on either side', async () => {
    for (const [source, target] of [
      ['repeated', 'a'],
      ['a', 'repeated'],
    ] as const) {
      const { code, message, details } = await trouble(inPostgresql(source), inPostgresql(target), { columns: [] });
      expect(code).toBe('key_not_unique');
      expect(message).toContain('id is not unique');
      expect(details.extra).toMatchObject({
        side: source === 'repeated' ? 'source' : 'target',
        examples: [['1'], ['2'], ['3']],
      });
    }
    const { result } = await runCompare(inPostgresql('repeated'), inPostgresql('repeated'), {
      ...BY_ID,
      duplicates: 'multiset',
    });
    expect(result.counts).toEqual({ same: ROWS, added: 0, removed: 0, changed: 0 });
  });
});

/** Hands bytes on to a server, until it has had enough. */
async function gateTo(port: number): Promise<{ readonly port: number; close(): void; readonly server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const behind = connect(port, '127.0.0.1');
    for (const one of [socket, behind]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => [socket, behind].forEach((other) => other.destroy()));
    }
    socket.pipe(behind).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('a store that dies half-way', () => {
  it.each(['postgresql', 'mysql'])('ends the comparison, which goes on from its last segment: %s', async (kind) => {
    await inPg.query("update b set word = 'other' where id % 10000 = 0");
    const place = kind === 'mysql' ? inMysql('a') : inPostgresql('a');
    const gate = await gateTo(kind === 'mysql' ? maria.port : pg.port);
    const behindGate = withConnection(place, { port: gate.port });
    const all = new Map(
      [behindGate, inPostgresql('b')].map(({ dataSet, connection }) => [dataSet.connection, connection]),
    );
    const definition = {
      ...BY_ID,
      source: behindGate.dataSet,
      target: inPostgresql('b').dataSet,
      method: 'stream',
    } as const;
    const parts = compare(definition, { connections: (name) => all.get(name)!, segmentRows: 20_000 });
    let last: ResumePoint | undefined;
    const told: unknown[] = [];
    for (let part = await parts.next(); !part.done && !last; part = await parts.next()) {
      told.push(...part.value.differences);
      last = part.value.resume;
    }
    gate.close();
    const died = (async () => {
      // What was on its way still comes.
      while ((await parts.next()).done !== true);
    })();
    await expect(died).rejects.toMatchObject({ code: 'source_unavailable' });
    const rest = await runCompare(place, inPostgresql('b'), { ...BY_ID, method: 'stream' }, { resume: last! });
    expect(rest.result.counts).toEqual({ same: ROWS - 10, changed: 10, added: 0, removed: 0 });
    expect(told.length).toBeLessThanOrEqual(10);
    await inPg.query('update b set word = md5(id::text)');
  });
});

describe('a table that changes while it is read', () => {
  it('is seen as it was when it was opened', async () => {
    const all = new Map(
      [inPostgresql('a'), inMysql('a')].map(({ dataSet, connection }) => [dataSet.connection, connection]),
    );
    const parts = compare(
      { ...BY_ID, source: inPostgresql('a').dataSet, target: inMysql('a').dataSet, method: 'stream' },
      { connections: (name) => all.get(name)!, segmentRows: 10_000 },
    );
    let part = await parts.next();
    await inPg.query("update a set word = 'changed' where id > 50000");
    await inMaria.query('delete from a where id = 99999');
    while (!part.done) part = await parts.next();
    await inPg.query('update a set word = md5(id::text) where id > 50000');
    await inMaria.query("insert into a values (99999, md5(99999), timestampadd(second, 99999, '2026-01-01'))");
    expect(part.value).toMatchObject({
      counts: { same: ROWS, changed: 0, added: 0, removed: 0 },
      source: { stillness: 'snapshot' },
      target: { stillness: 'snapshot' },
    });
  });

  it('settles on a second look, and what is wrong stays wrong', async () => {
    await inPg.query("update b set word = 'late' where id in (5, 6, 7)");
    await inPg.query('delete from b where id in (8, 9)');
    const all = new Map(
      [inPostgresql('a'), inPostgresql('b')].map(({ dataSet, connection }) => [dataSet.connection, connection]),
    );
    const running = runCompare(inPostgresql('a'), inPostgresql('b'), {
      ...BY_ID,
      recheckAfterSeconds: 2,
      method: 'stream',
    });
    expect(all.size).toBe(1);
    // What the first look sees is in its snapshot once both sides read.
    await until(async () => (await leftInPostgresql()) === 4);
    await inPg.query('update b set word = md5(id::text) where id in (5, 6)');
    await inPg.query('insert into b select * from a where id = 8');
    const { differences, result } = await running;
    expect(differences.map(({ is, key }) => `${is} ${key[0]}`)).toEqual(['changed 7', 'removed 9']);
    expect(result.counts).toEqual({ same: ROWS - 2, changed: 1, removed: 1, added: 0 });
    expect(result.settled).toBe(3);
    await inPg.query('delete from b; insert into b select * from a');
  });
});

describe('two comparisons of one pair at once', () => {
  it('know nothing of each other', async () => {
    await inPg.query('delete from b where id = 77');
    const runs = await Promise.all(
      (['stream', 'digest', 'stream', 'digest'] as const).map((method) =>
        runCompare(inMysql('a'), inPostgresql('b'), { ...BY_ID, method }),
      ),
    );
    for (const { differences, result } of runs) {
      expect(result.counts).toEqual({ same: ROWS - 1, changed: 0, added: 0, removed: 1 });
      expect(differences).toEqual([expect.objectContaining({ is: 'removed', key: ['77'] })]);
    }
  });
});
