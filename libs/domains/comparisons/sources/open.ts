import type { Connections } from '../connections';
import type { ComparisonDefinition } from '../core/comparison';
import type { DataSet, Side } from '../core/data-set';
import { MysqlSource } from './mysql';
import { PostgresqlSource } from './postgresql';
import type { OpenOptions, Source } from './source';

export type Sources = Readonly<Record<Side, Source>>;

/** Opens both sides at once; where one fails, the other is closed. @throws DomainError */
export async function openSources(
  { source, target }: Pick<ComparisonDefinition, Side>,
  connections: Connections,
  options: OpenOptions,
): Promise<Sources> {
  const opened = await Promise.allSettled([
    openSource('source', source, connections, options),
    openSource('target', target, connections, options),
  ]);
  const [a, b] = opened;
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return { source: a.value, target: b.value };
  for (const one of opened) if (one.status === 'fulfilled') await one.value.close();
  throw a.status === 'rejected' ? a.reason : (b as PromiseRejectedResult).reason;
}

// eslint-disable-next-line @typescript-eslint/require-await -- what looks up a connection throws, and callers await
async function openSource(
  side: Side,
  dataSet: DataSet,
  connections: Connections,
  options: OpenOptions,
): Promise<Source> {
  const connection = connections(dataSet.connection, dataSet.kind);
  const title = `the ${side} (${nameOf(dataSet)})`;
  if (dataSet.kind === 'postgresql' && connection.kind === 'postgresql')
    return PostgresqlSource.open(title, connection, dataSet, options);
  if (dataSet.kind === 'mysql' && connection.kind === 'mysql')
    return MysqlSource.open(title, connection, dataSet, options);
  throw new TypeError(`a connection of ${connection.kind} for a data set of ${dataSet.kind}`);
}

const nameOf = (dataSet: DataSet): string =>
  `${dataSet.kind} ${'table' in dataSet ? `${dataSet.schema === undefined ? '' : `${dataSet.schema}.`}${dataSet.table}` : (dataSet.path ?? dataSet.connection)}`;
