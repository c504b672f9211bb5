import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { startTemporalServer } from '@holdfast/platform/temporal-server';

/** A stack of its own in a fresh directory, as `npm start` runs it, without supervision: a benchmark wants to hear of a crash. */
export async function startBenchStack(apps: readonly ('api' | 'worker')[], extra: NodeJS.ProcessEnv = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const [engine, temporal] = await Promise.all([
    startEmbeddedClickHouse({ dataDir: join(directory, 'clickhouse') }),
    startTemporalServer({ dataDir: join(directory, 'temporal'), headless: true }),
  ]);
  const keyFile = join(directory, 'admin.key');
  const env = {
    ...process.env,
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_PASSWORD: engine.password,
    TEMPORAL_ADDRESS: temporal.address,
    HOLDFAST_ADMIN_KEY_FILE: keyFile,
    PORT: '0',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
    ...extra,
  };
  const children = new Map<string, ChildProcess>();
  let port = 0;
  for (const app of apps) {
    const child = fork(join(__dirname, `../apps/${app}/main.js`), {
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.set(app, child);
    const [ready] = (await once(child, 'message')) as [{ port?: number }];
    port = ready.port ?? port;
  }
  const key = readFileSync(keyFile, 'utf8').trim();
  const url = `http://127.0.0.1:${port}`;
  const clickhouse = new ClickHouse({
    url: engine.url,
    database: 'app',
    username: 'default',
    password: engine.password,
  });
  return {
    url,
    key,
    engine,
    clickhouse,
    /** Resident memory of a process in bytes, as Linux tells it. */
    memory: (app: 'api' | 'worker'): number =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${children.get(app)!.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024,
    async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return JSON.parse(text) as T;
    },
    async stop(): Promise<void> {
      for (const child of [...children.values()].reverse()) {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      }
      await clickhouse.close();
      await temporal.stop();
      await engine.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
export type BenchStack = Awaited<ReturnType<typeof startBenchStack>>;

/** The process that benchmarks use. */
export const orderToCash = {
  stages: [
    { id: 'shop', role: 'source' },
    { id: 'erp', role: 'target' },
  ],
  fields: [{ name: 'amount', tolerance: { kind: 'absolute', by: 0.01 } }, { name: 'currency' }],
  graceSeconds: 60,
  window: { seconds: 86_400 },
};
