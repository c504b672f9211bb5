import type { Micros } from '@holdfast/kernel';
import { BUCKET, type Bucket, budgetOf, isBreached, sumUp } from './budget';

/** Named with every projection: what it takes to go on, and how. */
export const PROJECTION_METHOD = 'constant-rate';

/** What an objective's period does as time goes on. */
export interface Course {
  /** Whether the oldest leaves the period as the newest comes, or the period begins where it does and ends then. */
  readonly endsAt: Micros | undefined;
  /** Length of a rolling period. */
  readonly length: Micros;
}

/**
 * When an objective is breached if things go on as they lately have: what arrives, and what of it goes wrong, at the rates of `[recentFrom, until)`. Of a
 * rolling period what is older leaves it as it really was; a calendar month keeps it to its end. Goes on by quarters of an hour, and finds the crossing within
 * one linearly. The burn-rate argument of The Site Reliability Workbook (2018), chapter 5, with the old end of the period taken in.
 * @param buckets of the period until now, in order
 * @param until where the period ends now
 * @param horizon nothing is said beyond
 * @returns undefined when it is not breached until then, or nothing arrived lately
 */
export function projectBreach(
  buckets: readonly Bucket[],
  target: number,
  recentFrom: Micros,
  until: Micros,
  { endsAt, length }: Course,
  horizon: Micros,
): Micros | undefined {
  const recent = sumUp(buckets.filter(({ at }) => at >= recentFrom));
  const lately = until - Math.max(recentFrom, buckets[0]?.at ?? until);
  if (recent.total === 0 || lately <= 0) return undefined;
  const perMicro = { total: recent.total / lately, bad: (recent.total - recent.good) / lately };
  const last = Math.min(horizon, endsAt ?? horizon);
  let { good, total } = sumUp(buckets);
  if (isBreached({ good, total }, target)) return until;
  let oldest = 0;
  let spare = slack(total, total - good, target);
  for (let at = until; at < last;) {
    const next = Math.min(last, at + BUCKET);
    const came = { total: perMicro.total * (next - at), bad: perMicro.bad * (next - at) };
    total += came.total;
    good += came.total - came.bad;
    // The period is whole quarters: the one at its old end leaves as a whole.
    while (endsAt === undefined && oldest < buckets.length && buckets[oldest]!.at < next - length) {
      total -= buckets[oldest]!.total;
      good -= buckets[oldest]!.good;
      oldest++;
    }
    const left = slack(total, total - good, target);
    if (left < 0) return Math.round(at + ((next - at) * Math.max(0, spare)) / (Math.max(0, spare) - left));
    spare = left;
    at = next;
  }
  return undefined;
}

/** How many more may go wrong. */
const slack = (total: number, bad: number, target: number): number => budgetOf(total, target) - bad;
