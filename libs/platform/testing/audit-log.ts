import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestAuditLog {
  /** For `readConfiguration`, beside those of ClickHouse. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly process: ChildProcess;
  /** kill -9, and waits until it has taken effect. */
  kill(): Promise<void>;
  /** Starts it again on its directory, port and store. */
  restart(): Promise<void>;
  /** Asks it to end, and removes its directory. */
  stop(): Promise<void>;
}

/** The built program: beside this file's build, or in dist/ when this file runs from its source. */
function mainFile(): string {
  const file = join('apps', 'audit-log', 'main.js');
  const root = join(__dirname, '..', '..', '..');
  return [join(root, file), join(root, 'dist', file)].find(existsSync) ?? join(root, 'dist', file);
}

/** Starts audit-log on a store and in a directory of its own. @throws Error with its last words when it does not start */
export async function startAuditLog(
  store: { readonly url: string; readonly password: string },
  more: Readonly<Record<string, string>> = {},
): Promise<TestAuditLog> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-log-'));
  const own = {
    CLICKHOUSE_URL: store.url,
    CLICKHOUSE_PASSWORD: store.password,
    HOLDFAST_AUDIT_LOG_SECRET: randomBytes(24).toString('base64url'),
    HOLDFAST_AUDIT_LOG_DIR: folder,
    HOLDFAST_AUDIT_LOG_KEYS: `first=${randomBytes(32).toString('base64')}`,
    HOLDFAST_AUDIT_LOG_NAME: 'log.example/audit',
    LOG_LEVEL: 'error',
    ...more,
  };
  let child = launch({ ...own, HOLDFAST_AUDIT_LOG_PORT: '0' });
  const port = await readyPort(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    environment: { ...own, HOLDFAST_AUDIT_LOG_URL: `http://127.0.0.1:${port}` },
    folder,
    get process() {
      return child;
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      child = launch({ ...own, HOLDFAST_AUDIT_LOG_PORT: String(port) });
      await readyPort(child);
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const launch = (env: Readonly<Record<string, string>>): ChildProcess =>
  fork(mainFile(), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });

function readyPort(child: ChildProcess): Promise<number> {
  let lastWords = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-4000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`audit-log ended (${code ?? String(signal)}): ${lastWords.trim()}`)),
    );
    child.on('message', (message: { ready?: true; port: number }) => {
      if (message.ready) resolve(message.port);
    });
  });
}
