import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  placesOfStores,
  postgresqlClient,
  startPostgresql,
  type StoreServer,
} from '@holdfast/platform/testing/store-servers';
import { Client, Connection } from '@temporalio/client';
import { eventually, openStage, type Stage } from '../faults/stage';

const ROWS = 3_000_000;
let server: StoreServer;
let stage: Stage;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-connections-'));
  server = await startPostgresql(placesOfStores());
  const client = await postgresqlClient(server.port);
  await client.query(`
    create table a as select n::bigint as id, n * 1.25::numeric(12,2) as amount, 'name ' || n as name from generate_series(1, ${ROWS}) n;
    create table b as select * from a;
    alter table a add primary key (id);
    alter table b add primary key (id);
    update b set amount = 0 where id % 100000 = 7;
    delete from b where id % 1000000 = 8;
    insert into b values (0, 1, 'new');
  `);
  await client.end();
  const connections = {
    shop: { kind: 'postgresql', host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' },
  };
  const file = join(folder, 'connections.json');
  writeFileSync(file, JSON.stringify({ connections }));
  stage = await openStage({ HOLDFAST_CONNECTIONS_FILE: file });
}, 240_000);
afterAll(async () => {
  await stage?.close(false);
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Comparison {
  readonly id: string;
  readonly state: string;
  readonly counts: object;
  readonly result: object | null;
  readonly failure: object | null;
}
const table = (name: string) => ({ kind: 'postgresql', connection: 'shop', table: name });
const start = (): Promise<Comparison> =>
  stage.client().post<Comparison>('/v1/comparisons', {
    inline: { source: table('a'), target: table('b'), key: [{ name: 'id' }], method: 'stream' },
  });
const get = (id: string): Promise<Comparison> => stage.client().get<Comparison>(`/v1/comparisons/${id}`);
const ended = (id: string): Promise<Comparison> =>
  eventually(`${id} has ended`, async () => {
    const found = await get(id);
    return found.state === 'running' ? undefined : found;
  });
const keysOf = async (id: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const one of stage.client().items<{ key: { id: string } }>(`/v1/comparisons/${id}/differences`))
    keys.push(one.key.id);
  return keys;
};
const EXPECTED = [
  0,
  ...Array.from({ length: 30 }, (_, at) => at * 100_000 + 7),
  ...[0, 1, 2].map((at) => at * 1_000_000 + 8),
].sort((a, b) => a - b);
const COUNTS = { added: 1, removed: 3, changed: 30, same: ROWS - 33 };

it('goes on behind the last finished segment when its worker is killed in the middle', async () => {
  const { id } = await start();
  const finished = () =>
    stage.engine.rows<{ execution: string; segment: number }>(
      'select execution, segment from comparison_segments where comparison = {id:String} order by segment',
      { id },
    );
  await eventually('a segment is finished', async () => ((await finished()).length > 0 ? true : undefined), 5);
  expect(stage.stack.kill('worker')).toBe(true);
  await stage.stack.ready();
  const before = await finished();
  expect(await get(id)).toMatchObject({ state: 'running', result: null });
  expect(await ended(id)).toMatchObject({ state: 'done', failure: null, counts: COUNTS });
  expect((await keysOf(id)).map(Number)).toEqual(EXPECTED);
  const all = await finished();
  expect(new Set(all.map(({ execution }) => execution)).size).toBe(2);
  // What was finished is not done again.
  expect(new Set(all.map(({ segment }) => segment)).size).toBe(all.length);
  expect(all.slice(0, before.length)).toEqual(before);
}, 240_000);

it('is not disturbed by another one of the same pair', async () => {
  const both = await Promise.all([start(), start()]);
  for (const { id } of both) {
    expect(await ended(id)).toMatchObject({ state: 'done', counts: COUNTS });
    expect((await keysOf(id)).map(Number)).toEqual(EXPECTED);
  }
}, 240_000);

it('is stopped while a store is being read', async () => {
  const { id } = await start();
  await eventually(
    'something was compared',
    async () => ((await get(id)).counts as { same: number }).same > 0 || undefined,
    5,
  );
  await stage.client().post(`/v1/comparisons/${id}/stop`);
  const stopped = await ended(id);
  expect(stopped).toMatchObject({ state: 'stopped', result: null, failure: null });
  const found = (await keysOf(id)).map(Number);
  expect(found).toEqual(EXPECTED.slice(0, found.length));
  expect(found.length).toBeLessThan(EXPECTED.length);
}, 240_000);

it('is begun by the Schedule of its definition, for as long as that has one', async () => {
  const api = stage.client();
  const path = '/v1/comparison-definitions/hourly';
  const definition = { source: table('a'), target: table('a'), key: [{ name: 'id' }], owner: 'shop-team' };
  const { etag } = await api.put(path, { ...definition, schedule: { everySeconds: 3600 } }, undefined);
  const connection = await Connection.connect({ address: stage.stack.temporalAddress });
  try {
    const schedule = new Client({ connection }).schedule.getHandle('open-due-comparison/hourly');
    const exists = (): Promise<boolean> =>
      schedule.describe().then(
        () => true,
        () => false,
      );
    await eventually('it has a Schedule', async () => (await exists()) || undefined);
    expect((await schedule.describe()).spec.intervals).toMatchObject([{ every: 3_600_000 }]);
    await schedule.trigger();
    const begun = await eventually('there is a comparison', async () => {
      const { items } = await api.get<{ items: Comparison[] }>('/v1/comparisons', { definition: 'hourly' });
      return items[0];
    });
    expect(await ended(begun.id)).toMatchObject({ state: 'done', counts: { same: ROWS, changed: 0 }, askedBy: null });
    await api.put(path, definition, etag);
    await eventually('its Schedule is gone', async () => !(await exists()) || undefined);
  } finally {
    await connection.close();
  }
}, 240_000);

it('is worked with from the command line', () => {
  const run = (...args: string[]): { readonly status: number | null; readonly lines: Record<string, unknown>[] } => {
    const { url, adminKeyFile } = stage.stack;
    const cli = join(__dirname, '../../dist/apps/cli/main.js');
    const told = spawnSync(
      process.execPath,
      [cli, '--url', url, '--key-file', adminKeyFile, '--json', 'comparisons', ...args],
      {
        encoding: 'utf8',
      },
    );
    if (told.status !== 0 && told.status !== 1)
      throw new Error(`${args.join(' ')} ended with ${told.status}: ${told.stderr}`);
    const lines = told.stdout.split('\n').filter((line) => line !== '');
    return { status: told.status, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  };
  const file = join(folder, 'orders.yaml');
  const document = {
    kind: 'comparison',
    id: 'by-hand',
    source: table('a'),
    target: table('b'),
    key: [{ name: 'id' }],
    owner: 'me',
  };
  writeFileSync(
    file,
    JSON.stringify({ ...document, conditions: [{ column: { name: 'id' }, operator: 'le', value: 10 }] }),
  );
  expect(run('apply', file).lines).toMatchObject([{ kind: 'comparison', id: 'by-hand', outcome: 'created' }]);
  expect(run('apply', file).lines).toMatchObject([{ outcome: 'unchanged' }]);
  const started = run('start', 'by-hand', '--watch');
  expect(started).toMatchObject({
    status: 1,
    lines: [{ state: 'done', counts: { added: 1, removed: 1, changed: 1, same: 8 } }],
  });
  const id = String(started.lines[0]!['id']);
  expect(run('differences', id).lines).toMatchObject([
    { is: 'added' },
    { is: 'changed', columns: ['amount'] },
    { is: 'removed' },
  ]);
  expect(run('list', '--definition', 'by-hand').lines).toMatchObject([{ id }]);
  expect(run('show', id).lines).toMatchObject([{ id, state: 'done' }]);
  expect(run('stop', id).lines).toMatchObject([{ id, state: 'done' }]);
  expect(run('definitions', 'list').lines.map((one) => one['id'])).toContain('by-hand');
}, 120_000);
