import type { ComparisonDefinition, ComparisonResult, Progress, ResumePoint } from './core/comparison';
import type { Connections } from './connections';

export interface CompareOptions {
  readonly connections: Connections;
  /** Ends statements in the stores too. */
  readonly signal?: AbortSignal;
  /** Where an earlier run of the same definition had got to. */
  readonly resume?: ResumePoint;
  /** Conditions in the SQL of the store, of somebody who has its credentials: a command line, never a definition. */
  readonly where?: { readonly source?: string; readonly target?: string };
  /** Longest time of one statement, in seconds; 3600 where it is not given. */
  readonly statementSeconds?: number;
  /** Rows after which a segment is finished. */
  readonly segmentRows?: number;
}

/**
 * Compares two data sets where they lie. Differences come in key order; the generator returns the result.
 * @throws DomainError `comparison_invalid`, `source_unavailable`, `source_refused`, `key_not_unique`, ... (comparisons.problems.ts)
 */
export type Compare = (
  definition: ComparisonDefinition,
  options: CompareOptions,
) => AsyncGenerator<Progress, ComparisonResult>;
