import type { Micros } from '@holdfast/kernel';

/** Arrivals are counted in buckets of ten minutes, and expected by the hour of the week. */
export const BUCKET: Micros = 600_000_000;
const HOUR: Micros = 3_600_000_000;
export const WEEK: Micros = 168 * HOUR;
/** Weeks that an expectation is made of, at most and at least. */
export const HISTORY_WEEKS = 8;
export const LEAST_WEEKS = 3;
/** A lull is looked for so far back; one that lasts longer goes on as the finding that it is. */
export const LONGEST_BUCKETS = 144;

/** How many arrivals a bucket should have. */
export interface Expectation {
  readonly median: number;
  /** A robust standard deviation: 1.4826 times the median of absolute deviations, and that of a Poisson process at least. */
  readonly deviation: number;
}

/** Multiples of the deviation by which a run has to stay behind: of normal deviations, one in 30,000 does. */
const FAR = 4;
/** Makes the median of absolute deviations the standard deviation, where deviations are normal. */
const CONSISTENT = 1.4826;

export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/**
 * What is to be expected after these counts: median and median of absolute deviations, which up to half of the sample may be wrong for (F. R. Hampel, The
 * influence curve and its role in robust estimation, JASA 69, 1974). A week without arrivals, or one at ten times the rate, moves it little.
 */
export function expectationOf(counts: readonly number[]): Expectation {
  const median = medianOf(counts);
  const spread = CONSISTENT * medianOf(counts.map((count) => Math.abs(count - median)));
  return { median, deviation: Math.max(spread, Math.sqrt(median)) };
}

export const hourOfWeek = (at: Micros): number => Math.floor(at / HOUR) % 168;

/** Counts of past buckets by time; a bucket that is not there had none. */
export interface Arrivals {
  /** Start of the first bucket that ever had an arrival. */
  readonly first: Micros;
  readonly counts: ReadonlyMap<Micros, number>;
}

export type LullVerdict =
  | { readonly is: 'insufficient_data' }
  | { readonly is: 'as_expected' }
  /** Arrivals from `from` to `to` stayed behind: `found` of `expected`. */
  | {
      readonly is: 'lull';
      readonly from: Micros;
      readonly to: Micros;
      readonly expected: number;
      readonly found: number;
    };

/**
 * Whether arrivals have stayed away until now: the buckets before `until` that are each below what their hour of the week had in the weeks before, taken
 * together, so that an hour of silence counts where a bucket of it would not; it
 * begins as early as all of it still stays behind. Hours in which nothing is expected neither begin nor end a lull.
 * @param until end of the last bucket that is complete
 */
export function lullBefore(until: Micros, arrivals: Arrivals): LullVerdict {
  const known = new Map<number, Expectation | undefined>();
  const expected = (bucket: Micros): Expectation | undefined => {
    const hour = hourOfWeek(bucket);
    if (!known.has(hour)) known.set(hour, expectationFor(bucket, arrivals));
    return known.get(hour);
  };
  let [deficit, variance, sum, found] = [0, 0, 0, 0];
  let lull: LullVerdict = { is: 'as_expected' };
  for (let n = 1; n <= LONGEST_BUCKETS; n++) {
    const from = until - n * BUCKET;
    const expectation = expected(from);
    if (!expectation) {
      if (n === 1) return { is: 'insufficient_data' };
      break;
    }
    const count = arrivals.counts.get(from) ?? 0;
    if (expectation.median === 0 && count === 0) continue;
    if (count >= expectation.median) break;
    deficit += expectation.median - count;
    variance += expectation.deviation ** 2;
    sum += expectation.median;
    found += count;
    if (deficit > FAR * Math.sqrt(variance)) lull = { is: 'lull', from, to: until, expected: Math.round(sum), found };
  }
  return lull;
}

/**
 * Whether a lull that was told goes on: it does as long as nothing arrives, also over times in which nothing is expected, and when what is expected is made of
 * its own silence after weeks. What arrived since it was last seen ends it, unless arrivals stayed behind all the time.
 * @param toAt until when it was seen
 */
export function lasts({ toAt }: { readonly toAt: Micros }, verdict: LullVerdict, { counts }: Arrivals): boolean {
  if (verdict.is === 'lull' && verdict.from <= toAt) return true;
  const until = verdict.is === 'lull' ? verdict.from : Infinity;
  for (const [bucket, count] of counts) if (count > 0 && bucket >= toAt && bucket < until) return false;
  return true;
}

/** Of the buckets of the same hour in the weeks before, the week's own apart; undefined where there are too few weeks. */
function expectationFor(bucket: Micros, { first, counts }: Arrivals): Expectation | undefined {
  const hour = Math.floor(bucket / HOUR) * HOUR;
  const sample: number[] = [];
  let weeks = 0;
  for (let week = 1; week <= HISTORY_WEEKS; week++) {
    const start = hour - week * WEEK;
    if (start < first) break;
    weeks++;
    for (let at = start; at < start + HOUR; at += BUCKET) sample.push(counts.get(at) ?? 0);
  }
  return weeks >= LEAST_WEEKS ? expectationOf(sample) : undefined;
}
