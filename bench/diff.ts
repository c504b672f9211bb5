import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
} from '@holdfast/platform/testing/store-servers';
import { type Benchmark, rounded } from './benchmark';
import { columnsOf, makeInMariadb, makeInPostgresql, nameOf, type Shape, SHARES } from './diff-tables';

const ROWS = 5_000_000;
/** The database of PostgreSQL that every source is in. */
const SOURCE = 'postgres';
/** Two databases of PostgreSQL; one of them, where both tools may have it join; PostgreSQL and MariaDB. */
const PAIRS = ['pg', 'join', 'mysql'] as const;
type Pair = (typeof PAIRS)[number];
const CLI = join(__dirname, '../apps/cli/main.js');

interface Run {
  readonly seconds: number;
  /** Lines that begin with + or -. */
  readonly lines: number;
  readonly megabytes: number;
}

/** Runs a command that writes differences, and looks at its memory while it does. */
async function timed(command: string, args: readonly string[]): Promise<Run> {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let peak = 0;
  let words = '';
  const sampling = setInterval(() => (peak = Math.max(peak, highWater(child.pid!))), 50);
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2_000)));
  const exited = once(child, 'close') as Promise<[number]>;
  let lines = 0;
  for await (const line of createInterface(child.stdout)) if (/^[+-] /.test(line)) lines++;
  const [code] = await exited;
  clearInterval(sampling);
  if (code !== 0 && code !== 1) throw new Error(`${command} ended with ${code}: ${words}`);
  return { seconds: (performance.now() - startedAt) / 1000, lines, megabytes: peak / 1024 };
}

/** Kilobytes that a process has taken at most, where the system says so. */
function highWater(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** reladiff 0.6 in a virtual environment in the user's cache. @throws Error that says how to make it */
function peerCommand(): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  const base = isAbsolute(configured) ? configured : join(homedir(), '.cache');
  const folder = join(base, 'holdfast', 'reladiff', 'venv');
  const command = join(folder, 'bin', 'reladiff');
  if (existsSync(command)) return command;
  throw new Error(
    `the peer is not there: python3 -m venv ${folder} && ${folder}/bin/pip install 'reladiff[postgresql,mysql,duckdb,clickhouse]==0.6.*'`,
  );
}

interface Point {
  readonly name: string;
  readonly shape: Shape;
  readonly source: string;
  readonly target: string;
  /** Lines that a right answer has: both rows of each that differs. */
  readonly expected: number;
}

async function measure(point: Point, ports: Ports, peer: string | undefined): Promise<Record<string, number>> {
  const columns = columnsOf(point.shape);
  const { postgresql, mysql, database } = ports;
  const address = (table: string, isSource: boolean): string =>
    isSource || mysql === undefined
      ? `postgresql://postgres@127.0.0.1:${postgresql}/${isSource ? SOURCE : database}/${table}`
      : `mysql://root@127.0.0.1:${mysql}/bench/${table}`;
  const own = await timed(process.execPath, [
    CLI,
    ...['diff', address(point.source, true), address(point.target, false)],
    ...['-k', 'id', '-c', columns.join(',')],
  ]);
  if (own.lines !== point.expected) throw new Error(`${point.name}: ${own.lines} lines instead of ${point.expected}`);
  console.error(`${point.name}: ${own.seconds.toFixed(2)} s, ${own.megabytes.toFixed(0)} MB`);
  const figures = { [`${point.name}_s`]: rounded(own.seconds), [`${point.name}_mb`]: rounded(own.megabytes, 0) };
  if (peer === undefined) return figures;
  const there = (table: string, isSource: boolean): string[] => [
    address(table, isSource).replace(/\/[^/]*$/, ''),
    table,
  ];
  const other = await timed(peer, [
    ...[...there(point.source, true), ...there(point.target, false), '-k', 'id'],
    ...columns.flatMap((column) => ['-c', column]),
  ]);
  console.error(`  reladiff: ${other.seconds.toFixed(2)} s, ${other.megabytes.toFixed(0)} MB, ${other.lines} lines`);
  return {
    ...figures,
    [`${point.name}_peer_s`]: rounded(other.seconds),
    [`${point.name}_peer_lines_off`]: other.lines - point.expected,
    [`${point.name}_ratio`]: rounded(other.seconds / own.seconds),
  };
}

interface Ports {
  readonly postgresql: number;
  readonly mysql: number | undefined;
  /** Of PostgreSQL, where the target is: the source is in `postgres`. */
  readonly database: string;
}

/** Tables of the shapes, and what is measured on them. */
async function pointsOn(ports: Ports, pair: Pair, rows: number): Promise<Point[]> {
  const points: Point[] = [];
  const { postgresql, mysql, database } = ports;
  const make = async (shape: Shape, prefix: string, count: number, shares: readonly number[]): Promise<void> => {
    const source = `${prefix}_source`;
    await makeInPostgresql(postgresql, { database: SOURCE, shape, name: source, rows: count, share: 0 });
    for (const share of shares) {
      const target = nameOf(prefix, share);
      const table = { database, shape, name: target, rows: count, share };
      await (mysql === undefined ? makeInPostgresql(postgresql, table) : makeInMariadb(mysql, table));
      const differing = share === 0 ? 0 : Math.floor(count / Math.round(100 / share));
      points.push({ name: target, shape, source, target, expected: differing * 2 });
    }
  };
  await make('narrow', 'narrow', rows, SHARES);
  if (pair === 'join') return points;
  await make('wide', 'wide', Math.ceil(rows / 4), [0, 1]);
  await make('long', 'long', Math.ceil(rows / 50), [0, 1]);
  return points;
}

async function createDatabase(port: number, name: string): Promise<void> {
  const client = await postgresqlClient(port);
  await client.query(`create database ${name}`);
  await client.end();
}

async function onPair(pair: Pair, rows: number, peer: string | undefined): Promise<Record<string, number>> {
  const places = placesOfStores();
  const postgresql = await startPostgresql(places);
  const mariadb = pair === 'mysql' ? await startMariadb(places) : undefined;
  try {
    const database = pair === 'pg' ? 'other' : SOURCE;
    const ports = { postgresql: postgresql.port, mysql: mariadb?.port, database };
    if (pair === 'pg') await createDatabase(postgresql.port, database);
    const figures: Record<string, number> = {};
    for (const point of await pointsOn(ports, pair, rows))
      for (const [name, value] of Object.entries(await measure(point, ports, peer))) figures[`${pair}_${name}`] = value;
    return figures;
  } finally {
    await postgresql.stop();
    await mariadb?.stop();
  }
}

const largest = (figures: Readonly<Record<string, number>>, ending: string): number =>
  Math.max(...Object.entries(figures).flatMap(([name, value]) => (name.endsWith(ending) ? [value] : [])));

export const diff: Benchmark = {
  name: 'diff',
  about: 'tables compared across stores, against reladiff 0.6 (--rows N, --pair pg|join|mysql, --peer no)',
  async run({ rows: asked, pair, peer: wanted }) {
    const rows = Number(asked ?? ROWS);
    const peer = wanted === 'no' ? undefined : peerCommand();
    const figures: Record<string, number> = {};
    for (const one of PAIRS)
      if (pair === undefined || pair === one) Object.assign(figures, await onPair(one, rows, peer));
    const ratios = Object.entries(figures).flatMap(([name, value]) => (name.endsWith('_ratio') ? [value] : []));
    return {
      figure: ratios.length === 0 ? largest(figures, '_s') : Math.min(...ratios),
      unit: ratios.length === 0 ? 'seconds at the slowest point' : 'times as fast as reladiff at the worst point',
      ...{ rows, most_mb: largest(figures, '_mb') },
      ...figures,
    };
  },
};
