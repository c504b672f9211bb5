import { setTimeout as pause } from 'node:timers/promises';
import type { Connections } from './connections';
import type {
  ColumnPair,
  ComparisonDefinition,
  ComparisonResult,
  Progress,
  ResumePoint,
  SideReport,
} from './core/comparison';
import { SIDES, type DataSet, type Side } from './core/data-set';
import { checkDefinition, planColumns } from './core/plan';
import { Comparing, TimeIsUp } from './comparing';
import { compareBy, type Outcome } from './methods';
import { openSources, type Sources } from './sources/open';
import { Tally } from './tally';

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
  const startedAt = performance.now();
  const open = (): Promise<Sources> => openSources(definition, options.connections, { signal, statementSeconds });
  const { resume, where } = options;
  // Opening is of the time that was given: it gets bodies, and counts rows of archives.
  const timer = timeLimit(definition, resume, () => stopping.abort(new TimeIsUp('time is up')));
  let sources: Sources | undefined;
  let second: Sources | undefined;
  let comparing: Comparing | undefined;
  const recheck = async (): Promise<Sources> => {
    await pause(definition.recheckAfterSeconds! * 1000, undefined, { signal });
    if (second) for (const side of SIDES) await second[side].refresh();
    return (second ??= await open());
  };
  try {
    sources = await open();
    const [source, target] = await Promise.all([sources.source.describe(), sources.target.describe()]);
    const columns = planColumns(definition, { source, target });
    comparing = new Comparing(definition, columns, sources, {
      ...{ resume, where, segmentRows, signal, startedAt },
      recheck: definition.recheckAfterSeconds === undefined ? undefined : recheck,
    });
    const { partial, how } = yield* untilTimeIsUp(comparing, signal);
    return await comparing.result(partial, how);
  } catch (error) {
    if (comparing || !(signal.reason instanceof TimeIsUp)) throw error;
    return nothingMore(definition, resume, startedAt);
  } finally {
    clearTimeout(timer);
    stopping.abort();
    await Promise.allSettled([sources?.close(), second?.close()]);
  }
}

/** A comparison that ends when its seconds are over ends with what it has found. */
async function* untilTimeIsUp(comparing: Comparing, signal: AbortSignal): AsyncGenerator<Progress, Outcome> {
  const outcome = yield* found(comparing, signal);
  yield await comparing.told();
  return comparing.isUnchecked ? { ...outcome, partial: outcome.partial ?? 'seconds' } : outcome;
}

async function* found(comparing: Comparing, signal: AbortSignal): AsyncGenerator<Progress, Outcome> {
  try {
    return yield* compareBy(comparing);
  } catch (error) {
    if (!(signal.reason instanceof TimeIsUp)) throw error;
    return { partial: 'seconds', how: { method: 'stream', because: 'time was up before a method was chosen' } };
  }
}

/** What it comes to when time is up before both sides are open. */
function nothingMore(
  { source, target, key, columns = [], sampleShare = 1 }: ComparisonDefinition,
  resume: ResumePoint | undefined,
  startedAt: number,
): ComparisonResult {
  const { counts, spent, rows, settled } = new Tally(resume, startedAt);
  const side = (of: Side, { kind }: DataSet): SideReport => ({
    ...{ kind, stillness: 'none', rows: rows[of], changedWhileRead: undefined },
  });
  const names = (pairs: readonly ColumnPair[]): string[] => pairs.map(({ name }) => name);
  return {
    ...{ counts, spent, settled, partial: 'seconds' },
    ...{ source: side('source', source), target: side('target', target) },
    how: {
      ...{ method: 'stream', because: 'time was up before both sides were open', sampleShare },
      ...{ key: names(key), columns: names(columns) },
    },
  };
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
