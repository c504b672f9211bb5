import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bringUp, freePort, LogFile, ProcessRecord, type ChildProgram, type Exit } from '@holdfast/platform/processes';
import type { OnProgress } from './acquisition';
import { acquireTemporal } from './temporal-cli';

const HOST = '127.0.0.1';
const MAX_LOG_BYTES = 16 * 1024 * 1024;

export interface TemporalServerOptions {
  /** Where the database, the log and the record of the process are; made when missing. One server at a time. */
  readonly dataDir: string;
  /** The `temporal` binary; default: acquired. */
  readonly binary?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Without the web UI. Default false. */
  readonly headless?: boolean;
  /** Of the web UI. Default: a free one. */
  readonly uiPort?: number;
  /** Made when missing. Default `default`. */
  readonly namespace?: string;
  /** More arguments for `temporal server start-dev`. */
  readonly extraArgs?: readonly string[];
  /** Milliseconds until it must answer. Default 60,000. */
  readonly readyTimeoutMs?: number;
  readonly onProgress?: OnProgress;
  /** Gives up getting the binary. */
  readonly signal?: AbortSignal | undefined;
}

export interface PlannedTemporalServer {
  /** `host:port` for clients. */
  readonly address: string;
  /** Of the web UI; undefined when headless. */
  readonly uiAddress: string | undefined;
  /** To be given to a supervisor. */
  readonly child: ChildProgram;
}

export interface TemporalServer {
  /** `host:port` for clients. */
  readonly address: string;
  readonly uiAddress: string | undefined;
  readonly namespace: string;
  /** The server's own pid. */
  readonly pid: number;
  /** This process's child, which ends with the server: a guard that ends the server when this process is killed. */
  readonly process: ChildProcess;
  readonly logPath: string;
  readonly exited: Promise<Exit>;
  /** Ends it cleanly, or by force after 15 seconds. */
  readonly stop: () => Promise<void>;
  /** kill -9; returns when it has gone. */
  readonly kill: () => Promise<void>;
}

/**
 * A write-ahead log that is synced at every commit keeps all that was acknowledged, at a fifth of the default journal's
 * price. One shard polls its queues at most so many times a second: the default of 20 would add up to 50 ms to each hop.
 */
const DURABLE_AND_QUICK = [
  ['--sqlite-pragma', 'journal_mode=wal'],
  ['--sqlite-pragma', 'synchronous=full'],
  ['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
  ['--dynamic-config-value', 'history.timerProcessorMaxPollRPS=2000'],
  ['--dynamic-config-value', 'history.visibilityProcessorMaxPollRPS=200'],
].flat();

interface Database {
  readonly path: string;
  /** To be called when the server has answered. */
  readonly finished: () => void;
}

/**
 * The server makes its tables statement by statement when it finds no database, and never completes one that it was
 * killed over. A marker says that the first start has not been finished; nobody can have used such a database, and it is
 * set aside.
 */
function prepareDatabase(dataDir: string, onProgress: OnProgress): Database {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'temporal.db');
  const marker = `${path}.creating`;
  if (existsSync(marker) && existsSync(path)) {
    const aside = `${path}.unfinished`;
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(aside + suffix, { force: true });
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    }
    onProgress(`a first start of the Temporal server was interrupted; its database is set aside as ${aside}`);
  }
  if (!existsSync(path)) writeFileSync(marker, '');
  return { path, finished: () => rmSync(marker, { force: true }) };
}

function argumentsOf(
  options: TemporalServerOptions,
  database: string,
  port: number,
  uiPort: number | undefined,
): string[] {
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(port), '--db-filename', database],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-ip', HOST, '--ui-port', String(uiPort)]),
    ...['--namespace', options.namespace ?? 'default', '--log-level', 'warn', '--log-format', 'json'],
    ...DURABLE_AND_QUICK,
    ...(options.extraArgs ?? []),
  ];
}

/**
 * What a supervisor needs to run a development server on a database file. The ports are chosen here and stay the same
 * over restarts, so that clients find it again.
 * @throws NotAcquiredError when there is no `temporal` binary
 */
export async function planTemporalServer(options: TemporalServerOptions): Promise<PlannedTemporalServer> {
  const onProgress = options.onProgress ?? (() => undefined);
  const command = options.binary ?? (await acquireTemporal({ onProgress, signal: options.signal }));
  const port = options.port ?? (await freePort(HOST));
  const uiPort = options.headless === true ? undefined : (options.uiPort ?? (await freePort(HOST)));
  const database = prepareDatabase(options.dataDir, onProgress);
  const address = `${HOST}:${port}`;
  const probe = async (): Promise<boolean> => {
    // Loaded now: the SDK takes a while to load, and the server is on its way meanwhile.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() needs a file name here that differs between sources and build
    const { temporalReady } = require('./readiness') as typeof import('./readiness');
    await temporalReady(address, options.namespace ?? 'default');
    database.finished();
    return true;
  };
  const child: ChildProgram = {
    name: 'temporal',
    command,
    args: argumentsOf(options, database.path, port, uiPort),
    ready: { by: 'probe', probe },
    ports: uiPort === undefined ? [port] : [port, uiPort],
    ...(options.readyTimeoutMs === undefined ? {} : { readyTimeoutMs: options.readyTimeoutMs }),
  };
  return { address, uiAddress: uiPort === undefined ? undefined : `http://${HOST}:${uiPort}`, child };
}

/**
 * Runs a development server on a database file until it is stopped, without restarting it; under a supervisor use
 * `planTemporalServer`. Resolves when workflows can be started. What a killed process left running on the same directory
 * is ended first.
 * @throws NotAcquiredError when there is no `temporal` binary
 * @throws ChildNotReadyError when it does not get ready, with the end of its log
 * @throws InUseError when another live process runs a server on this directory
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { address, uiAddress, child } = await planTemporalServer(options);
  const log = new LogFile(join(options.dataDir, 'temporal.log'), MAX_LOG_BYTES);
  const record = new ProcessRecord(join(options.dataDir, 'temporal.process.json'));
  const { running } = await bringUp(child, { log, record });
  return {
    address,
    uiAddress,
    namespace: options.namespace ?? 'default',
    pid: running.pid,
    process: running.process,
    logPath: log.path,
    exited: running.exited,
    stop: async () => {
      await running.end(15_000);
    },
    kill: async () => {
      await running.kill();
    },
  };
}
