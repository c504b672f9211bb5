import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createConnection, type Connection as MysqlClient } from 'mysql2/promise';
import { Client } from 'pg';
import { freePort } from '@holdfast/platform/processes';

/** Where programs of both stores are, from scripts/ensure-stores.js. */
interface Places {
  readonly postgresql: { readonly folder: string; readonly root: string };
  readonly mariadb: { readonly folder: string; readonly root: string };
}

export interface StoreServer {
  readonly port: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: nobody in particular runs it then. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const unprivileged = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export function placesOfStores(): Places {
  // Beside the source, or one level further up from the build.
  const script = ['../../..', '../../../..']
    .map((up) => join(__dirname, up, 'scripts/ensure-stores.js'))
    .find(existsSync)!;
  return JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as Places;
}

function workplace(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  chmodSync(directory, 0o755);
  if (isRoot) chownSync(directory, NOBODY, NOBODY);
  return directory;
}

/** A server on a free port of loopback, with user postgres and without passwords, and one that has a password (`guarded`, 'secret'). */
export async function startPostgresql({ postgresql }: Places): Promise<StoreServer> {
  const directory = workplace('postgresql');
  const data = join(directory, 'data');
  const program = (name: string): string => join(postgresql.folder, name);
  const options = { stdio: 'ignore', cwd: directory, ...unprivileged } as const;
  execFileSync(
    program('initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    options,
  );
  const port = await freePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: directory,
    fsync: 'off',
    max_connections: '50',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(program('postgres'), ['-D', data, ...flags], options);
  await answering(port, child);
  await until(async () => {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } finally {
      await client.end().catch(() => undefined);
    }
  });
  return { port, process: child, stop: () => end(child, 'SIGINT', directory) };
}

/** A server on a free port of loopback, with user root and without a password. */
export async function startMariadb({ mariadb }: Places): Promise<StoreServer> {
  const directory = workplace('mariadb');
  const data = join(directory, 'data');
  mkdirSync(data);
  const { root } = mariadb;
  const share = join(root, 'usr/share/mysql');
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const env = { ...process.env, LD_LIBRARY_PATH: root === '/' ? '' : libraries };
  // The cache is its owner's: nobody else may read it. Unlike PostgreSQL it runs as root when it is told to.
  const user = isRoot ? ['--user=root'] : [];
  const common = [
    '--no-defaults',
    `--datadir=${data}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${share}/charsets`,
    ...user,
  ];
  const installer = join(root, 'usr/bin/mariadb-install-db');
  execFileSync(
    '/bin/sh',
    [
      installer,
      '--no-defaults',
      `--datadir=${data}`,
      `--basedir=${join(root, 'usr')}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...user,
    ],
    { stdio: 'ignore', env },
  );
  const port = await freePort();
  const flags = [
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(directory, 'socket')}`,
    `--pid-file=${join(directory, 'pid')}`,
    '--binlog-format=ROW',
    '--innodb-flush-log-at-trx-commit=0',
    '--plugin-maturity=unknown',
  ];
  const child = spawn(join(mariadb.folder, 'mariadbd'), [...common, ...flags], { stdio: 'ignore', env });
  await answering(port, child);
  await until(async () => {
    const client = await mysqlClient(port);
    await client.end();
    return true;
  });
  return { port, process: child, stop: () => end(child, 'SIGTERM', directory) };
}

export async function postgresqlClient(port: number, database = 'postgres'): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export const mysqlClient = (port: number, database?: string): Promise<MysqlClient> =>
  createConnection({
    ...{ host: '127.0.0.1', port, user: 'root', multipleStatements: true, charset: 'utf8mb4' },
    ...(database === undefined ? {} : { database }),
  });

const START_MS = 60_000;

function answering(port: number, child: ChildProcess): Promise<void> {
  return until(
    () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      });
    },
    (error) => /ended with/.test(String(error)),
  );
}

/** Waits for a condition. @param isFinal says of what it throws that waiting is in vain */
export async function until(
  condition: () => Promise<boolean>,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<void> {
  for (const deadline = Date.now() + START_MS; ;) {
    try {
      if (await condition()) return;
    } catch (error) {
      if (isFinal(error) || Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error('it did not come to that in time');
    await pause(50);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  rmSync(directory, { recursive: true, force: true });
}
