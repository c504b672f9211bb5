import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
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
 * `postgresql://user@host/database/[schema.]table`, `mysql://..`, `clickhouse://..` (`clickhouses` with TLS), `https://..`, or the name of a file;
 * `git:REPOSITORY?ref=..&folder=..&pattern=..&members=a,b`, `archive:PATH?manifest=..`, and `profile+` in front of the address of a table, `?columns=a,b&distinct=N`.
 * Passwords come from the environment or from a file that it names, never from the address.
 * @throws UsageError
 */
export function addressOf(text: string, side: Side, env: Environment = process.env): Addressed {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') return fileAt(text.replace(/^file:(\/\/(?=\/))?/i, ''), side);
  if (scheme === 'git') return gitAt(text.slice('git:'.length), side);
  if (scheme === 'archive') return archiveAt(text.slice('archive:'.length), side);
  if (scheme.startsWith('profile+')) return profileAt(text.slice('profile+'.length), side, env);
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
  'postgresql://user@host/database/table, mysql://user@host/database/table, clickhouse://user@host/database/table, https://host/path, git:REPOSITORY?ref=main, archive:PATH, profile+ADDRESS of a table, or the name of a file';

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

/** A path of this machine, with what is asked of it. @throws UsageError for what it does not take */
function asked(text: string, side: Side, takes: readonly string[]): { readonly path: string; readonly query: Query } {
  const at = text.indexOf('?');
  const path = at === -1 ? text : text.slice(0, at);
  const query = new URLSearchParams(at === -1 ? '' : text.slice(at + 1));
  const other = [...query.keys()].find((name) => !takes.includes(name));
  if (other !== undefined) throw new UsageError(`the ${side} takes ${takes.join(', ')}, and no ${other}`);
  if (path === '') throw new UsageError(`the ${side} names nothing: ${HOW}`);
  return { path, query: Object.fromEntries(query) };
}
type Query = Readonly<Record<string, string>>;
const listed = (text: string): string[] => text.split(',').map((one) => one.trim());

function gitAt(text: string, side: Side): Addressed {
  const { path, query } = asked(text, side, ['ref', 'folder', 'pattern', 'members']);
  const { ref = 'HEAD', folder, pattern, members } = query;
  const dataSet: DataSet = {
    ...{ kind: 'git', connection: side, ref },
    ...(folder !== undefined && { folder }),
    ...(pattern !== undefined && { pattern }),
    ...(members !== undefined && { members: listed(members) }),
  };
  return { dataSet, connection: { kind: 'git', repository: resolve(path) } };
}

function archiveAt(text: string, side: Side): Addressed {
  const { path, query } = asked(text, side, ['manifest']);
  const full = resolve(path);
  // Both lie below the root: a command line may read what its user may.
  const below = (one: string): string => relative('/', resolve(one));
  const { manifest } = query;
  return {
    dataSet: {
      ...{ kind: 'archive', connection: side, path: below(full) },
      ...(manifest !== undefined && { manifest: below(manifest) }),
    },
    connection: { kind: 'file', folder: '/' },
  };
}

function profileAt(text: string, side: Side, env: Environment): Addressed {
  if (!URL.canParse(text)) throw new UsageError(`the ${side} is no address: ${HOW}`);
  const url = new URL(text);
  const [columns, distinct] = ['columns', 'distinct'].map((name) => url.searchParams.get(name));
  for (const name of ['columns', 'distinct']) url.searchParams.delete(name);
  const { dataSet, connection } = addressOf(url.href, side, env);
  if (!('table' in dataSet) || dataSet.kind === 'profile') throw new UsageError(`the ${side}: a profile is of a table`);
  const { kind: store, ...table } = dataSet;
  const distinctUpTo = Number(distinct ?? NaN);
  return {
    dataSet: {
      ...{ kind: 'profile', store, ...table },
      ...(columns && { columns: listed(columns) }),
      ...(Number.isInteger(distinctUpTo) && distinctUpTo > 0 && { distinctUpTo }),
    },
    connection,
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
