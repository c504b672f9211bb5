import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiProgram, type ProgramName } from '../apps/standalone/programs';
import { startStack } from '../apps/standalone/stack';

/** What `npm start` runs, in a fresh directory and on free ports. */
export async function startBenchStack(env: Readonly<Record<string, string>> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const stack = await startStack({
    dataDir,
    freePorts: true,
    env: { CLICKHOUSE_URL: '', TEMPORAL_ADDRESS: '', LOG_LEVEL: 'error', ...env },
    onProgress: (message) => console.error(message),
  });
  const key = stack.adminKey();
  const clickhouse = {
    url: stack.clickhouse.url,
    username: 'default',
    password: stack.clickhouse.password!,
    database: 'app',
  };
  const pid = (program: ProgramName): number => stack.supervisor.pid(program)!;
  return {
    url: stack.url,
    temporalAddress: stack.temporalAddress,
    key,
    /** For a client of one's own. */
    clickhouse,
    pid,
    /** Resident memory of a process in bytes, as Linux tells it. */
    memory: (program: ProgramName): number =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid(program)}/status`, 'utf8'))?.[1] ?? 0) * 1024,
    /** What a process has logged so far; `LOG_LEVEL` decides what. */
    log: (program: ProgramName): string => readFileSync(join(dataDir, 'logs', `${program}.log`), 'utf8'),
    /** Starts another API on the same store, which hands records on to the first. @returns its address */
    async handingOn(): Promise<string> {
      const settings = {
        CLICKHOUSE_URL: clickhouse.url,
        CLICKHOUSE_PASSWORD: clickhouse.password,
        CLICKHOUSE_DATABASE: clickhouse.database,
        TEMPORAL_ADDRESS: stack.temporalAddress,
        HOLDFAST_INTAKE_OWNER_URL: stack.url,
        HOLDFAST_IDENTITY_KEY_FILE: join(dataDir, 'keys', 'identity.key'),
        HOLDFAST_TOKEN_KEYS_FILE: join(dataDir, 'keys', 'token.keys'),
      };
      const { port } = await stack.supervisor.start({ ...apiProgram(settings, 0), name: 'api-handing-on', ports: [] });
      return `http://127.0.0.1:${port}`;
    },
    /** kill -9, until everything works again. */
    async restart(program: ProgramName): Promise<void> {
      stack.kill(program);
      await stack.ready(600_000);
    },
    async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
      const answer = await fetch(`${stack.url}${path}`, {
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
    /** Posts what is answered with nothing. */
    async send(path: string, body: unknown): Promise<void> {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${stack.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    },
    async stop(): Promise<void> {
      await stack.stop();
      rmSync(dataDir, { recursive: true, force: true });
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
