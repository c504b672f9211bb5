import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
} from '@holdfast/platform/clickhouse/embedded-engine';
import { describeEmbedded, drain, quietClient, rawRequest, rowsOf, until, valueOf } from './target';

/** What is read from /proc has no equal elsewhere. */
const onLinux = process.platform === 'linux' ? it : it.skip;

const MEBIBYTE = 1024 * 1024;
let folder: string;
let engine: EmbeddedClickHouse | undefined;
let client = quietClient({});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-conformance-'));
  mkdirSync(join(folder, 'spool'));
});
afterEach(async () => {
  await client.close();
  await engine?.stop();
  engine = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: EmbeddedClickHouseOptions = {}): Promise<EmbeddedClickHouse> {
  const env = { CLICKHOUSE_SPOOL_DIR: join(folder, 'spool'), ...options.env };
  engine = await startEmbeddedClickHouse({ dataDir: join(folder, 'data'), ...options, env });
  client = quietClient({ url: engine.url, password: engine.password });
  return engine;
}
const spools = (): string[] => readdirSync(join(folder, 'spool'));
const bodies = (): string[] => readdirSync(join(folder, 'spool', spools()[0] ?? '', 'bodies'));
const insertPath = (table: string): string =>
  `/?query=${encodeURIComponent(`INSERT INTO ${table} FORMAT JSONEachRow`)}`;
const line = (id: number): string => `${JSON.stringify({ id, text: 'x'.repeat(1000) })}\n`;
const createTable = (): Promise<unknown> =>
  client.command({ query: 'CREATE TABLE kept (id UInt64, text String) ENGINE = MergeTree ORDER BY id' });

describeEmbedded('the process', () => {
  it('has a database of its own, and keeps it', async () => {
    await start();
    await expect(
      rowsOf(client, 'SELECT name, engine FROM system.databases WHERE name = currentDatabase()'),
    ).resolves.toEqual([{ name: 'app', engine: 'Atomic' }]);
    await client.command({ query: 'CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a' });
    await engine!.stop();
    await start();
    await expect(valueOf(client, 'SELECT count() FROM kept')).resolves.toBe('0');
  });

  it('loses no acknowledged row when it is killed, and keeps no half of a batch', async () => {
    await start();
    await client.command({
      query: 'CREATE TABLE rows (batch UInt32, n UInt32) ENGINE = MergeTree ORDER BY (batch, n)',
    });
    const acknowledged = new Set<number>();
    let next = 0;
    for (let round = 0; round < 3; round++) {
      let isDead = false;
      const writers = Array.from({ length: 4 }, async () => {
        while (!isDead) {
          const batch = next++;
          const values = Array.from({ length: 500 }, (_, n) => ({ batch, n }));
          await client.insert({ table: 'rows', values, format: 'JSONEachRow' }).then(
            () => acknowledged.add(batch),
            () => (isDead = true),
          );
        }
      });
      const before = acknowledged.size;
      await until('some batches are acknowledged', () => acknowledged.size >= before + 30);
      await engine!.kill();
      await Promise.all(writers);
      await client.close();
      await start();
      const found = await rowsOf(client, 'SELECT batch, count() AS rows FROM rows GROUP BY batch');
      expect(found.filter(({ rows }) => rows !== '500')).toEqual([]);
      const stored = new Set(found.map(({ batch }) => batch));
      expect([...acknowledged].filter((batch) => !stored.has(batch))).toEqual([]);
    }
  });

  it('refuses a directory that another process holds, by its name, and disturbs nobody', async () => {
    const { dataDir, pid } = await start();
    const second = startEmbeddedClickHouse({ dataDir, env: { CLICKHOUSE_SPOOL_DIR: join(folder, 'spool') } });
    const refusal = await second.then(() => '', String);
    expect(refusal).toContain('ended (3)');
    expect(refusal).toContain(`cannot open the data directory ${dataDir}`);
    expect(refusal).toContain(`process ${pid}`);
    await expect(valueOf(client, 'SELECT 1')).resolves.toBe(1);
    expect(spools()).toHaveLength(1);
  });

  it('ends when it is told to, and lets running requests end first', async () => {
    await start();
    const asked = client.query({
      query: 'SELECT sleepEachRow(0.2) FROM numbers(10) SETTINGS max_block_size = 1 /* slow */',
      format: 'TabSeparated',
    });
    await until(
      'it runs',
      async () =>
        (await valueOf(client, "SELECT count() FROM system.processes WHERE query LIKE '%/* slow */%'")) === '2',
    );
    const exited = once(engine!.process, 'exit');
    engine!.process.kill('SIGTERM');
    await expect(asked.then((result) => result.text())).resolves.toBe('0\n'.repeat(10));
    await expect(exited).resolves.toEqual([0, null]);
    expect(spools()).toEqual([]);
  });

  it('ends though a query never would', async () => {
    await start();
    const asked = valueOf(client, 'SELECT count() FROM system.numbers').then(String, String);
    const { stream } = await client.exec({ query: 'SELECT number FROM system.numbers FORMAT RowBinary' }); // and nobody reads it
    const exited = once(engine!.process, 'exit');
    engine!.process.kill('SIGINT');
    await expect(exited).resolves.toEqual([0, null]);
    await expect(asked).resolves.toMatch(/Error/);
    stream.on('error', () => undefined).destroy();
  });

  it('ends with the process that started it', async () => {
    await start();
    const exited = once(engine!.process, 'exit');
    engine!.process.disconnect();
    await expect(exited).resolves.toEqual([0, null]);
  });

  test.each([
    ['no directory', [], {}, /--data/],
    ['no password', ['--data', 'd'], { CLICKHOUSE_PASSWORD: '' }, /CLICKHOUSE_PASSWORD/],
    ['too few threads', ['--data', 'd', '--max-concurrency', '17'], {}, /UV_THREADPOOL_SIZE is 24: .* at least 25/],
    ['a port that is none', ['--data', 'd', '--port', '70000'], {}, /--port must be/],
    ['an unknown flag', ['--data', 'd', '--listen', '0.0.0.0'], {}, /listen/],
  ])('does not start with %s', async (_, flags, env, message) => {
    const main = join(__dirname, '..', '..', 'dist', 'apps', 'embedded-clickhouse', 'main.js');
    const child = spawn(process.execPath, [main, ...flags], {
      cwd: folder,
      env: { ...process.env, CLICKHOUSE_PASSWORD: 'x', UV_THREADPOOL_SIZE: '24', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [said, [code]] = await Promise.all([drain(child.stderr), once(child, 'exit')]);
    expect([code, said.toString('utf8')]).toEqual([2, expect.stringMatching(message)]);
  });

  it('does not start on a port that is taken, and leaves nothing behind', async () => {
    const port = Number(new URL((await start()).url).port);
    const second = startEmbeddedClickHouse({
      dataDir: join(folder, 'other'),
      port,
      env: { CLICKHOUSE_SPOOL_DIR: join(folder, 'spool') },
    });
    await expect(second).rejects.toThrow(/EADDRINUSE/);
    expect(spools()).toHaveLength(1);
  });

  it('is not reached by the addresses of this machine', async () => {
    const port = Number(new URL((await start()).url).port);
    const addresses = Object.values(networkInterfaces()).flatMap((those) => those ?? []);
    for (const { address } of addresses.filter(({ internal, family }) => !internal && family === 'IPv4')) {
      const socket = connect(port, address);
      await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  onLinux('listens on loopback only', async () => {
    const { url, pid } = await start();
    const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
    const listening = ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
        .split('\n')
        .map((row) => row.trim().split(/\s+/))
        .filter((row) => row[1]?.endsWith(`:${port}`) && row[3] === '0A')
        .map((row) => row[1]),
    );
    expect(listening).toEqual([`0100007F:${port}`]);
  });

  it('serves a first request a moment after the start, and times in UTC', async () => {
    await start({ env: { TZ: 'Asia/Tokyo' } });
    await expect(valueOf(client, 'SELECT timezone()')).resolves.toBe('UTC');
  });
});

describeEmbedded('the spool', () => {
  it('is private, and empty when nothing runs', async () => {
    await start();
    await createTable();
    expect(spools()).toHaveLength(1);
    expect(statSync(join(folder, 'spool', spools()[0]!)).mode & 0o777).toBe(0o700);
    await client.insert({ table: 'kept', values: [{ id: 1, text: 'x' }], format: 'JSONEachRow' });
    await expect(client.insert({ table: 'kept', values: [{ id: 'x' }], format: 'JSONEachRow' })).rejects.toThrow();
    await until('bodies are removed', () => bodies().length === 0);
  });

  it('of a killed process is removed by the next one, and that of a living one is not', async () => {
    const name = (pid: number): string => join(folder, 'spool', `holdfast-spool-0123456789abcdef-${pid}-abcdef`);
    mkdirSync(name(process.pid));
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    mkdirSync(join(name(dead.pid!), 'bodies'), { recursive: true });
    mkdirSync(join(folder, 'spool', 'something-else'));
    const others = ['something-else', name(process.pid).split('/').at(-1)!].toSorted();
    await start();
    const [own] = spools().filter((each) => !others.includes(each));
    expect(spools()).toHaveLength(3);
    await engine!.kill();
    expect(spools()).toContain(own);
    await start();
    expect(spools()).toHaveLength(3);
    expect(spools()).not.toContain(own);
    await engine!.stop();
    expect(spools().toSorted()).toEqual(others);
  });

  it('refuses a body over the limit, with or without its length, and stores none of it', async () => {
    const target = await start({ env: { CLICKHOUSE_MAX_BODY_BYTES: String(MEBIBYTE) } });
    await createTable();
    const body = Array.from({ length: 1500 }, (_, id) => line(id)).join('');
    for (const headers of [{ 'Content-Length': String(Buffer.byteLength(body)) }, { 'Transfer-Encoding': 'chunked' }]) {
      const answer = await rawRequest(target, { path: insertPath('kept'), headers, body });
      expect([answer.status, answer.headers['x-clickhouse-exception-code']]).toEqual([413, '307']);
      await expect(valueOf(client, 'SELECT count() FROM kept')).resolves.toBe('0');
    }
    await until('bodies are removed', () => bodies().length === 0);
    await expect(
      rawRequest(target, { path: insertPath('kept'), body: body.slice(0, line(1).length * 10) }),
    ).resolves.toMatchObject({ status: 200 });
    await expect(valueOf(client, 'SELECT count() FROM kept')).resolves.toBe('10');
  });

  it('says so when it is full, stores nothing, and takes the next body', async () => {
    const target = await start({ env: { CLICKHOUSE_MAX_SPOOL_BYTES: String(MEBIBYTE) } });
    await createTable();
    const body = Array.from({ length: 3000 }, (_, id) => line(id)).join('');
    for (let round = 0; round < 3; round++) {
      const answer = await rawRequest(target, { path: insertPath('kept'), body });
      expect([answer.status, answer.headers['x-clickhouse-exception-code']]).toEqual([507, '243']);
    }
    await expect(valueOf(client, 'SELECT count() FROM kept')).resolves.toBe('0');
    await expect(rawRequest(target, { path: insertPath('kept'), body: line(1).repeat(900) })).resolves.toMatchObject({
      status: 200,
    });
    await expect(valueOf(client, 'SELECT count() FROM kept')).resolves.toBe('900');
  });

  it('that cannot be written is an error of the request, not of the process', async () => {
    const target = await start();
    await createTable();
    rmSync(join(folder, 'spool', spools()[0]!, 'bodies'), { recursive: true });
    for (const body of [line(1), line(1).repeat(3000)]) {
      const answer = await rawRequest(target, { path: insertPath('kept'), body });
      expect([answer.status, answer.headers['x-clickhouse-exception-code']]).toEqual([500, '75']);
    }
    await expect(valueOf(client, 'SELECT count() FROM kept')).resolves.toBe('0');
    mkdirSync(join(folder, 'spool', spools()[0]!, 'bodies'));
    await expect(rawRequest(target, { path: insertPath('kept'), body: line(1) })).resolves.toMatchObject({
      status: 200,
    });
  });

  it('inserts nothing of a body whose client broke off', async () => {
    const target = await start();
    await createTable();
    const headers = {
      'X-ClickHouse-User': 'default',
      'X-ClickHouse-Key': target.password,
      'Content-Length': '10000000',
    };
    const sent = request(`${target.url}${insertPath('kept')}`, { method: 'POST', headers });
    sent.on('error', () => undefined);
    sent.write(line(1).repeat(2000));
    await until('some of it is spooled', () => bodies().length === 1);
    sent.destroy();
    await until('it is removed', () => bodies().length === 0);
    await expect(valueOf(client, 'SELECT count() FROM kept')).resolves.toBe('0');
  });

  onLinux('keeps large bodies out of memory', async () => {
    const target = await start();
    await client.command({ query: 'CREATE TABLE void (id UInt64, text String) ENGINE = Null' });
    const resident = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${target.pid}/status`, 'utf8'))?.[1]) * 1024;
    const anonymous = (): number =>
      Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${target.pid}/status`, 'utf8'))?.[1]) * 1024;
    expect(resident()).toBeGreaterThan(0);
    const before = anonymous();
    const headers = { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': target.password };
    const sent = request(`${target.url}${insertPath('void')}`, { method: 'POST', headers });
    const answered = once(sent, 'response');
    const piece = line(1).repeat(1000);
    let peak = 0;
    for (let sentBytes = 0; sentBytes < 300 * MEBIBYTE; sentBytes += piece.length) {
      if (!sent.write(piece)) await once(sent, 'drain');
      peak = Math.max(peak, anonymous());
    }
    expect(peak - before).toBeLessThan(150 * MEBIBYTE);
    sent.end();
    const [answer] = (await answered) as [NodeJS.ReadableStream & { statusCode: number }];
    await drain(answer);
    expect(answer.statusCode).toBe(200);
  });
});
