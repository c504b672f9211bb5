import type { Budget, ComparisonResult, Key, Progress } from './core/comparison';
import type { Side } from './core/data-set';
import { LineReader } from './core/line-reader';
import type { Comparing } from './comparing';
import { blockSize, canDigest, digestSpan } from './digest-method';
import { canJoin, joinRows } from './join-method';

/** What a run ended with. */
export interface Outcome {
  readonly partial: keyof Budget | undefined;
  readonly how: Pick<ComparisonResult['how'], 'method' | 'because'>;
}

/** Rows after which streaming and digests are compared. */
const PROBE_ROWS = 20_000;
/** Digests have to be so many times as fast: they ask more of the stores. */
const WORTH = 1.25;
const FIRST_SPAN = 1n << 16n;
const LAST_KEY = (1n << 64n) - 1n;
const SLICE_ROWS = 1_000_000;

/** Compares by the method that was asked for, or by the one that is fastest here. @throws DomainError */
export async function* compareBy(comparing: Comparing): AsyncGenerator<Progress, Outcome> {
  const { method = 'auto' } = comparing.definition;
  const after = comparing.resumeAfter;
  const isTextKey = comparing.columns.key.some(({ as }) => as.kind === 'text');
  // One join saves the sort that a text would need in another order than that of its index. It has no segments to resume from.
  if (method === 'join' || (method === 'auto' && isTextKey && !after))
    if (await canJoin(comparing))
      return { partial: yield* joinRows(comparing), how: { method: 'join', because: 'both lie in one database' } };
    else if (method === 'join')
      return yield* streamed(comparing, after, 'they lie in no one database with unique keys');
  if (method === 'stream' || !canDigest(comparing) || !(await comparing.repeatsAreSeenByDigests()))
    return yield* streamed(
      comparing,
      after,
      method === 'stream' ? 'asked for' : 'digests need a unique key of one whole number',
    );
  return yield* probed(comparing, after, method === 'digest');
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
  while (done.rows < PROBE_ROWS) {
    if (low === undefined) return { partial: undefined, how: { method: 'stream', because: 'there are few rows' } };
    const [rows, startedAt] = [tally.spent.rows, performance.now()];
    const high = min(LAST_KEY, low + span - 1n);
    const partial = yield* comparing.stream({ spans: [{ low, high }] });
    if (partial) return { partial, how: { method: 'stream', because: 'it ended while it was probed' } };
    done.rows += tally.spent.rows - rows;
    done.seconds += (performance.now() - startedAt) / 1000;
    density = { rows: Math.max(1, (tally.spent.rows - rows) / 2), span };
    span *= 8n;
    low = high === LAST_KEY ? undefined : await firstKey(comparing, [high.toString()]);
  }
  const streaming = done.rows / done.seconds;
  const size = blockSize(density.rows, density.span);
  for (let slice = 0; low !== undefined; slice++) {
    // The first one is a probe.
    const sliceRows = slice === 0 ? 5 * PROBE_ROWS : SLICE_ROWS;
    const high: bigint = min(LAST_KEY, low + (BigInt(sliceRows) * density.span) / BigInt(Math.ceil(density.rows)));
    const [rows, startedAt] = [tally.spent.rows, performance.now()];
    const { partial, upTo, isDense } = yield* digestSpan(comparing, { low, high }, size);
    const digesting = ((tally.spent.rows - rows) * 1000) / (performance.now() - startedAt);
    const because = `${perSecond(digesting)} by digests of ${size} keys, ${perSecond(streaming)} streamed`;
    if (partial) return { partial, how: { method: 'digest', because } };
    const rest: Key = [upTo.toString()];
    if (isDense && !isAsked) return yield* streamed(comparing, rest, 'too many blocks differ');
    if (slice === 0 && !isAsked && digesting < WORTH * streaming) return yield* streamed(comparing, rest, because);
    low = upTo === LAST_KEY ? undefined : await firstKey(comparing, rest);
    if (low === undefined) return { partial: undefined, how: { method: 'digest', because } };
  }
  return { partial: undefined, how: { method: 'stream', because: 'there are few rows' } };
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const perSecond = (rows: number): string => `${Math.round(rows / 1000)} k rows/s`;

/** The first key behind another on either side; undefined where there is none. */
async function firstKey(comparing: Comparing, after: Key | undefined): Promise<bigint | undefined> {
  const keys = await Promise.all((['source', 'target'] as const).map((side) => firstOf(comparing, side, after)));
  const there = keys.filter((key) => key !== undefined);
  return there.length === 0 ? undefined : there.reduce(min);
}

async function firstOf(comparing: Comparing, side: Side, after: Key | undefined): Promise<bigint | undefined> {
  const plan = { ...comparing.plans[side], values: [] };
  const reader = new LineReader(comparing.sources[side].read(plan, { after, limit: 1 }));
  if (!(await reader.fill())) return undefined;
  const key = BigInt(reader.line());
  // To its end: a statement that is cut short costs the snapshot.
  reader.advance(reader.end);
  await reader.fill();
  return key;
}
