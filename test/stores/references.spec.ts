import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReferenceSchema } from '@holdfast/domains/quality/reference.schemas';
import { freePort } from '@holdfast/platform/processes';
import {
  placesOfStores,
  postgresqlClient,
  startPostgresql,
  type StoreServer,
} from '@holdfast/platform/testing/store-servers';
import type { Client } from 'pg';
import type { z } from 'zod';
import { DAY, HOUR, MINUTE, qualityOn, reference } from '../integration/quality-stage';
import { at, intakeSuite } from '../intake/stack';

/** When records come: each test has a stage of its own. */
const START = at('2026-03-06T12:00:00Z');
const SECRET = 'not-to-be-told';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-references-'));
const connectionsFile = join(folder, 'connections.json');
const suite = intakeSuite({ HOLDFAST_CONNECTIONS_FILE: connectionsFile });
let on: ReturnType<typeof qualityOn>;
let server: StoreServer;
let client: Client;

beforeAll(async () => {
  server = await startPostgresql(placesOfStores());
  client = await postgresqlClient(server.port);
  const postgresql = { kind: 'postgresql', host: '127.0.0.1', user: 'postgres', database: 'postgres' };
  writeFileSync(join(folder, 'password'), SECRET);
  const connections = {
    erp: { ...postgresql, port: server.port },
    down: { ...postgresql, port: await freePort(), password: { file: join(folder, 'password') } },
    exports: { kind: 'file', folder },
  };
  writeFileSync(connectionsFile, JSON.stringify({ connections }));
  on = qualityOn(suite.stack);
}, 240_000);
afterAll(async () => {
  await client?.end();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type BusinessDataSet = Extract<z.input<typeof ReferenceSchema>['business'], { kind: 'data-set' }>;
const table = (name: string, key: string, since?: string, connection = 'erp'): BusinessDataSet => ({
  ...{ kind: 'data-set', dataSet: { kind: 'postgresql', connection, table: name }, key },
  ...(since !== undefined && { since }),
});
const file = (name: string, content: string, key: string, since?: string): BusinessDataSet => {
  writeFileSync(join(folder, name), content);
  return {
    ...{ kind: 'data-set', dataSet: { kind: 'file', connection: 'exports', path: name }, key },
    ...(since !== undefined && { since }),
  };
};
const define = (id: string, stage: string, business: BusinessDataSet, version = 1): Promise<void> =>
  suite.stack.putDocument(
    'reference',
    id,
    reference({ process: 'orders', stage, business, owner: 'finance', graceSeconds: 3_600, lookbackHours: 24 }),
    version,
  );
const tracked = async (stage: string, keys: readonly string[], receivedAt = START): Promise<void> => {
  // What the stage makes of them is SQL, in which backslashes are doubled.
  for (let n = 0; n < keys.length; n += 4_000)
    await on.tracked(...keys.slice(n, n + 4_000).map((key) => ({ stage, key, receivedAt })));
};
const time = (micros: number): string => new Date(micros / 1_000).toISOString();
const CHECKED = START + 3 * HOUR;
/** Of what is checked then. */
const [FROM, TO] = [CHECKED - 25 * HOUR, CHECKED - HOUR];
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const kinds = async (id: string): Promise<string[]> =>
  (await on.found({ process: 'orders' }))
    .filter(({ subject }) => subject === `reference/${id}`)
    .map(({ kind, state }) => `${kind} ${state}`)
    .sort();

test('whole numbers are compared as texts, both ways, over many pages, each key once', async () => {
  await client.query(`
    create table billed (line serial primary key, order_id bigint, wide numeric(30,0));
    insert into billed (order_id, wide) select n, n from generate_series(1, 12000) n, generate_series(1, 2) line where n <> 17;
    insert into billed (order_id, wide) values (-3, -3), (500000, 500000), (777777, 777777), (null, null);
  `);
  const keys = Array.from({ length: 12_000 }, (_, n) => String(n + 1));
  await tracked('numbers', [...keys, '-3', '007', 'x1', '99999999999999999999']);
  await tracked('numbers', ['500000'], START - 300 * DAY); // long before what is looked at
  for (const column of ['order_id', 'wide']) {
    await define(column.replace('_', '-'), 'numbers', table('billed', column));
    const check = await on.check(column.replace('_', '-'), CHECKED);
    expect(check).toMatchObject({
      ...{ tracked: 12_004, business: 12_002, orphansInTracking: 4, orphansInBusiness: 1 },
      ...{ examplesInTracking: ['007', '17', '99999999999999999999', 'x1'], examplesInBusiness: ['777777'] },
    });
    expect(check.failure).toBeUndefined();
  }
  expect(await kinds('order-id')).toEqual(['orphan_in_business open', 'orphan_in_tracking open']);
  // Once they are there, what was found is fixed.
  await client.query('delete from billed where order_id = 777777; insert into billed (order_id) values (17)');
  expect(await on.check('order-id', CHECKED + MINUTE)).toMatchObject({ orphansInTracking: 3, orphansInBusiness: 0 });
  expect(await kinds('order-id')).toEqual(['orphan_in_business fixed', 'orphan_in_tracking open']);
});

test('texts are in the order of their bytes, and a time says which rows are compared; others are looked up', async () => {
  const texts = ['\u{1F600}', '\uFB01', 'é', 'z', 'Z', 'back\\\\slash', 'a,b', '\u{10FFFF}', ' '];
  await client.query('create table invoices (code text, name varchar(50), at timestamptz, local timestamp)');
  const insert = (code: string, micros: number): Promise<unknown> =>
    client.query(
      `insert into invoices values ($1::text, $1::text, $2::timestamptz, $2::timestamptz at time zone 'UTC')`,
      [code, time(micros)],
    );
  const stored = texts.map((one) => one.replace('\\\\', '\\')); // as the stage's SQL is read
  for (const text of stored) {
    await insert(`now ${text}`, START);
    await insert(`old ${text}`, FROM - DAY);
    await insert(`new ${text}`, TO + MINUTE);
  }
  await insert('at from', FROM);
  await insert('at to', TO);
  await client.query(`insert into invoices values ('untimed', 'untimed', null, null)`);
  await tracked(
    'texts',
    texts.flatMap((text) => ['now', 'old', 'new', 'lost'].map((word) => `${word} ${text}`)),
  );
  await tracked('texts', ['untimed']);
  const lost = stored.map((text) => `lost ${text}`).sort(byBytes);
  for (const [key, since] of [
    ['code', 'at'],
    ['name', 'local'],
  ] as const) {
    await define(key, 'texts', table('invoices', key, since));
    expect(await on.check(key, CHECKED)).toMatchObject({
      ...{ tracked: 4 * texts.length + 1, business: texts.length + 1 },
      ...{ orphansInTracking: lost.length, examplesInTracking: lost },
      ...{ orphansInBusiness: 1, examplesInBusiness: ['at from'] },
    });
  }
});

test('more orphans than are looked up at once are counted exactly; UUIDs are keys', async () => {
  await client.query(`
    create table parcels (id uuid primary key, at timestamptz);
    insert into parcels select md5(n::text)::uuid, '${time(FROM - DAY)}' from generate_series(1, 3000) n;
    update parcels set at = '${time(START)}' where id::text < '8';
  `);
  const { rows } = await client.query<{ id: string; at: Date }>('select id::text as id, at from parcels order by 1');
  const ids = rows.map(({ id }) => id);
  const strangers = Array.from({ length: 2_500 }, (_, n) => `stranger-${String(n).padStart(4, '0')}`);
  await tracked('uuids', [...ids, ...strangers, ids[0]!.toUpperCase()]);
  await define('parcels', 'uuids', table('parcels', 'id', 'at'));
  expect(await on.check('parcels', CHECKED)).toMatchObject({
    ...{ tracked: 5_501, business: ids.filter((id) => id < '8').length },
    ...{ orphansInTracking: 2_501, orphansInBusiness: 0 },
  });
});

test.each([
  ['orders.csv', (rows: [string, string][]) => `id,at\n${rows.map(([id, when]) => `${id},${when}\n`).join('')}`],
  [
    'orders.ndjson',
    (rows: [string, string][]) => rows.map(([id, when]) => `${JSON.stringify({ id, at: when })}\n`).join(''),
  ],
])('%s: texts stay what they are, with a time and without', async (name, write) => {
  const stage = name.replace('.', '-');
  const keys = Array.from({ length: 12_000 }, (_, n) => String(n).padStart(4, '0'));
  const rows: [string, string][] = keys.filter((key) => key !== '0042').map((key) => [key, time(START)]);
  rows.push(['\u{1F600}', time(START)], ['0007', time(START)], ['older', time(FROM - DAY)], ['ghost', time(START)]);
  await tracked(stage, [...keys, '\u{1F600}', '\uFB01', '42', 'older']);
  const expected = { tracked: 12_004, orphansInTracking: 3, examplesInTracking: ['0042', '42', '\uFB01'] };
  await define(stage, stage, file(name, write(rows), 'id', 'at'));
  const orphans = { orphansInBusiness: 1, examplesInBusiness: ['ghost'] };
  expect(await on.check(stage, CHECKED)).toMatchObject({ ...expected, business: 12_001, ...orphans });
  await define(stage, stage, file(name, write(rows), 'id'), 2);
  expect(await on.check(stage, CHECKED + MINUTE)).toMatchObject({ ...expected, business: 12_002, ...orphans });
  // Nothing is passed over in silence.
  await define(stage, stage, file(name, write([...rows, ['when', 'yesterday']]), 'id', 'at'), 3);
  await expect(on.check(stage, CHECKED + 2 * MINUTE)).rejects.toMatchObject({
    ...{ code: 'file_unreadable', message: expect.stringContaining('a value of at is no timestamp') },
  });
});

describe('a check that cannot be made', () => {
  const checks = async (id: string): Promise<{ failure: { code: string; detail: string } | null }[]> =>
    (await suite.stack.get(`/v1/references/${id}/checks`)).body['items'] as never;

  beforeAll(async () => {
    await client.query(`create table receipts (id text, amount double precision, paid date, at timestamptz);
      insert into receipts values ('ghost', 1, now(), now());`);
    await tracked('failing', ['K1']);
  });

  test.each([
    [
      'no column',
      table('receipts', 'nothing', 'never'),
      'column_unknown',
      'key there is no column nothing; since there is no column never',
    ],
    ['no key', table('receipts', 'amount'), 'columns_incomparable', 'amount is double precision'],
    ['no time', table('receipts', 'id', 'paid'), 'columns_incomparable', 'paid is date'],
    ['no table', table('nowhere', 'id'), 'table_unknown', 'is not there'],
    ['no store', table('receipts', 'id', 'at', 'down'), 'source_unavailable', 'ECONNREFUSED'],
    ['no connection', table('receipts', 'id', 'at', 'gone'), 'connection_unknown', 'no connection'],
  ] as const)('%s: says why, and nothing that is secret', async (what, business, code, words) => {
    const id = what.replace(' ', '-');
    await define(id, 'failing', business);
    await expect(on.check(id, CHECKED)).rejects.toMatchObject({ code });
    const all = await checks(id);
    expect(all).toMatchObject([{ failure: { code, detail: expect.stringContaining(words) as string } }]);
    expect(JSON.stringify(all)).not.toMatch(new RegExp(`${SECRET}|127\\.0\\.0\\.1|${server.port}`));
  });

  test('is no check that findings follow: those of what the reference was about before are over once one succeeds', async () => {
    await define('turned', 'failing', table('receipts', 'id'));
    await on.check('turned', CHECKED);
    await define('turned', 'quiet', table('receipts', 'nothing'), 2);
    await expect(on.check('turned', CHECKED + MINUTE)).rejects.toMatchObject({ code: 'column_unknown' });
    expect(await kinds('turned')).toEqual(['orphan_in_business open', 'orphan_in_tracking open']);
    await client.query('alter table receipts add nothing text');
    await on.check('turned', CHECKED + 2 * MINUTE);
    expect(await kinds('turned')).toEqual(['orphan_in_business fixed', 'orphan_in_tracking fixed']);
  });

  test('leaves findings as they are, and a repeat that succeeds takes its place', async () => {
    await define('again', 'failing', table('receipts', 'id'));
    await on.check('again', CHECKED);
    const open = ['orphan_in_business open', 'orphan_in_tracking open'];
    expect(await kinds('again')).toEqual(open);
    await client.query('alter table receipts rename to moved');
    await expect(on.check('again', CHECKED + MINUTE)).rejects.toMatchObject({ code: 'table_unknown' });
    expect(await kinds('again')).toEqual(open);
    await client.query(`alter table moved rename to receipts; delete from receipts where id = 'ghost'`);
    await on.check('again', CHECKED + MINUTE);
    expect((await checks('again')).map(({ failure }) => failure)).toEqual([null, null]);
    expect(await kinds('again')).toEqual(['orphan_in_business fixed', 'orphan_in_tracking open']);
  });
});

test('a definition whose data set cannot be reached by its connection is refused, naming the field', async () => {
  const business = table('receipts', 'id');
  const wrong = [
    [{ ...business, dataSet: { ...business.dataSet, connection: 'gone' } }, 'business.dataSet.connection'],
    [{ ...business, dataSet: { ...business.dataSet, connection: 'exports' } }, 'business.dataSet.connection'],
    [{ ...business, dataSet: { ...business.dataSet, password: 'x' } }, 'business.dataSet.password'],
    [{ kind: 'data-set', dataSet: business.dataSet }, 'business.key'],
    [{ ...business, since: '' }, 'business.since'],
    [{ ...business, kind: 'table' }, 'business.kind'],
  ] as const;
  for (const [one, field] of wrong) {
    const body = JSON.stringify({ process: 'orders', stage: 'shop', owner: 'finance', business: one });
    const answer = await suite.stack.send('PUT', '/v1/references/refused', body, {
      'content-type': 'application/json',
    });
    expect([answer.status, (answer.body['errors'] as { field: string }[])[0]?.field]).toEqual([400, field]);
  }
  expect((await suite.stack.get('/v1/references/refused')).status).toBe(404);
});
