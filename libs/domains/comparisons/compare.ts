import type { Connections } from './connections';
import type { ComparisonDefinition, ComparisonResult, Progress, ResumePoint } from './core/comparison';
import { checkDefinition, planColumns } from './core/plan';
import { Comparing, TimeIsUp } from './comparing';
import { openSources } from './sources/open';

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
  /** Rows after which a segment is finished; 200,000 where it is not given. */
  readonly segmentRows?: number;
}

const STATEMENT_SECONDS = 3_600;
const SEGMENT_ROWS = 200_000;

/**
 * Compares two data sets where they lie. Differences come in key order; the generator returns the result.
 * @throws DomainError, see comparisons.problems.ts
 */
export async function* compare(
  definition: ComparisonDefinition,
  options: CompareOptions,
): AsyncGenerator<Progress, ComparisonResult> {
  checkDefinition(definition);
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal;
  const { statementSeconds = STATEMENT_SECONDS, segmentRows = SEGMENT_ROWS } = options;
  const sources = await openSources(definition, options.connections, { signal, statementSeconds });
  let timer: NodeJS.Timeout | undefined;
  try {
    const [source, target] = await Promise.all([sources.source.describe(), sources.target.describe()]);
    const columns = planColumns(definition, { source, target });
    const { resume, where } = options;
    const comparing = new Comparing(definition, columns, sources, { resume, where, segmentRows, signal });
    timer = timeLimit(definition, resume, () => stopping.abort(new TimeIsUp('time is up')));
    const partial = yield* comparing.stream({ after: resume?.after });
    yield comparing.flush();
    return await comparing.result(partial, {
      method: 'stream',
      because: 'rows of both sides in the order of their keys',
    });
  } finally {
    clearTimeout(timer);
    stopping.abort();
    await sources.close();
  }
}

/** Ends statements that run when the seconds of the budget are over. */
function timeLimit(
  { budget }: ComparisonDefinition,
  resume: ResumePoint | undefined,
  end: () => void,
): NodeJS.Timeout | undefined {
  if (budget?.seconds === undefined) return undefined;
  return setTimeout(end, Math.min(2 ** 31 - 1, Math.max(0, budget.seconds - (resume?.spent.seconds ?? 0)) * 1000));
}
