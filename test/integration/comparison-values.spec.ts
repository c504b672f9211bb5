import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { DomainError } from '@holdfast/kernel';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { runCompare, type Compared, type Place } from '../stores/run-compare';

let folder: string;
let engine: EmbeddedClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-values-'));
  engine = await startEmbeddedClickHouse();
  client = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
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
const shown = ({ differences }: Compared): string[] => differences.map(({ is, key }) => `${is} ${key.join(' ')}`);
const refusalOf = (compared: Promise<unknown>): Promise<unknown> =>
  compared.then(
    () => 'was compared',
    (error: unknown) => (error instanceof DomainError ? `${error.code}: ${error.message}` : error),
  );
const byId = { key: [{ name: 'id' }] };

describe('a file of JSON', () => {
  const LATE = 40_000;
  const rows = (last: object): string =>
    Array.from({ length: LATE }, (_, id) => `${JSON.stringify({ id, value: 'some more words of it' })}\n`).join('') +
    `${JSON.stringify(last)}\n`;

  it('whose members come late is refused by the row, whatever columns are compared', async () => {
    put('late.ndjson', rows({ id: LATE, value: 'x', extra: 1 }));
    put('plain.ndjson', rows({ id: LATE, value: 'x' }));
    const condition = { column: { name: 'id' }, operator: 'lt', value: 5 } as const;
    for (const more of [{ columns: [] }, { columns: [{ name: 'value' }] }, { columns: [], conditions: [condition] }])
      expect(await refusalOf(runCompare(file('late.ndjson'), file('plain.ndjson'), { ...byId, ...more }))).toMatch(
        /^file_unreadable: .*late\.ndjson.* at row 40001$/,
      );
  });

  it('may begin with a row of more than a megabyte', async () => {
    put(
      'wide.ndjson',
      `${JSON.stringify({ id: 1, value: 'w'.repeat(3 << 20) })}\n{"id": 2, "value": "v", "other": 1}\n`,
    );
    put('small.csv', 'id,value\n1,w\n2,v\n');
    expect(shown(await runCompare(file('wide.ndjson'), file('small.csv'), byId))).toEqual(['changed 1']);
  });
});
