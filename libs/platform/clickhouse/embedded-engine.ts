import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface EmbeddedClickHouseOptions {
  /** A new temporary directory when not given; that one is removed by `stop`. */
  readonly dataDir?: string;
  /** Any free one when not given. */
  readonly port?: number;
  readonly maxConcurrency?: number;
  /** A random one when not given. */
  readonly password?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running embedded ClickHouse. The user is `default`; without a database in the request, it is `app`. */
export interface EmbeddedClickHouse {
  readonly url: string;
  readonly password: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly process: ChildProcess;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
  /** kill -9, and waits until it has taken effect. Keeps the data directory. */
  kill(): Promise<void>;
}

/** Queries at once, and threads beyond one a query. */
const CONCURRENCY = 16;
const SPARE_THREADS = 8;

/** The built process: beside this file's build, or in dist/ when this file runs from its source. */
function mainFile(): string {
  const file = join('apps', 'embedded-clickhouse', 'main.js');
  const root = join(__dirname, '..', '..', '..');
  return [join(root, file), join(root, 'dist', file)].find(existsSync) ?? join(root, 'dist', file);
}

/** Starts an engine in a process of its own. It ends with the process that called. @throws Error with its last words when it does not start */
export async function startEmbeddedClickHouse(options: EmbeddedClickHouseOptions = {}): Promise<EmbeddedClickHouse> {
  const { maxConcurrency = CONCURRENCY, password = randomBytes(16).toString('hex') } = options;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'holdfast-clickhouse-'));
  const flags = ['--data', dataDir, '--port', String(options.port ?? 0), '--max-concurrency', String(maxConcurrency)];
  const child = spawn(process.execPath, [mainFile(), ...flags], {
    env: {
      ...process.env,
      UV_THREADPOOL_SIZE: String(maxConcurrency + SPARE_THREADS),
      CLICKHOUSE_PASSWORD: password,
      ...options.env,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const port = await readyPort(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    password,
    dataDir,
    pid: child.pid!,
    process: child,
    stop: async () => {
      await end('SIGTERM');
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
  };
}

function readyPort(child: ChildProcess): Promise<number> {
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-4000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`embedded ClickHouse ended (${code ?? String(signal)}): ${lastWords.trim()}`)),
    );
    child.on('message', (message: { ready?: true; port: number }) => {
      if (message.ready) resolve(message.port);
    });
  });
}
