import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { DomainError } from '@holdfast/kernel';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import type { GitDataSet } from '@holdfast/domains/comparisons/core/data-set';
import { runCompare, type Compared, type Place } from '../stores/run-compare';

let folder: string;
let engine: EmbeddedClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-sources-'));
  engine = await startEmbeddedClickHouse();
  client = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
});
afterAll(async () => {
  await client?.close();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const put = (path: string, content: string | Buffer): void => {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
};
const file = (path: string): Place => ({
  dataSet: { kind: 'file', connection: `file ${path}`, path },
  connection: { kind: 'file', folder },
});
const table = (name: string): Place => ({
  dataSet: { kind: 'clickhouse', connection: `table ${name}`, table: name },
  connection: { kind: 'clickhouse', url: engine.url, user: 'default', password: engine.password, database: 'app' },
});
const shown = ({ differences }: Compared): string[] => differences.map(({ is, key }) => `${is} ${key.join(' ')}`);
const codeOf = (compared: Promise<unknown>): Promise<unknown> =>
  compared.then(
    () => 'was compared',
    (error: unknown) => (error instanceof DomainError ? error.code : error),
  );

describe('a git repository', () => {
  const run = (...args: string[]): string =>
    execFileSync(
      'git',
      ['-C', join(folder, 'repo'), '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', ...args],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', HOME: folder },
      },
    ).trim();
  const commit = (): string => {
    run('add', '-A');
    run('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'a change');
    return run('rev-parse', 'HEAD');
  };
  const git = (more: Partial<GitDataSet> = {}, repository = join(folder, 'repo')): Place => ({
    dataSet: { kind: 'git', connection: `git ${repository} ${JSON.stringify(more)}`, ref: 'main', ...more },
    connection: { kind: 'git', repository },
  });
  let first: string;

  beforeAll(() => {
    mkdirSync(join(folder, 'repo'));
    run('init', '-q', '-b', 'main');
    put('repo/deploy/shop.yaml', 'name: shop\nversion: 1.10\nreplicas: 3\n');
    put('repo/deploy/erp.json', '{"name": "erp", "version": "2.0", "replicas": 12345678901234567890}\n');
    put('repo/deploy/eu/hub.yaml', 'name: hub\nversion: "007"\nreplicas: 1\nlabels: {a: 1}\n');
    put('repo/deploy/--odd name.yaml', '{}\n');
    put('repo/README.md', 'about\n');
    first = commit();
  });

  it('is compared with what is deployed, in the words of its files', async () => {
    put('deployed.csv', 'name,version,replicas\nshop,1.10,3\nerp,2.0,12345678901234567890\nhub,7,1\ngone,1,1\n');
    const compared = await runCompare(
      git({ folder: 'deploy', pattern: '**/*', members: ['name', 'version', 'replicas'] }),
      file('deployed.csv'),
      { key: [{ name: 'name' }], columns: [{ name: 'version' }, { name: 'replicas' }] },
    );
    expect(shown(compared)).toEqual(['removed ', 'added gone', 'changed hub']);
    expect(compared.differences[2]).toMatchObject({ source: ['007', '1'], target: ['7', '1'], columns: [0] });
    expect(compared.result.counts.same).toBe(2);
  });

  it('is compared with another commit of itself, by blob, mode and size', async () => {
    put('repo/deploy/shop.yaml', 'name: shop\nversion: 1.11\nreplicas: 3\n');
    chmodSync(join(folder, 'repo/README.md'), 0o755);
    rmSync(join(folder, 'repo/deploy/erp.json'));
    commit();
    const by = { key: [{ name: 'path' }], columns: ['blob', 'mode', 'size'].map((name) => ({ name })) };
    const compared = await runCompare(git({ ref: first }), git(), by);
    expect(shown(compared)).toEqual(['changed README.md', 'removed deploy/erp.json', 'changed deploy/shop.yaml']);
    expect(compared.differences[0]).toMatchObject({ columns: [1] });
    const below = await runCompare(
      git({ ref: first, folder: 'deploy/eu' }),
      git({ folder: 'deploy', pattern: '*/hub.yaml' }),
      by,
    );
    expect(below.result.counts).toEqual({ same: 1, added: 0, removed: 0, changed: 0 });
    const none = await runCompare(git({ folder: 'nowhere' }), git({ pattern: 'none/*' }), by);
    expect(none.result.counts).toEqual({ same: 0, added: 0, removed: 0, changed: 0 });
  });

  it('runs nothing of the repository, and takes no option for a ref', async () => {
    const by = { key: [{ name: 'path' }] };
    const marker = join(folder, 'was-run');
    for (const hook of ['post-index-change', 'post-checkout', 'pre-auto-gc', 'fsmonitor-watchman']) {
      put(`repo/.git/hooks/${hook}`, `#!/bin/sh\ntouch ${marker}\n`);
      chmodSync(join(folder, `repo/.git/hooks/${hook}`), 0o755);
    }
    run('config', 'core.fsmonitor', join(folder, 'repo/.git/hooks/fsmonitor-watchman'));
    run('config', 'core.pager', `touch ${marker}`);
    await runCompare(git({ members: ['name'] }), git(), { ...by, columns: [{ name: 'blob' }] });
    for (const ref of ['--help', '-n1', 'main --output=x', `main;touch ${marker}`, ':(top)', 'main..main'])
      expect([ref, await codeOf(runCompare(git({ ref }), git(), by))]).toEqual([
        ref,
        expect.stringMatching(/^(comparison_invalid|table_unknown)$/),
      ]);
    expect(await codeOf(runCompare(git({ ref: 'nowhere' }), git(), by))).toBe('table_unknown');
    expect(existsSync(marker)).toBe(false);
    mkdirSync(join(folder, 'repo/inside'));
    expect(await codeOf(runCompare(git({}, join(folder, 'repo/inside')), git(), by))).toBe('source_failed');
    expect(await codeOf(runCompare(git({ members: ['blob'] }), git(), by))).toBe('comparison_invalid');
  });

  it('names the file that cannot be read as what it is', async () => {
    const refused = async (text: string | Buffer): Promise<unknown> => {
      put('repo/bad.yaml', text);
      commit();
      return runCompare(git({ members: ['name'] }), git(), { key: [{ name: 'path' }] }).then(
        () => 'was compared',
        (error: unknown) => (error instanceof DomainError ? `${error.code} ${error.message}` : error),
      );
    };
    expect(await refused('a: [1\n')).toMatch(/file_unreadable .*bad\.yaml is no YAML/);
    expect(await refused('a: 1\n---\na: 2\n')).toMatch(/file_unreadable .*bad\.yaml holds several documents/);
    expect(await refused(Buffer.from('name: caf\xe9\n', 'latin1'))).toMatch(/file_unreadable .*bad\.yaml is not UTF-8/);
    expect(await refused(`${'x'.repeat(5 * 1024 * 1024)}\n`)).toMatch(/file_unreadable .*bad\.yaml is larger/);
  });
});

describe('an address', () => {
  it('is read below the one of its connection, and nowhere else', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, answer) => {
      asked.push(url);
      answer.setHeader('content-type', 'text/csv').end('id\n1\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/exports?v=2`;
    const at = (path: string): Place => ({
      dataSet: { kind: 'http', connection: `http ${path}`, path },
      connection: { kind: 'http', url, token: 'secret', allowPrivate: true },
    });
    put('one.csv', 'id\n1\n');
    const compared = (path: string): Promise<unknown> =>
      codeOf(runCompare(at(path), file('one.csv'), { key: [{ name: 'id' }] }));
    try {
      expect(await compared('day/orders.csv')).toBe('was compared');
      expect(await compared('//elsewhere.example.org/x')).toBe('was compared');
      for (const path of ['../admin', '%2e%2e/admin', 'a/%2E%2E/%2e./b', 'x?y', 'x#y', '..\\admin'])
        expect([path, await compared(path)]).toEqual([path, 'comparison_invalid']);
    } finally {
      server.close();
    }
    expect(asked).toEqual(['/exports/day/orders.csv?v=2', '/exports//elsewhere.example.org/x?v=2']);
  });
});

describe('an archive', () => {
  const row = (id: number): string => `{"id": ${id}, "name": "n${id}", "big": ${10 ** 15}${id}}\n`;
  const rows = (from: number, to: number): string =>
    Array.from({ length: to - from + 1 }, (_, at) => row(from + at)).join('');
  const listed = (path: string, name: string, count: number) => ({
    ...{
      name,
      rows: count,
      sha256: createHash('sha256')
        .update(readFileSync(join(folder, path, name)))
        .digest('hex'),
    },
  });
  const manifest = (path: string, ...files: object[]): void => put(`${path}/manifest.json`, JSON.stringify({ files }));
  const archive = (path: string): Place => ({
    dataSet: { kind: 'archive', connection: `archive ${path}`, path },
    connection: { kind: 'file', folder },
  });
  const keys = { key: [{ name: 'id' }], columns: [] };

  beforeAll(async () => {
    put('old/a.ndjson', rows(1, 50));
    put('old/more/b.ndjson.gz', gzipSync(rows(51, 100)));
    manifest('old', listed('old', 'a.ndjson', 50), listed('old', 'more/b.ndjson.gz', 50));
    await client.command({ query: 'create table purged (id Int64) engine = MergeTree order by id' });
    await client.command({ query: 'insert into purged select number + 1 from numbers(101) where number != 41' });
  });

  it('holds what was purged, or not', async () => {
    const compared = await runCompare(archive('old'), table('purged'), keys);
    expect(shown(compared)).toEqual(['removed 42', 'added 101']);
    expect(compared.result.source).toMatchObject({
      kind: 'archive',
      stillness: 'file',
      changedWhileRead: false,
      rows: 100,
    });
  });

  it('is of one file as well, also of Parquet and compressed by the engine', async () => {
    for (const name of ['one.parquet', 'one.ndjson.zst']) {
      const format = name.endsWith('parquet') ? 'Parquet' : 'JSONEachRow';
      await client.command({
        query: `insert into function file('${join(folder, name)}', '${format}') select id, toString(id) as name from purged`,
      });
      const [entry] = [listed('.', name, 100)];
      put(`${name}.manifest.json`, JSON.stringify({ files: [entry] }));
      expect((await runCompare(archive(name), table('purged'), keys)).result.counts).toMatchObject({
        same: 100,
        added: 0,
      });
    }
  });

  it('that is not what its manifest says is refused', async () => {
    const refused = (path = 'bad'): Promise<unknown> => codeOf(runCompare(archive(path), table('purged'), keys));
    put('bad/a.ndjson', rows(1, 5));
    const good = listed('bad', 'a.ndjson', 5);
    manifest('bad', good);
    expect(await refused()).toBe('was compared');
    manifest('bad', { ...good, rows: 6 });
    expect(await refused()).toBe('archive_damaged');
    manifest('bad', good, { ...good, name: 'lost.ndjson' });
    expect(await refused()).toBe('archive_damaged');
    for (const name of ['../old/a.ndjson', '*.ndjson', '{a,b}.ndjson', '/etc/passwd', 'more/../a.ndjson']) {
      manifest('bad', { ...good, name });
      expect([name, await refused()]).toEqual([name, 'archive_damaged']);
    }
    manifest('bad', good);
    put('bad/a.ndjson', rows(1, 5).replace('n3', 'n4'));
    expect(await refused()).toBe('archive_damaged');
    truncateSync(join(folder, 'bad/manifest.json'), 10);
    expect(await refused()).toBe('archive_damaged');
    rmSync(join(folder, 'bad/manifest.json'));
    expect(await refused()).toBe('archive_damaged');
    expect(await refused('nowhere')).toBe('table_unknown');
    expect(await refused('../elsewhere')).toBe('comparison_invalid');
  });
});

describe('a profile', () => {
  it('is compared with one that was kept', async () => {
    await client.command({
      query: `create table sales engine = MergeTree order by id as select number as id, if(number % 10 = 0, null, number % 7) as kind,
        toDecimal64(number, 2) / 4 as amount, concat('n', toString(number % 3)) as name from numbers(1000)`,
    });
    const profile: Place = {
      ...table('sales'),
      dataSet: { kind: 'profile', store: 'clickhouse', connection: 'profile', table: 'sales', distinctUpTo: 500 },
    };
    put(
      'sales-profile.csv',
      [
        'column,rows,nulls,distinct,distinct_is,min,max,sum',
        'amount,1000,0,500,at_least,0,249.75,124875',
        'id,1000,0,500,at_least,0,999,499500',
        'kind,1000,101,7,exact,0,6,2697',
        'name,1000,0,3,exact,n0,n2,',
        '',
      ].join('\n'),
    );
    const compared = await runCompare(profile, file('sales-profile.csv'), { key: [{ name: 'column' }] });
    expect(shown(compared)).toEqual(['changed kind']);
    expect(compared.differences[0]).toMatchObject({
      source: ['1000', '100', '7', 'exact', '0', '6', expect.any(String)],
    });
    expect(compared.result.counts.same).toBe(3);
    expect(compared.result.source).toMatchObject({ stillness: 'statement', changedWhileRead: undefined });
  });

  it('of columns that are not there is refused', async () => {
    const columns = ['id', 'nowhere'];
    const dataSet = { kind: 'profile', store: 'clickhouse', connection: 'profile', table: 'sales', columns } as const;
    expect(
      await codeOf(
        runCompare({ ...table('sales'), dataSet }, file('sales-profile.csv'), { key: [{ name: 'column' }] }),
      ),
    ).toBe('column_unknown');
  });
});

it('compares some columns of a file, whatever else it has', async () => {
  put('a.csv', 'id,x,y\n1,1,1\n2,2,2\n');
  put('b.ndjson', '{"id":1,"z":[1],"y":1}\n{"id":2,"z":[2],"y":3}\n');
  put('c.tsv', 'y\tid\tw\n1\t1\t5\n2\t2\t5\n');
  const by = { key: [{ name: 'id' }], columns: [{ name: 'y' }] };
  expect(shown(await runCompare(file('a.csv'), file('b.ndjson'), by))).toEqual(['changed 2']);
  expect(shown(await runCompare(file('a.csv'), file('c.tsv'), by))).toEqual([]);
});
