import { compare, type CompareOptions } from '../../libs/domains/comparisons/compare';
import type { Connection } from '../../libs/domains/comparisons/connections';
import type {
  ComparisonDefinition,
  ComparisonResult,
  Difference,
  ResumePoint,
} from '../../libs/domains/comparisons/core/comparison';
import type { DataSet } from '../../libs/domains/comparisons/core/data-set';

export interface Compared {
  readonly differences: readonly Difference[];
  readonly resumePoints: readonly ResumePoint[];
  readonly result: ComparisonResult;
}

/** A data set with the connection that leads there. */
export interface Place {
  readonly dataSet: DataSet;
  readonly connection: Connection;
}

export const postgresqlTable = (port: number, table: string, schema?: string): Place => ({
  dataSet: { kind: 'postgresql', connection: `pg ${port}`, table, ...(schema === undefined ? {} : { schema }) },
  connection: { kind: 'postgresql', host: '127.0.0.1', port, user: 'postgres', database: 'postgres' },
});

export const mysqlTable = (port: number, table: string): Place => ({
  dataSet: { kind: 'mysql', connection: `mysql ${port}`, table },
  connection: { kind: 'mysql', host: '127.0.0.1', port, user: 'root', database: 'shop' },
});

/** Runs a comparison to its end. */
export async function runCompare(
  source: Place,
  target: Place,
  definition: Omit<ComparisonDefinition, 'source' | 'target'>,
  options: Partial<CompareOptions> = {},
): Promise<Compared> {
  const all = new Map([source, target].map(({ dataSet, connection }) => [dataSet.connection, connection]));
  const parts = compare(
    { ...definition, source: source.dataSet, target: target.dataSet },
    { connections: (name) => all.get(name)!, ...options },
  );
  const differences: Difference[] = [];
  const resumePoints: ResumePoint[] = [];
  for (;;) {
    const part = await parts.next();
    if (part.done === true) return { differences, resumePoints, result: part.value };
    differences.push(...part.value.differences);
    if (part.value.resume) resumePoints.push(part.value.resume);
  }
}
