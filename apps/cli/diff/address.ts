import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Connection, PostgresqlConnection } from '@holdfast/domains/comparisons/connections';
import type { DataSet, Side } from '@holdfast/domains/comparisons/core/data-set';
import { UsageError } from '../exit';

/** A data set of the command line, and how to get there. */
export interface Addressed {
  readonly dataSet: DataSet;
  readonly connection: Connection;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PASSWORD = 'HOLDFAST_DIFF_PASSWORD';

/**
 * `postgresql://user@host/database/[schema.]table`, `mysql://..`, `clickhouse://..` (`clickhouses` with TLS), `https://..`, or the name of a file.
 * Passwords come from the environment or from a file that it names, never from the address.
 * @throws UsageError
 */
export function addressOf(text: string, side: Side, env: Environment = process.env): Addressed {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') return fileAt(text.replace(/^file:(\/\/(?=\/))?/i, ''), side);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(`the ${side} is no address: ${HOW}`);
  }
  if (url.password !== '')
    throw new UsageError(
      `the ${side} has a password in its address, where others on this machine can see it: set ${PASSWORD}_${side.toUpperCase()}, or ${PASSWORD}_${side.toUpperCase()}_FILE`,
    );
  const password = passwordOf(side, env);
  if (scheme === 'http' || scheme === 'https') {
    const connection: Connection = {
      kind: 'http',
      url: text,
      ...(password === undefined ? {} : { token: password }),
      allowPrivate: env['HOLDFAST_DIFF_ALLOW_PRIVATE'] === '1',
    };
    return { dataSet: { kind: 'http', connection: side }, connection };
  }
  const kind = KINDS[scheme];
  if (!kind) throw new UsageError(`the ${side} is in no store that is known (${scheme}): ${HOW}`);
  return tableAt(url, kind, side, password);
}

const HOW =
  'postgresql://user@host/database/table, mysql://user@host/database/table, clickhouse://user@host/database/table, https://host/path, or the name of a file';

type ServerPlace = Omit<PostgresqlConnection, 'kind' | 'user'>;
type TableKind = 'postgresql' | 'mysql' | 'clickhouse';
const KINDS: Readonly<Record<string, TableKind>> = {
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mysql',
  clickhouse: 'clickhouse',
  clickhouses: 'clickhouse',
};

function tableAt(url: URL, kind: TableKind, side: Side, password: string | undefined): Addressed {
  const [, database = '', named = '', ...rest] = url.pathname.split('/');
  if (url.hostname === '' || database === '' || named === '' || rest.length > 0)
    throw new UsageError(`the ${side} names no table: ${HOW}`);
  const parts = named.split('.').map(decodeURIComponent); // a point in a name is %2E
  const [table, schema] = [parts.pop()!, parts.pop()];
  if (parts.length > 0) throw new UsageError(`the ${side} names more than a schema and a table`);
  const user = decodeURIComponent(url.username);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secret = password === undefined ? {} : { password };
  const common = { database: decodeURIComponent(database), ...secret };
  const tls = url.searchParams.get('tls');
  if (tls !== null && tls !== 'verify' && tls !== 'require')
    throw new UsageError(`the ${side}: tls is verify or require`);
  const place: ServerPlace = {
    ...common,
    host,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(tls === null ? {} : { tls }),
  };
  const dataSet: DataSet = { kind, connection: side, table, ...(schema === undefined ? {} : { schema }) };
  if (kind === 'postgresql') return { dataSet, connection: { kind, ...place, user: user || 'postgres' } };
  if (kind === 'mysql') return { dataSet, connection: { kind, ...place, user: user || 'root' } };
  const isSecure = url.protocol === 'clickhouses:';
  const port = url.port === '' ? (isSecure ? '8443' : '8123') : url.port;
  return {
    dataSet,
    connection: {
      kind,
      url: `${isSecure ? 'https' : 'http'}://${url.hostname}:${port}`,
      ...common,
      user: user || 'default',
    },
  };
}

function fileAt(path: string, side: Side): Addressed {
  const full = resolve(path);
  return {
    dataSet: { kind: 'file', connection: side, path: basename(full) },
    connection: { kind: 'file', folder: dirname(full) },
  };
}

function passwordOf(side: Side, env: Environment): string | undefined {
  const name = `${PASSWORD}_${side.toUpperCase()}`;
  const file = env[`${name}_FILE`];
  if (file === undefined || env[name] !== undefined) return env[name];
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
