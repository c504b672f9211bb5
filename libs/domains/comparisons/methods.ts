import type { Budget, ComparisonResult, Key, Progress } from './core/comparison';
import type { Comparing } from './comparing';
import { blockSize, canDigest, digestSpan } from './digest-method';
import { canJoin, joinRows } from './join-method';
import { firstKey, isNumbered, keyOf, LAST_KEY, min } from './key-spans';

/** What a run ended with. */
export interface Outcome {
  readonly partial: keyof Budget | undefined;
  readonly how: Pick<ComparisonResult['how'], 'method' | 'because'>;
}

/** Rows of a side by which streaming and digests are compared. What is read first says little: connections and statements begin. */
const PROBE_ROWS = 100_000;
/** Digests have to be so many times as fast: they ask more of the stores. */
const WORTH = 1.25;
const FIRST_SPAN = 1n << 16n;
const SLICE_ROWS = 1_000_000;

/** Compares by the method that was asked for, or by the one that is fastest here. @throws DomainError */
export async function* compareBy(comparing: Comparing): AsyncGenerator<Progress, Outcome> {
  const { method = 'auto' } = comparing.definition;
  const after = comparing.resumeAfter;
  if (mayJoin(comparing) && (await canJoin(comparing)))
    return { partial: yield* joinRows(comparing, after), how: { method: 'join', because: 'both lie in one database' } };
  if (method === 'join') return yield* streamed(comparing, after, 'a join cannot be made here, or not in parts');
  if (method === 'stream' || !canDigest(comparing) || !(await comparing.repeatsAreSeenByDigests()))
    return yield* streamed(
      comparing,
      after,
      method === 'stream' ? 'asked for' : 'digests need a unique key of one whole number',
    );
  return yield* probed(comparing, after, method === 'digest');
}

/** By spans of a key of one whole number. Else all at once, where nothing asks for a part, and where that is asked for, or saves the sort that a text needs in another order than that of its index. */
function mayJoin(comparing: Comparing): boolean {
  const { method = 'auto', budget } = comparing.definition;
  if (method !== 'join' && method !== 'auto') return false;
  if (isNumbered(comparing)) return true;
  if (comparing.resumeAfter || budget?.rows !== undefined) return false;
  return method === 'join' || comparing.columns.key.some(({ as }) => as.kind === 'text');
}

async function* streamed(
  comparing: Comparing,
  after: Key | undefined,
  because: string,
): AsyncGenerator<Progress, Outcome> {
  return { partial: yield* comparing.stream({ after }), how: { method: 'stream', because } };
}

/** Streams a slice, makes digests of the next, and goes on with what took less time for a row. */
async function* probed(
  comparing: Comparing,
  after: Key | undefined,
  isAsked: boolean,
): AsyncGenerator<Progress, Outcome> {
  const { tally } = comparing;
  const done = { rows: 0, seconds: 0 };
  let span = FIRST_SPAN;
  let low = await firstKey(comparing, after);
  let density = { rows: 1, span: 1n };
  const enough = isAsked ? 1 : 2 * PROBE_ROWS;
  for (let isWarm = isAsked; done.rows < enough; isWarm = true) {
    if (low === undefined) return { partial: undefined, how: { method: 'stream', because: 'there are few rows' } };
    const [rows, startedAt] = [tally.spent.rows, performance.now()];
    const high = min(LAST_KEY, low + span - 1n);
    const partial = yield* comparing.stream({ spans: [{ low, high }] });
    if (partial) return { partial, how: { method: 'stream', because: 'it ended while it was probed' } };
    if (isWarm) {
      done.rows += tally.spent.rows - rows;
      done.seconds += (performance.now() - startedAt) / 1000;
    }
    density = { rows: Math.max(1, (tally.spent.rows - rows) / 2), span };
    span *= 4n;
    low = high === LAST_KEY ? undefined : await firstKey(comparing, keyOf(high));
  }
  const streaming = done.rows / done.seconds;
  const size = blockSize(density.rows, density.span);
  for (let slice = 0; low !== undefined; slice++) {
    // The first one is a probe.
    const sliceRows = slice === 0 ? 2 * PROBE_ROWS : SLICE_ROWS;
    const high: bigint = min(LAST_KEY, low + (BigInt(sliceRows) * density.span) / BigInt(Math.ceil(density.rows)));
    const [rows, startedAt] = [tally.spent.rows, performance.now()];
    const { partial, upTo, isDense } = yield* digestSpan(comparing, { low, high }, size, !isAsked);
    const digesting = ((tally.spent.rows - rows) * 1000) / (performance.now() - startedAt);
    const because = `${perSecond(digesting)} by digests of ${size} keys, ${perSecond(streaming)} streamed`;
    if (partial) return { partial, how: { method: 'digest', because } };
    const rest = keyOf(upTo);
    if (isDense) return yield* streamed(comparing, rest, 'too many blocks differ');
    if (slice === 0 && !isAsked && digesting < WORTH * streaming) return yield* streamed(comparing, rest, because);
    low = upTo === LAST_KEY ? undefined : await firstKey(comparing, rest);
    if (low === undefined) return { partial: undefined, how: { method: 'digest', because } };
  }
  return { partial: undefined, how: { method: 'stream', because: 'there are few rows' } };
}

const perSecond = (rows: number): string => `${Math.round(rows / 1000)} k rows/s`;
