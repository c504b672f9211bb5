import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ProcessRecord, Supervisor, type ChildSpec } from '@holdfast/platform/processes';
import { planTemporalServer } from '@holdfast/platform/temporal-server/dev-server'; // the index loads Temporal's SDK, which takes a while
import { DataDirectory, type Ports } from './data-directory';
import { choosePorts } from './ports';
import {
  apiProgram,
  auditLogProgram,
  engineProgram,
  SERVER_START_MS,
  workerProgram,
  type ProgramName,
} from './programs';
import { tellOf } from './progress';

export interface StackOptions {
  /** Holds everything of the stack; made when missing. */
  readonly dataDir: string;
  /** Of the API. Remembered in the directory, as are the others. */
  readonly port?: number | undefined;
  readonly clickhousePort?: number | undefined;
  readonly temporalPort?: number | undefined;
  /** Of Temporal's web UI. */
  readonly uiPort?: number | undefined;
  /**
   * Added to this process's environment for API and worker. CLICKHOUSE_URL and TEMPORAL_ADDRESS, from either, name servers to use instead of own ones;
   * '' here means own ones all the same.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Told in one line what is happening. */
  readonly onProgress: (message: string) => void;
  /** Gives the start up: what is under way is ended at once. */
  readonly signal?: AbortSignal | undefined;
  /** Takes free ports where none is given: for stacks that come and go beside others. */
  readonly freePorts?: boolean;
}

/** A running stack on loopback. */
export interface Stack {
  readonly dataDir: string;
  /** Of the API. */
  readonly url: string;
  /** Holds the key of the first administrator, unless it was made elsewhere or removed. */
  readonly adminKeyFile: string;
  readonly clickhouse: { readonly url: string; readonly password: string | undefined };
  readonly temporalAddress: string;
  /** Undefined when Temporal is somebody else's. */
  readonly temporalUi: string | undefined;
  /** Milliseconds from the call to readiness. */
  readonly startedInMs: number;
  readonly supervisor: Supervisor;
  /** @throws StackError when its file is not there */
  adminKey(): string;
  /** kill -9 of one process; returns when it is told, not when it is back. @returns false when it does not run at this moment */
  kill(name: ProgramName): boolean;
  /** Resolves when every process runs and /readyz says yes. @throws Error after `patienceMs` */
  ready(patienceMs?: number): Promise<void>;
  /** Stops API, worker, audit log, Temporal and ClickHouse in this order, and lets the directory go. */
  stop(): Promise<void>;
}

/** The configuration cannot be run. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

const LEFTOVER_DEADLINE_MS = 15_000;
const READY_TIMEOUT_MS = 60_000;

/**
 * Starts ClickHouse, Temporal, audit log, worker and API on loopback and keeps them running. Resolves when work can be done.
 * @throws the signal's reason; DirectoryInUseError, PortInUseError, StackError, NotAcquiredError (no Temporal), ChildNotReadyError (with the end of the process's log)
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const startedAt = performance.now();
  const directory = await DataDirectory.open(resolve(options.dataDir));
  const supervisor = new Supervisor({ directory: directory.path });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= supervisor.stop().finally(() => directory.close()));
  const giveUp = (): void => void stop().catch(() => undefined);
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await endLeftovers(directory.path);
    options.signal?.throwIfAborted();
    const ports = await choosePorts({
      given: {
        ...(options.port !== undefined && { api: options.port }),
        ...(options.clickhousePort !== undefined && { clickhouse: options.clickhousePort }),
        ...(options.temporalPort !== undefined && { temporal: options.temporalPort }),
        ...(options.uiPort !== undefined && { ui: options.uiPort }),
      },
      kept: directory.ports(),
      anyFree: options.freePorts === true,
    });
    directory.keepPorts(ports);
    tellOf(supervisor, options.onProgress);
    const places = await startAll(supervisor, directory, ports, options);
    const url = `http://127.0.0.1:${ports.api}`;
    const ready = (patienceMs = READY_TIMEOUT_MS): Promise<void> => whenReady(supervisor, url, patienceMs);
    await whenReady(supervisor, url, READY_TIMEOUT_MS, options.signal);
    options.signal?.removeEventListener('abort', giveUp);
    return {
      ...places,
      dataDir: directory.path,
      url,
      startedInMs: Math.round(performance.now() - startedAt),
      supervisor,
      adminKey: () => readAdminKey(places.adminKeyFile),
      kill: (name) => killNow(supervisor, name),
      ready,
      stop,
    };
  } catch (error) {
    await stop();
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** What a supervisor that was killed left behind may still hold ports. */
async function endLeftovers(dataDir: string): Promise<void> {
  const names: readonly ProgramName[] = ['api', 'worker', 'audit-log', 'temporal', 'clickhouse'];
  await Promise.all(
    names.map((name) => new ProcessRecord(`${dataDir}/run/${name}.json`).endLeftover(LEFTOVER_DEADLINE_MS)),
  );
}

type Places = Pick<Stack, 'adminKeyFile' | 'clickhouse' | 'temporalAddress' | 'temporalUi'>;

/** Starts what is needed, everything at the same time as far as it can be. The supervisor stops in the reverse order of these calls. */
async function startAll(
  supervisor: Supervisor,
  directory: DataDirectory,
  ports: Ports,
  { env = {}, onProgress, signal }: StackOptions,
): Promise<Places> {
  const all: Readonly<Record<string, string | undefined>> = { ...process.env, ...env };
  const clickhouse = ownOrGiven(all, ports, directory);
  const givenTemporal = all['TEMPORAL_ADDRESS']?.trim() || undefined;
  const adminKeyFile = all['HOLDFAST_ADMIN_KEY_FILE'] || directory.adminKeyFile;
  const temporalAddress = givenTemporal ?? `127.0.0.1:${ports.temporal}`;
  const ours = {
    ...env,
    CLICKHOUSE_URL: clickhouse.url,
    ...(clickhouse.password !== undefined && {
      CLICKHOUSE_PASSWORD: clickhouse.password,
      CLICKHOUSE_USER: 'default',
      CLICKHOUSE_DATABASE: 'app',
    }),
    TEMPORAL_ADDRESS: temporalAddress,
    HOLDFAST_PUBLIC_URL: all['HOLDFAST_PUBLIC_URL'] || `http://127.0.0.1:${ports.api}`,
    HOLDFAST_ADMIN_KEY_FILE: adminKeyFile,
    ...(!all['HOLDFAST_IDENTITY_KEY'] &&
      !all['HOLDFAST_IDENTITY_KEY_FILE'] && { HOLDFAST_IDENTITY_KEY_FILE: directory.identityKeyFile() }),
    ...(!all['HOLDFAST_TOKEN_KEYS'] &&
      !all['HOLDFAST_TOKEN_KEYS_FILE'] && { HOLDFAST_TOKEN_KEYS_FILE: directory.tokenKeysFile() }),
    ...(!all['HOLDFAST_STATEMENT_KEYS'] &&
      !all['HOLDFAST_STATEMENT_KEYS_FILE'] && { HOLDFAST_STATEMENT_KEYS_FILE: directory.statementKeysFile() }),
    ...(!all['HOLDFAST_LINK_KEYS'] &&
      !all['HOLDFAST_LINK_KEYS_FILE'] && { HOLDFAST_LINK_KEYS_FILE: directory.linkKeysFile() }),
    ...(!all['HOLDFAST_ARCHIVE_STORE'] && { HOLDFAST_ARCHIVE_STORE: directory.archiveStore }),
    ...(!all['HOLDFAST_ARCHIVE_KEY_RING'] && { HOLDFAST_ARCHIVE_KEY_RING: directory.archiveKeyRing }),
    ...auditLogOf(all, directory, ports),
    ...(!all['HOLDFAST_PROBE_KEY'] &&
      !all['HOLDFAST_PROBE_KEY_FILE'] && { HOLDFAST_PROBE_KEY_FILE: directory.probeKeyFile() }),
  };
  const start = (spec: ChildSpec): Promise<unknown> => supervisor.start(spec);

  const engine =
    clickhouse.password === undefined
      ? Promise.resolve()
      : start(engineProgram(directory.clickhouse, ports.clickhouse, clickhouse.password, env));
  engine.catch(() => undefined); // awaited below
  const planned =
    givenTemporal === undefined
      ? planTemporal(directory, ports, all, { onProgress, signal })
      : Promise.resolve(undefined);
  planned.catch(() => undefined); // awaited below
  // Getting Temporal may take minutes: that the engine cannot start is told at once.
  const temporal = await Promise.race([planned, engine.then(() => planned)]);
  await Promise.all([
    engine,
    temporal && start(temporal),
    all['HOLDFAST_AUDIT_LOG_URL'] ? undefined : start(auditLogProgram(ours, ports.audit)),
    // Their modules load while the servers start; both wait for what they need.
    start(workerProgram(ours)),
    start(apiProgram(ours, ports.api)),
  ]);
  return {
    adminKeyFile,
    clickhouse,
    temporalAddress,
    temporalUi: givenTemporal === undefined ? `http://127.0.0.1:${ports.ui}` : undefined,
  };
}

/** Where the audit log is, and what it needs. HOLDFAST_AUDIT_LOG_URL names one to use instead of an own one. */
function auditLogOf(
  env: Readonly<Record<string, string | undefined>>,
  directory: DataDirectory,
  ports: Ports,
): Record<string, string> {
  if (env['HOLDFAST_AUDIT_LOG_URL']) return {};
  const given = (name: string): boolean => Boolean(env[name] || env[`${name}_FILE`]);
  return {
    HOLDFAST_AUDIT_LOG_URL: `http://127.0.0.1:${ports.audit}`,
    HOLDFAST_AUDIT_LOG_DIR: directory.auditLog,
    ...(!given('HOLDFAST_AUDIT_LOG_SECRET') && { HOLDFAST_AUDIT_LOG_SECRET_FILE: directory.auditLogSecretFile() }),
    ...(!given('HOLDFAST_AUDIT_LOG_KEYS') && { HOLDFAST_AUDIT_LOG_KEYS_FILE: directory.auditLogKeysFile() }),
  };
}

function ownOrGiven(
  env: Readonly<Record<string, string | undefined>>,
  ports: Ports,
  directory: DataDirectory,
): Stack['clickhouse'] {
  const given = env['CLICKHOUSE_URL']?.trim() || undefined;
  if (given !== undefined) return { url: given, password: undefined };
  if (env['CLICKHOUSE_PASSWORD_FILE'])
    throw new StackError(
      'CLICKHOUSE_PASSWORD_FILE belongs to the server that CLICKHOUSE_URL names; set both, or neither',
    );
  return { url: `http://127.0.0.1:${ports.clickhouse}`, password: directory.clickhousePassword() };
}

async function planTemporal(
  directory: DataDirectory,
  ports: Ports,
  env: Readonly<Record<string, string | undefined>>,
  options: Pick<StackOptions, 'onProgress' | 'signal'>,
): Promise<ChildSpec> {
  const namespace = env['TEMPORAL_NAMESPACE'] || undefined;
  const { child } = await planTemporalServer({
    dataDir: directory.temporal,
    port: ports.temporal,
    uiPort: ports.ui,
    readyTimeoutMs: SERVER_START_MS,
    ...options,
    ...(namespace !== undefined && { namespace }),
  });
  return child;
}

/** Why there may be no key file, and what to do. */
export const NO_KEY_FILE =
  'not in this directory: principals exist already. Use a key that you have, or start with --new-admin-key, which makes another';

function readAdminKey(file: string): string {
  if (!existsSync(file)) throw new StackError(`the key of the administrator is ${NO_KEY_FILE}`);
  return readFileSync(file, 'utf8').trim();
}

function killNow(supervisor: Supervisor, name: ProgramName): boolean {
  const pid = supervisor.pid(name);
  if (pid === undefined) return false;
  process.kill(pid, 'SIGKILL');
  return true;
}

async function whenReady(supervisor: Supervisor, url: string, patienceMs: number, signal?: AbortSignal): Promise<void> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    const text = await answer?.text().catch(() => '');
    signal?.throwIfAborted();
    if (answer?.ok && supervisor.pid('worker') !== undefined) return;
    if (performance.now() > until)
      throw new StackError(`the API at ${url} is not ready after ${patienceMs / 1000} s${text ? `: ${text}` : ''}`);
    await pause(25);
  }
}
