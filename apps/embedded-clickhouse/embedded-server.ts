import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { loadEngine } from './engine/binding';
import { EngineConnections, type EngineConnection } from './engine/connections';
import { RunningQueries } from './engine/running-queries';
import { QueryHandler } from './http/query-handler';
import { HttpInterface } from './http/server';
import type { Options } from './options';
import { createSpoolDirectory, removeLeftovers } from './spool/directory';
import { Spool } from './spool/spool';

const DATABASE = 'app';
/** Connections opened ahead of requests. */
const AHEAD = 4;
const GRACE_MS = 10_000;
const KILL_MS = 5_000;
const HANG_UP_MS = 1_000;

/** Thrown when another process holds the data directory, or it cannot be used. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
}

/** The engine over one data directory, behind ClickHouse's HTTP interface. */
export interface EmbeddedServer {
  readonly port: number;
  readonly version: string;
  /**
   * Lets running requests end for up to ten seconds, then kills them, and closes the engine.
   * @returns whether everything ended; when not, the process can only be killed, which loses nothing that was acknowledged
   */
  stop(): Promise<boolean>;
}

/** @throws DirectoryInUseError */
export async function startServer(options: Options): Promise<EmbeddedServer> {
  mkdirSync(options.dataDir, { recursive: true });
  const dataDir = realpathSync(options.dataDir);
  const { root, roomBytes } = createSpoolDirectory(dataDir, options.maxBodyBytes, options.spoolParent);
  // Twice the slots: a pipe is free again a moment after its slot is.
  const spool = new Spool(root, options.maxSpoolBytes ?? roomBytes, 2 * options.maxConcurrency);
  const connections = new EngineConnections(loadEngine(), dataDir, DATABASE, Math.min(AHEAD, options.maxConcurrency));
  const control = openFirst(connections, spool, dataDir);
  try {
    return await serve(options, dataDir, { spool, connections, control });
  } catch (error) {
    await connections.closeAll();
    spool.remove();
    throw error;
  }
}

interface Engine {
  readonly spool: Spool;
  readonly connections: EngineConnections;
  /** Outside the slots of requests: for what must not wait. */
  readonly control: EngineConnection;
}

async function serve(
  options: Options,
  dataDir: string,
  { spool, connections, control }: Engine,
): Promise<EmbeddedServer> {
  removeLeftovers(dataDir, spool.root, options.spoolParent);
  await control.run(`CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic`);
  const about = (await control.run('SELECT version(), timezone()')).bytes.toString('utf8');
  const [version = '', timezone = ''] = about.trim().split('\t');
  const running = new RunningQueries(control);
  const http = new HttpInterface(
    new QueryHandler(connections, running, spool, timezone, options),
    options.password,
    timezone,
  );
  const port = await http.listen(options.port);
  const stop = async (): Promise<boolean> => {
    await http.stop(GRACE_MS);
    const hasEnded = await within(KILL_MS, async () => {
      const cancelled = running.cancelAll();
      await http.stop(HANG_UP_MS);
      // Those that still wait for their client to read cannot be killed while they do.
      http.hangUp();
      await cancelled;
      await http.stop(KILL_MS);
      await connections.closeAll();
    });
    spool.remove();
    return hasEnded;
  };
  return { port, version, stop };
}

/** The connection that is open as long as the process is, and with it the lock on the directory. */
function openFirst(connections: EngineConnections, spool: Spool, dataDir: string): EngineConnection {
  try {
    return connections.open();
  } catch (error) {
    spool.remove();
    const reason = error instanceof Error ? error.message : String(error);
    throw new DirectoryInUseError(`cannot open the data directory ${dataDir}: ${holderOf(dataDir)} (${reason})`);
  }
}

/** Who holds the directory, by the file in which the engine says so. */
function holderOf(dataDir: string): string {
  try {
    const pid = /^PID: (\d+)/.exec(readFileSync(join(dataDir, 'status'), 'utf8'))?.[1];
    if (pid !== undefined) return `another process may hold it; the last one to open it was process ${pid}`;
  } catch {
    // Not there: nobody has opened it yet.
  }
  return 'it may be held by another process, or not writable';
}

/** Whether something ends in time. */
async function within(ms: number, work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const ended = await Promise.race([work().then(() => true), late]);
  clearTimeout(timer);
  return ended;
}
