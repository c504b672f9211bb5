import type { Micros } from '@holdfast/kernel';
import { BUCKET, type Bucket, bucketAt } from './budget';

/** Time without an arrival: after the one that came at `from` the next came at `to`. */
export interface Silence {
  readonly from: Micros;
  readonly to: Micros;
}

/**
 * How much of [from, to) was fresh, by quarter: all but what lies more than `maxAge` behind an arrival. What lies before anything had ever arrived is not watched.
 * @param from, to a quarter's beginning, and any time
 * @param watchedFrom when the first arrival of all was, or any earlier time
 * @param silences longer than maxAge, in order; the last may go on beyond `to`
 */
export function freshBuckets(
  from: Micros,
  to: Micros,
  watchedFrom: Micros,
  silences: readonly Silence[],
  maxAge: Micros,
): Bucket[] {
  const stale = silences.map((silence) => ({ from: silence.from + maxAge, to: silence.to }));
  const buckets: Bucket[] = [];
  let next = 0;
  for (let at = bucketAt(Math.max(from, watchedFrom)); at < to; at += BUCKET) {
    const [begin, end] = [Math.max(at, from, watchedFrom), Math.min(at + BUCKET, to)];
    while (next < stale.length && stale[next]!.to <= begin) next++;
    let bad = 0;
    for (let i = next; i < stale.length && stale[i]!.from < end; i++)
      bad += Math.max(0, Math.min(end, stale[i]!.to) - Math.max(begin, stale[i]!.from));
    buckets.push({ at, good: end - begin - bad, total: end - begin });
  }
  return buckets;
}
