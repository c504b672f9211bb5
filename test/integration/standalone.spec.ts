import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, withFileLock } from '@holdfast/platform/processes';
import { isPortFree } from '@holdfast/platform/processes/ports';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import type { ProgramName } from '../../apps/standalone/programs';
import { startStack, type Stack } from '../../apps/standalone/stack';

const MAIN = join(__dirname, '../../dist/apps/standalone/main.js');
const mode = (path: string): number => statSync(path).mode & 0o777;
const PROCESS = {
  stages: [
    { id: 'shop', role: 'source' },
    { id: 'erp', role: 'target' },
  ],
};

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'holdfast-standalone-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function call(stack: Stack, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${stack.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${stack.adminKey()}`,
      ...(body && { 'content-type': 'application/json', 'if-none-match': '*' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

function start(dataDir = directory): Promise<Stack> {
  return startStack({ dataDir, freePorts: true, onProgress: () => undefined });
}

const EVENT = {
  ...{ id: '1', source: 'shop', process: 'order-to-cash', stage: 'shop', key: 'ORD-1', type: 'order.placed' },
  ...{ occurredAt: '2026-11-20T09:30:00Z', data: {} },
};

/** A POST /v1/events whose head the API has, and whose body is to come. */
class UnderWay {
  private constructor(
    private readonly call: ClientRequest,
    readonly answer: Promise<{ readonly status: number; readonly text: string }>,
  ) {}

  static async begin(url: string, key: string): Promise<UnderWay> {
    const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${key}`, expect: '100-continue' };
    const call = request(`${url}/v1/events`, { method: 'POST', headers, agent: false });
    const answer = once(call, 'response').then(async ([response]: any[]) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
      return { status: response.statusCode as number, text };
    });
    answer.catch(() => undefined); // awaited by the test
    call.flushHeaders();
    await once(call, 'continue');
    return new UnderWay(call, answer);
  }

  finish(): void {
    this.call.end(`${JSON.stringify(EVENT)}\n`);
  }
}

/** What `npm start` runs, with everything it says. */
class Standalone {
  private text = '';
  readonly exited: Promise<unknown[]>;
  private readonly child: ChildProcess;

  constructor(port: number, { flags = [], env = {} }: { flags?: string[]; env?: NodeJS.ProcessEnv } = {}) {
    this.child = spawn(process.execPath, [MAIN, '--data', directory, '--port', String(port), ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.exited = once(this.child, 'exit');
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
  }

  get said(): string {
    return this.text;
  }

  async says(what: string): Promise<void> {
    while (!this.text.includes(what)) {
      const more = [this.child.stdout!, this.child.stderr!].map((stream) => once(stream, 'data'));
      const ended = await Promise.race([...more, this.exited.then(() => 'ended')]);
      if (ended === 'ended' && !this.text.includes(what)) throw new Error(`did not say "${what}": ${this.text}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

test('everything of a stack is in its directory, and a second start goes on where it was', async () => {
  const first = await start();
  try {
    expect(mode(join(directory, 'keys'))).toBe(0o700);
    expect(mode(join(directory, 'keys/clickhouse.password'))).toBe(0o600);
    expect(mode(join(directory, 'keys/token.keys'))).toBe(0o600);
    expect(mode(first.adminKeyFile)).toBe(0o600);
    expect(first.adminKeyFile.startsWith(directory)).toBe(true);
    for (const name of ['clickhouse', 'temporal', 'logs/api.log', 'logs/worker.log'])
      expect(existsSync(join(directory, name))).toBe(true);
    expect((await call(first, 'PUT', '/v1/processes/order-to-cash', PROCESS)).status).toBe(200);
    expect((await fetch(first.temporalUi!)).ok).toBe(true);
  } finally {
    await first.stop();
  }

  const key = readFileSync(first.adminKeyFile, 'utf8');
  const second = await start();
  try {
    expect(readFileSync(second.adminKeyFile, 'utf8')).toBe(key);
    const kept = (await (await call(second, 'GET', '/v1/processes/order-to-cash')).json()) as { version: number };
    expect(kept.version).toBe(1);
  } finally {
    await second.stop();
  }
});

test('a killed process comes back, and the stack does its work again', async () => {
  const stack = await start();
  try {
    const names: readonly ProgramName[] = ['worker', 'api', 'audit-log', 'temporal', 'clickhouse'];
    const before = names.map((name) => stack.supervisor.pid(name));
    const back = names.map(
      (name) =>
        new Promise<void>((resolve) => {
          const listen = (restarted: { name: string }): void => {
            if (restarted.name !== name) return;
            stack.supervisor.off('restarted', listen);
            resolve();
          };
          stack.supervisor.on('restarted', listen);
        }),
    );
    for (const name of names) expect(stack.kill(name)).toBe(true);
    await Promise.all(back);
    await stack.ready();
    const after = names.map((name) => stack.supervisor.pid(name));
    after.forEach((pid, index) => expect(pid).not.toBe(before[index]));
    // Goes through the API, a workflow, the worker and ClickHouse.
    expect((await call(stack, 'PUT', '/v1/processes/order-to-cash', PROCESS)).status).toBe(200);
  } finally {
    await stack.stop();
  }
});

test('npm start says where it is, and Ctrl-C stops it in order with nothing left', async () => {
  const port = await freePort();
  const standalone = new Standalone(port);
  await standalone.says('Ctrl-C stops it');
  expect(standalone.said).toContain(`http://127.0.0.1:${port}\n`);
  expect(standalone.said).toContain(`http://127.0.0.1:${port}/docs`);
  expect(standalone.said).toContain(join(directory, 'keys/admin.key'));
  expect((await fetch(`http://127.0.0.1:${port}/docs`)).ok).toBe(true);

  const other = await start().catch((error: unknown) => error as Error);
  expect(other).toMatchObject({ name: 'DirectoryInUseError', message: expect.stringContaining(directory) });

  const url = `http://127.0.0.1:${port}`;
  const key = readFileSync(join(directory, 'keys/admin.key'), 'utf8').trim();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'if-none-match': '*' };
  const body = JSON.stringify(PROCESS);
  expect((await fetch(`${url}/v1/processes/order-to-cash`, { method: 'PUT', headers, body })).status).toBe(200);
  const underWay = await UnderWay.begin(url, key);

  standalone.kill('SIGINT');
  while (
    await fetch(`${url}/livez`).then(
      ({ ok }) => ok,
      () => false,
    )
  ); // the API takes no more calls
  underWay.finish();
  const { status, text } = await underWay.answer;
  expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ stored: 1 })]);
  expect(await standalone.exited).toEqual([0, null]);
  // None had to be ended by force, nor ended without having ended its work.
  expect(standalone.said).not.toMatch(/has stopped:/);
  const order = ['the API', 'the worker', 'Temporal', 'ClickHouse'].map((name) =>
    standalone.said.indexOf(`${name} has stopped`),
  );
  expect(order.every((at) => at > 0)).toBe(true);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(await isPortFree(port)).toBe(true);
});

test('a start is given up at once when it is interrupted, whatever it waits for', async () => {
  const cache = join(directory, 'cache');
  // A PATH that has what the engine needs, and no `temporal`.
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  symlinkSync('/usr/bin/mkfifo', join(bin, 'mkfifo'));
  // As if this process were getting the Temporal CLI, and took for ever.
  await withFileLock(join(cache, 'holdfast/temporal/lock'), async () => {
    const standalone = new Standalone(await freePort(), { env: { XDG_CACHE_HOME: cache, PATH: bin } });
    await standalone.says('which is getting the Temporal CLI');
    standalone.kill('SIGINT');
    expect(await standalone.exited).toEqual([130, null]);
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });
});

test('who lost the key is told so, and gets another one', async () => {
  const file = join(directory, 'keys/admin.key');
  const first = await start();
  const lost = first.adminKey();
  const { port } = new URL(first.url);
  rmSync(file);
  expect(() => first.adminKey()).toThrow('--new-admin-key');
  await first.stop();

  const without = new Standalone(Number(port));
  await without.says('Ctrl-C stops it');
  expect(without.said).not.toContain('admin.key');
  expect(without.said).toMatch(/key: +not in this directory.*--new-admin-key/);
  without.kill('SIGINT');
  await without.exited;

  const standalone = new Standalone(Number(port), { flags: ['--new-admin-key'] });
  await standalone.says('Ctrl-C stops it');
  expect(standalone.said).toContain(file);
  const made = readFileSync(file, 'utf8').trim();
  const statusOf = async (key: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/v1/keys`, { headers: { authorization: `Bearer ${key}` } })).status;
  expect(mode(file)).toBe(0o600);
  expect([made === lost, await statusOf(made), await statusOf(lost)]).toEqual([false, 200, 200]);
  standalone.kill('SIGINT');
  await standalone.exited;
});

test('a stack works on servers that it is given, also on a ClickHouse without its database', async () => {
  const [engine, temporal] = await Promise.all([startEmbeddedClickHouse(), startTestTemporal()]);
  try {
    const env = {
      CLICKHOUSE_URL: engine.url,
      CLICKHOUSE_PASSWORD: engine.password,
      CLICKHOUSE_DATABASE: 'theirs',
      TEMPORAL_ADDRESS: temporal.address,
    };
    const stack = await startStack({ dataDir: directory, freePorts: true, env, onProgress: () => undefined });
    try {
      expect(stack.temporalUi).toBeUndefined();
      expect([stack.supervisor.pid('clickhouse'), stack.supervisor.pid('temporal')]).toEqual([undefined, undefined]);
      // Goes through the API, a workflow, the worker and ClickHouse.
      expect((await call(stack, 'PUT', '/v1/processes/order-to-cash', PROCESS)).status).toBe(200);
      const { servers } = (await (await call(stack, 'GET', '/openapi.json')).json()) as { servers: unknown };
      expect(servers).toEqual([expect.objectContaining({ url: stack.url })]); // where pages lead to
    } finally {
      await stack.stop();
    }
  } finally {
    await Promise.all([engine.stop(), temporal.stop()]);
  }
});

test('what a killed stack left behind does not keep the next one from starting', async () => {
  const port = await freePort();
  const standalone = new Standalone(port);
  await standalone.says('Ctrl-C stops it');
  standalone.kill('SIGKILL');
  await standalone.exited;
  const next = await startStack({ dataDir: directory, port, onProgress: () => undefined });
  try {
    expect(next.url).toBe(`http://127.0.0.1:${port}`);
  } finally {
    await next.stop();
  }
});

test('a port that somebody else has is named, and nothing is started', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  try {
    const standalone = new Standalone(port);
    expect(await standalone.exited).toEqual([1, null]);
    expect(standalone.said).toContain(`port ${port} is in use`);
    expect(standalone.said).toContain('--port');
    expect(standalone.said).not.toContain('ClickHouse runs');
  } finally {
    taken.close();
  }
});
