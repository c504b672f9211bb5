import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { sourceFolder } from './source-folder';

/** One question to ClickHouse: its SQL file, what it takes and what a row of its answer is. */
export interface TypedQuery<P, R> {
  readonly name: string;
  readonly sql: string;
  readonly params: z.ZodType<P>;
  readonly row: z.ZodType<R>;
  readonly limits: QueryLimits;
}

export interface QueryLimits {
  /** Seconds after which the engine stops the query. */
  readonly seconds: number;
  /** Memory in bytes that the query may take in the engine. */
  readonly memory: number;
  /** Threads that the engine runs it with; as many as it likes when not given. */
  readonly threads?: number;
}

const INTERACTIVE: QueryLimits = { seconds: 30, memory: 2_000_000_000 };
/** For queries over whole windows. */
export const BULK: QueryLimits = { seconds: 3600, memory: 4_000_000_000 };
/** For queries over much that nobody waits for: they leave processors to those that somebody does. */
export const BACKGROUND: QueryLimits = { ...BULK, threads: 1 };

/**
 * @param name path under clickhouse/queries, without `.sql`; also the query's log comment
 * @throws at start-up when the file is missing
 */
export function typedQuery<P, R>(
  name: string,
  params: z.ZodType<P>,
  row: z.ZodType<R>,
  limits = INTERACTIVE,
): TypedQuery<P, R> {
  return { name, sql: queryText(name), params, row, limits };
}

/** The text of a query file. @throws when it is missing */
export const queryText = (name: string): string => readQueryText(join(sourceFolder, 'queries'), name);

/** The text of a query file in a folder of them. @throws when it is missing */
export const readQueryText = (folder: string, name: string): string =>
  readFileSync(join(folder, `${name}.sql`), 'utf8');
