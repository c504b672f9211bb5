import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildSpec } from '@holdfast/platform/processes';

/** Our processes of a stack; Temporal's is planned by libs/platform/temporal-server. */
export type ProgramName = 'clickhouse' | 'temporal' | 'audit-log' | 'worker' | 'api';

type Environment = Readonly<Record<string, string>>;

/** Milliseconds that ClickHouse and Temporal may take until they answer; after a crash they mend their files first. */
export const SERVER_START_MS = 60_000;
/** API and worker start beside the servers: they wait as long, and then have time for what they do themselves. */
const waiting = (env: Environment): Pick<ChildSpec, 'env' | 'readyTimeoutMs'> => ({
  env: { ...env, HOLDFAST_START_PATIENCE_SECONDS: String(SERVER_START_MS / 1000 + 5) },
  readyTimeoutMs: SERVER_START_MS + 60_000,
});

/** Queries that the embedded engine runs at once; each holds a thread, and the process needs some more. */
const ENGINE_CONCURRENCY = 16;
const SPARE_THREADS = 8;

/** The built entry file of an app: beside this file's build, or in dist/ when this file runs from its source in a test. */
function entryOf(app: string): string {
  const file = join('apps', app, 'main.js');
  const root = join(__dirname, '..', '..');
  return [join(root, file), join(root, 'dist', file)].find((path) => existsSync(path)) ?? join(root, file);
}

export function engineProgram(dataDir: string, port: number, password: string, env: Environment): ChildSpec {
  return {
    name: 'clickhouse',
    module: entryOf('embedded-clickhouse'),
    args: ['--data', dataDir, '--port', String(port), '--max-concurrency', String(ENGINE_CONCURRENCY)],
    env: {
      ...env,
      UV_THREADPOOL_SIZE: String(ENGINE_CONCURRENCY + SPARE_THREADS),
      CLICKHOUSE_PASSWORD: password,
    },
    ready: { by: 'message' },
    readyTimeoutMs: SERVER_START_MS,
    ports: [port],
    stopDeadlineMs: 30_000, // running queries get ten seconds to end, then five to be killed
  };
}

export const auditLogProgram = (env: Environment, port: number): ChildSpec => ({
  name: 'audit-log',
  module: entryOf('audit-log'),
  ...waiting({ ...env, HOLDFAST_AUDIT_LOG_PORT: String(port) }),
  ready: { by: 'message' },
  ports: [port],
});

export const workerProgram = (env: Environment): ChildSpec => ({
  name: 'worker',
  module: entryOf('worker'),
  // Its many threads share two heaps of the C library, instead of each keeping what it has freed to itself.
  ...waiting({ MALLOC_ARENA_MAX: '2', ...env }),
  ready: { by: 'message' },
  stopDeadlineMs: 30_000, // activities get five seconds to end, then fifteen to be abandoned
});

export const apiProgram = (env: Environment, port: number): ChildSpec => ({
  name: 'api',
  module: entryOf('api'),
  // A batch of events outlives several collections of the young generation as it is by default (16 MB), and would be copied by each.
  execArgv: ['--max-semi-space-size=64'],
  ...waiting({ ...env, PORT: String(port) }),
  ready: { by: 'message' },
  ports: [port],
});

export const emulatorProgram = (
  port: number,
  stateFile: string,
  webhook: { url: string; secret: string },
): ChildSpec => ({
  name: 'pagerduty',
  module: entryOf('pagerduty-emulator'),
  args: [
    ...['--port', String(port), '--state-file', stateFile],
    // As one argument: a secret may begin with a dash, and would be read as an option.
    ...['--webhook-url', webhook.url, `--webhook-secret=${webhook.secret}`],
  ],
  ready: { by: 'message' },
  ports: [port],
});
