import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
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
