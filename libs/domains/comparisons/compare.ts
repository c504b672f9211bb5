import { setTimeout as pause } from 'node:timers/promises';
import type { Connections } from './connections';
import type { ComparisonDefinition, ComparisonResult, Progress, ResumePoint } from './core/comparison';
import { SIDES } from './core/data-set';
import { checkDefinition, planColumns } from './core/plan';
import { Comparing, TimeIsUp } from './comparing';
import { compareBy, type Outcome } from './methods';
import { openSources, type Sources } from './sources/open';

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
  let second: Sources | undefined;
  try {
    const [source, target] = await Promise.all([sources.source.describe(), sources.target.describe()]);
    const columns = planColumns(definition, { source, target });
    const { resume, where } = options;
    const recheck =
      definition.recheckAfterSeconds === undefined
        ? undefined
        : async (): Promise<Sources> => {
            await pause(definition.recheckAfterSeconds! * 1000, undefined, { signal });
            if (second) for (const side of SIDES) await second[side].refresh();
            return (second ??= await openSources(definition, options.connections, { signal, statementSeconds }));
          };
    const comparing = new Comparing(definition, columns, sources, { resume, where, segmentRows, signal, recheck });
    timer = timeLimit(definition, resume, () => stopping.abort(new TimeIsUp('time is up')));
    const { partial, how } = yield* untilTimeIsUp(compareBy(comparing), signal);
    yield await comparing.told();
    return await comparing.result(partial, how);
  } finally {
    clearTimeout(timer);
    stopping.abort();
    await Promise.allSettled([sources.close(), second?.close()]);
  }
}

/** A comparison that ends when its seconds are over ends with what it has found. */
async function* untilTimeIsUp(
  parts: AsyncGenerator<Progress, Outcome>,
  signal: AbortSignal,
): AsyncGenerator<Progress, Outcome> {
  try {
    return yield* parts;
  } catch (error) {
    if (!(signal.reason instanceof TimeIsUp)) throw error;
    return { partial: 'seconds', how: { method: 'stream', because: 'time was up before a method was chosen' } };
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
