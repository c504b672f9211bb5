import type { Connection, Connections } from '../connections';
import type { ComparisonDefinition } from '../core/comparison';
import type { DataSet, Side } from '../core/data-set';
import { openArchive } from './archive';
import { ClickhouseSource } from './clickhouse';
import { FileEngine } from './engine';
import { openFile } from './file';
import { openGit } from './git';
import { openHttp } from './http';
import { MysqlSource } from './mysql';
import { PostgresqlSource } from './postgresql';
import { openProfile } from './profile';
import type { OpenOptions, Source } from './source';

export interface Sources extends Readonly<Record<Side, Source>> {
  close(): Promise<void>;
}

/** Opens both sides at once; where one fails, the other is closed. @throws DomainError */
export async function openSources(
  { source, target }: Pick<ComparisonDefinition, Side>,
  connections: Connections,
  options: OpenOptions,
): Promise<Sources> {
  const engine = new FileEngine();
  const opened = await Promise.allSettled([
    openSource('source', source, connections, engine, options),
    openSource('target', target, connections, engine, options),
  ]);
  const close = async (): Promise<void> => {
    for (const one of opened) if (one.status === 'fulfilled') await one.value.close();
    await engine.stop();
  };
  const [a, b] = opened;
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return { source: a.value, target: b.value, close };
  await close();
  throw a.status === 'rejected' ? a.reason : (b as PromiseRejectedResult).reason;
}

/** One data set alone; what it needs of the engine is the caller's to stop. @throws DomainError */
export const openDataSet = (
  dataSet: DataSet,
  connections: Connections,
  engine: FileEngine,
  options: OpenOptions,
): Promise<Source> => openSource('data set', dataSet, connections, engine, options);

async function openSource(
  what: Side | 'data set',
  dataSet: DataSet,
  connections: Connections,
  engine: FileEngine,
  options: OpenOptions,
): Promise<Source> {
  const connection = connections(dataSet.connection, dataSet.kind);
  const title = `the ${what} (${nameOf(dataSet)})`;
  const table = await openTableOf(title, dataSet, connection, options);
  if (table) return table;
  if (dataSet.kind === 'file' && connection.kind === 'file')
    return openFile(title, connection, dataSet, engine, options);
  if (dataSet.kind === 'http' && connection.kind === 'http')
    return openHttp(title, connection, dataSet, engine, options);
  if (dataSet.kind === 'git' && connection.kind === 'git') return openGit(title, connection, dataSet, engine, options);
  if (dataSet.kind === 'archive' && connection.kind === 'file')
    return openArchive(title, connection, dataSet, engine, options);
  if (dataSet.kind === 'profile' && connection.kind === dataSet.store) {
    const { kind: _kind, store: kind, columns: _columns, distinctUpTo: _bound, ...table } = dataSet;
    const profiled = await openTableOf(title, { ...table, kind }, connection, options);
    if (profiled) return openProfile(title, profiled, dataSet, engine, options);
  }
  throw new TypeError(`a connection of ${connection.kind} for a data set of ${dataSet.kind}`);
}

/** A table of a store; undefined for a data set of another kind. */
async function openTableOf(
  title: string,
  dataSet: DataSet,
  connection: Connection,
  options: OpenOptions,
): Promise<PostgresqlSource | MysqlSource | ClickhouseSource | undefined> {
  if (dataSet.kind === 'postgresql' && connection.kind === 'postgresql')
    return PostgresqlSource.open(title, connection, dataSet, options);
  if (dataSet.kind === 'mysql' && connection.kind === 'mysql')
    return MysqlSource.open(title, connection, dataSet, options);
  if (dataSet.kind === 'clickhouse' && connection.kind === 'clickhouse')
    return ClickhouseSource.open(title, connection, dataSet, options);
  return undefined;
}

const nameOf = (dataSet: DataSet): string =>
  `${dataSet.kind} ${'table' in dataSet ? `${dataSet.schema === undefined ? '' : `${dataSet.schema}.`}${dataSet.table}` : dataSet.kind === 'git' ? dataSet.ref : (dataSet.path ?? (dataSet.kind === 'http' ? '' : dataSet.connection))}`;
