import { expectationOf, medianOf, WEEK } from '@holdfast/domains/findings/core/lull';
import type { Micros } from '@holdfast/kernel';
import type { Span } from './firing';
import type { Expectation } from './series';

export const HOUR: Micros = 3_600_000_000;
/** How far apart values of the past are taken. */
export const SAMPLED_EVERY: Micros = 300_000_000;
/** Makes the median of absolute deviations the standard deviation, where deviations are normal. */
const CONSISTENT = 1.4826;
/** Where more than half of the values are the same the median of deviations is 0: a value counts as far when it is away by more than this share of the median. */
const LEAST_SHARE = 0.01;
/** Chance of a change point where there is none. */
const SIGNIFICANT = 0.001;
/** A change of level matters from so many deviations on. */
const SHIFT = 3;

/** A value of the past. */
export interface Past {
  readonly at: Micros;
  readonly value: number;
}

/** The hours of the weeks before that an instant is compared with, the oldest first: [from, from + 1 h). */
export function hoursBefore(at: Micros, weeks: number): Micros[] {
  const hour = Math.floor(at / HOUR) * HOUR;
  return Array.from({ length: weeks }, (_, i) => hour - (weeks - i) * WEEK);
}

/**
 * What is to be expected, of values of the same hour of past weeks: median and median of absolute deviations (F. R. Hampel, The influence curve and its role
 * in robust estimation, JASA 69, 1974), without the times that are known as incidents, and from the last change of level on.
 * @param past in the order of their times
 * @param leftOut times whose values say nothing
 * @param counts whether values are counts, whose deviation is that of a Poisson process at least
 * @returns undefined while there are fewer weeks than that
 */
export function expectedFrom(
  past: readonly Past[],
  leftOut: readonly Span[],
  minimumWeeks: number,
  counts: boolean,
): Expectation | undefined {
  const kept = past.filter(({ at }) => !leftOut.some(({ from, to }) => from <= at && at < to));
  const sample = sinceLastChange(kept);
  const weeks = new Set(sample.map(({ at }) => Math.floor(at / WEEK)));
  if (weeks.size < minimumWeeks) return undefined;
  const values = sample.map(({ value }) => value);
  if (counts) {
    const { median, deviation } = expectationOf(values);
    return { median, deviation: Math.max(deviation, 1) };
  }
  const median = medianOf(values);
  const spread = CONSISTENT * medianOf(values.map((value) => Math.abs(value - median)));
  return { median, deviation: Math.max(spread, Math.abs(median) * LEAST_SHARE, Number.EPSILON) };
}

/**
 * The values behind the last change of level: where Pettitt's test finds a change point among the values, and the weeks behind it are away from those before it
 * by {@link SHIFT} deviations. Values of one hour resemble one another, so that the test alone would find too much.
 * Source: A. N. Pettitt, A non-parametric approach to the change-point problem, Applied Statistics 28 (1979).
 */
export function sinceLastChange(past: readonly Past[]): readonly Past[] {
  const weeks = [...new Set(past.map(({ at }) => Math.floor(at / WEEK)))];
  if (weeks.length < 4) return past;
  const change = pettitt(past.map(({ value }) => value));
  if (change === undefined) return past;
  // A level changes between weeks: the week whose beginning is the nearest to where the test has it.
  const first = Math.floor(past[change]!.at / WEEK);
  const [before, after] = [past.filter(({ at }) => at < first * WEEK), past.filter(({ at }) => at >= first * WEEK)];
  if (before.length === 0 || after.length === 0) return past;
  const [old, young] = [spreadOf(before), spreadOf(after)];
  const spread = Math.max(old.deviation, young.deviation, Math.abs(old.median) * LEAST_SHARE);
  return Math.abs(young.median - old.median) > SHIFT * spread ? sinceLastChange(after) : past;
}

const spreadOf = (past: readonly Past[]): Expectation => {
  const values = past.map(({ value }) => value);
  const median = medianOf(values);
  return { median, deviation: CONSISTENT * medianOf(values.map((value) => Math.abs(value - median))) };
};

/** The place of the first value behind a change of level; undefined where there is none to speak of. */
export function pettitt(values: readonly number[]): number | undefined {
  const n = values.length;
  let [u, most, place] = [0, 0, 0];
  for (let t = 0; t < n - 1; t++) {
    for (const other of values) u += Math.sign(values[t]! - other);
    if (Math.abs(u) > most) [most, place] = [Math.abs(u), t + 1];
  }
  const p = 2 * Math.exp((-6 * most ** 2) / (n ** 3 + n ** 2));
  return most > 0 && p < SIGNIFICANT ? place : undefined;
}
