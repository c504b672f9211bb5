import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { ComparisonsStore } from '@holdfast/domains/comparisons/comparisons.store';
import { newId } from '@holdfast/kernel';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { migrate } from '@holdfast/platform/clickhouse/migrations/run';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { runCompare, type Place } from '../stores/run-compare';

let folder: string;
let engine: EmbeddedClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-cut-short-'));
  engine = await startEmbeddedClickHouse();
  client = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
  await client.command({
    query: 'create table numbered engine = MergeTree order by id as select toInt64(number + 1) as id from numbers(100)',
  });
});
afterAll(async () => {
  await client?.close();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const put = (path: string, content: string): void => writeFileSync(join(folder, path), content);
const file = (path: string): Place => ({
  dataSet: { kind: 'file', connection: `file ${path}`, path },
  connection: { kind: 'file', folder },
});
const table = (name: string): Place => ({
  dataSet: { kind: 'clickhouse', connection: `table ${name}`, table: name },
  connection: { kind: 'clickhouse', url: engine.url, user: 'default', password: engine.password, database: 'app' },
});
const keysAlone = { key: [{ name: 'id' }], columns: [] };

it('says that it was read in parts when it goes on later, from what may be another file', async () => {
  put('parts.csv', `id\n${Array.from({ length: 50 }, (_, at) => `${at}\n`).join('')}`);
  const { resumePoints, result } = await runCompare(file('parts.csv'), table('numbered'), keysAlone, {
    segmentRows: 20,
  });
  expect(result.source).toMatchObject({ stillness: 'file', changedWhileRead: false });
  const rest = await runCompare(file('parts.csv'), table('numbered'), keysAlone, { resume: resumePoints[0]! });
  expect(rest.result.counts).toEqual(result.counts);
  expect([rest.result.source, rest.result.target]).toEqual([
    expect.objectContaining({ stillness: 'parts', changedWhileRead: undefined }),
    expect.objectContaining({ stillness: 'parts', changedWhileRead: undefined }),
  ]);
});

/** Goes on with a comparison in a process of its own. @returns segments that it finished, and how it ended */
async function goOnApart(asked: object, killAfter: number | undefined) {
  const child = spawn(
    process.execPath,
    [join(__dirname, 'comparison-child.js'), JSON.stringify({ ...asked, standStillAfter: killAfter })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const finished: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    finished.push(Number(line));
    if (finished.length === killAfter) child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  return { finished, code, signal };
}

it('that is killed with -9 at any segment is taken up by the next process, and tells each difference once', async () => {
  const missing = [3, 28, 29, 61, 99];
  const there = Array.from({ length: 100 }, (_, at) => at + 1).filter((id) => !missing.includes(id));
  put('killed.csv', `id\n${there.join('\n')}\n`);
  const [source, target] = [file('killed.csv'), table('numbered')];
  const address = { url: engine.url, password: engine.password, username: 'default', database: 'app' };
  const connections = Object.fromEntries([source, target].map((one) => [one.dataSet.connection, one.connection]));
  const clickhouse = new ClickHouse(address);
  await migrate(clickhouse, () => undefined);
  const store = new ComparisonsStore(clickhouse);
  const whole = await runCompare(source, target, keysAlone, { segmentRows: 20 });
  expect(whole.resumePoints.length).toBeGreaterThan(2);

  for (let segment = 1; segment <= whole.resumePoints.length; segment++) {
    const comparison = newId();
    await store.add({
      ...{ comparison, definition: '', version: 0, askedBy: 'admin', askedAt: Date.now() * 1000, scheduled: false },
      body: { ...keysAlone, source: source.dataSet, target: target.dataSet },
    });
    const asked = { address, comparison, connections };
    expect(await goOnApart(asked, segment)).toMatchObject({ signal: 'SIGKILL', finished: { length: segment } });
    expect(await store.find(comparison)).toMatchObject({ state: 'running' });
    const next = await goOnApart(asked, undefined);
    expect([next.code, next.finished[0] ?? segment + 1]).toEqual([0, segment + 1]);
    const { state, counts, lineage } = (await store.find(comparison))!;
    expect([state, counts]).toEqual(['done', whole.result.counts]);
    const told = await store.differences(comparison, lineage, { segment: 0, ordinal: 0 }, 1_000);
    expect(told.map(({ difference }) => Number(difference.key[0]))).toEqual(missing);
  }
}, 120_000);

describe('a comparison whose seconds are over', () => {
  it('tells what it has found, though it was to be looked at again', async () => {
    put('late.csv', 'id\n1\n2\n200\n');
    const definition = { ...keysAlone, recheckAfterSeconds: 3_600, budget: { seconds: 2 } };
    const { differences, result } = await runCompare(file('late.csv'), table('numbered'), definition);
    expect(differences).toHaveLength(99);
    expect(result).toMatchObject({ partial: 'seconds', settled: 0, counts: { same: 2, added: 98, removed: 1 } });
  });

  it('ends also while its sides are being opened', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const answer: Place = {
      dataSet: { kind: 'http', connection: 'silent' },
      connection: { kind: 'http', url, allowPrivate: true },
    };
    try {
      const { result } = await runCompare(answer, table('numbered'), { ...keysAlone, budget: { seconds: 1 } });
      expect(result).toMatchObject({ partial: 'seconds', counts: { same: 0 }, source: { kind: 'http', rows: 0 } });
      expect(result.spent.seconds).toBeGreaterThanOrEqual(0.9);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});

it('goes on within a slice of digests, and counts no row twice', async () => {
  const made = (name: string, value: string) =>
    client.command({
      query: `create table ${name} engine = MergeTree order by id as select toInt64(number) as id, ${value} as value from numbers(400000)`,
    });
  await made('blocks', 'number');
  await made('other_blocks', 'if(number % 2000 = 77, 0, number)');
  const definition = { key: [{ name: 'id' }], method: 'digest', duplicates: 'multiset' } as const;
  const whole = await runCompare(table('blocks'), table('other_blocks'), definition);
  expect(whole.result).toMatchObject({ counts: { changed: 200, same: 399_800 }, how: { method: 'digest' } });
  const within = whole.resumePoints.filter(({ after }) => Number(after[0]) % 128 === 127);
  expect(within.length).toBeGreaterThan(0);
  for (const resume of within) {
    const rest = await runCompare(table('blocks'), table('other_blocks'), definition, { resume });
    expect(rest.result.counts).toEqual(whole.result.counts);
  }
});
