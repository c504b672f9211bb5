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

describe('a text of a file is what the other side has', () => {
  const DAY = '2026-01-0';
  const made = async (name: string, type: string, values: readonly string[]): Promise<void> => {
    await client.command({ query: `create table ${name} (value ${type}, id Int64) engine = MergeTree order by id` });
    await client.insert({
      ...{
        table: name,
        format: 'JSONEachRow',
        values: values.map((value, id) => ({ value: type === 'Bool' ? value === 'true' : value, id })),
      },
      clickhouse_settings: { date_time_input_format: 'best_effort' },
    });
  };
  const csvOf = (values: readonly string[]): string =>
    `value,id\n${values.map((value, id) => `${value},${id}\n`).join('')}`;
  const byValue = { key: [{ name: 'value' }] };
  const KINDS = [
    [
      'timestamps',
      "DateTime64(6, 'UTC')",
      [1, 2, 3, 4].map((at) => `${DAY}${at} 10:00:00.5`),
      [`${DAY}1T10:00:00.500Z`, `${DAY}2 12:00:00.5+02:00`, `${DAY}3T10:00:00.5`, `${DAY}4 10:00:00.500000`],
      '2026-02-30 10:00:00',
    ],
    ['decimals', 'Decimal(18, 4)', ['-1.5', '0', '2', '10.25'], ['-1.50', '0.0', '02', '10.2500'], '1,5'],
    ['integers', 'Int64', ['-1', '2', '10', '30'], ['-01', '+2', '10', '030'], '1.5'],
    ['booleans', 'Bool', ['true', 'false'], ['T', 'False'], 'maybe'],
    ['dates', 'Date32', ['1950-01-01', '2026-01-02'], ['1950-01-01', '2026-01-02'], '01/02/2026'],
    [
      'uuids',
      'UUID',
      ['61f0c404-5cb3-11e7-907b-a6006ad3dba0', 'f1f0c404-5cb3-11e7-807b-a6006ad3dba0'],
      ['61F0C404-5cb3-11e7-907b-a6006ad3dba0', 'F1f0c404-5cb3-11e7-807b-a6006ad3dba0'],
      'x',
    ],
  ] as const;

  it.each(KINDS)('%s, also as a key, in a sample and in a condition', async (name, type, values, texts, wrong) => {
    await made(name, type, values);
    put(`${name}.csv`, csvOf(texts));
    for (const by of [byId, byValue])
      for (const sampleShare of [1, 0.5, 0.1]) {
        const { differences, result } = await runCompare(file(`${name}.csv`), table(name), { ...by, sampleShare });
        expect([sampleShare, differences]).toEqual([sampleShare, []]);
        if (sampleShare === 1) expect(result.counts.same).toBe(values.length);
      }
    const condition = { column: { name: 'value' }, operator: 'eq', value: values[1] } as const;
    const { result } = await runCompare(file(`${name}.csv`), table(name), { ...byId, conditions: [condition] });
    expect(result.counts).toEqual({ same: 1, added: 0, removed: 0, changed: 0 });
    put(`wrong-${name}.csv`, csvOf([...texts, `"${wrong}"`]));
    expect(shown(await runCompare(file(`wrong-${name}.csv`), table(name), byId))).toEqual([`removed ${values.length}`]);
    expect(await refusalOf(runCompare(file(`wrong-${name}.csv`), table(name), byValue))).toMatch(
      /^file_unreadable: .*(a value of value is no [a-z]+|CANNOT_PARSE_DATETIME)$/,
    );
  });
});
