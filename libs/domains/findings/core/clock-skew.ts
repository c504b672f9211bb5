import type { Micros } from '@holdfast/kernel';

/** The least time that passed from one clock's stamp to another's, in microseconds, as the lower end of a distribution: negative, where the second came first. */
export interface Envelope {
  /** Two in a hundred are less: a few wrong stamps do not count. */
  readonly low: Micros;
  /** Ten in a hundred are less: how well the end is known. */
  readonly high: Micros;
  readonly samples: number;
}
/** From a source's stamp to receipt by Holdfast, whose clock is the common one. */
export interface ReceiptEnvelope extends Envelope {
  readonly source: string;
}
/** From a source's stamp to the next stage's, by other source, of the same key. */
export interface HopEnvelope extends Envelope {
  readonly source: string;
  readonly next: string;
}

/** How far a source's clock is ahead of Holdfast's (negative: behind), in microseconds. */
export interface ClockSkew {
  readonly source: string;
  readonly offset: Micros;
  readonly uncertainty: Micros;
  readonly samples: number;
}

/** Fewer say nothing of the end of a distribution. */
export const LEAST_SAMPLES = 20;
/** What clocks and networks are good for at best. */
const FINEST: Micros = 1_000;

/**
 * The smallest skews that causality allows. Nothing is received before it happened, and no stage follows before the one before it: each envelope bounds the
 * difference of two clocks, `skew(second) - skew(first) <= least time between their stamps`, and together they are a system of difference constraints, solved by
 * relaxation along its paths (the bounds from one-way delays: A. Duda, G. Harrus, Y. Haddad, G. Bernard, Estimating global time in distributed systems, ICDCS
 * 1987; here constant over an hour, their hull a lower quantile). A clock is believed right unless that contradicts a bound.
 *
 * Bias: a clock that is ahead is ahead by its least delay more than this says. One that is behind is noticed only where a stage before it says otherwise, and is
 * behind by the least time between the two more: a late delivery alone looks the same. Two clocks that contradict one another are set right at the later stage,
 * unless it delivers too early for that.
 */
export function clockSkews(receipts: readonly ReceiptEnvelope[], hops: readonly HopEnvelope[]): ClockSkew[] {
  const clocks = receipts.filter(({ samples }) => samples >= LEAST_SAMPLES);
  const known = new Map(clocks.map((one) => [one.source, one]));
  const bounds = hops.filter(
    ({ source, next, samples }) => samples >= LEAST_SAMPLES && source !== next && known.has(source) && known.has(next),
  );
  const least = new Map(clocks.map(({ source, low }) => [source, -low]));
  const unsure = new Map(clocks.map(({ source, low, high }) => [source, high - low]));
  // Who is ahead of a clock that is ahead: at most one round for each clock, or the bounds contradict one another.
  for (let round = 0; round < clocks.length; round++) {
    for (const { source, next, low, high } of bounds) {
      const bound = least.get(next)! - low;
      if (bound <= least.get(source)!) continue;
      least.set(source, bound);
      unsure.set(source, high - low);
    }
  }
  const skew = new Map(clocks.map(({ source }) => [source, Math.max(0, least.get(source)!)]));
  for (let round = 0; round < clocks.length; round++) {
    for (const { source, next, low, high } of bounds) {
      const most = Math.max(skew.get(source)! + low, least.get(next)!);
      if (most >= skew.get(next)!) continue;
      skew.set(next, most);
      unsure.set(next, high - low);
    }
  }
  return clocks.map(({ source, samples }) => ({
    ...{ source, samples },
    offset: Math.round(skew.get(source)!),
    uncertainty: Math.max(FINEST, Math.round(unsure.get(source)!)),
  }));
}

/** Whether a clock is wrong by more than a limit, for all that is not known. */
export const exceeds = ({ offset, uncertainty }: Pick<ClockSkew, 'offset' | 'uncertainty'>, limit: Micros): boolean =>
  Math.abs(offset) - uncertainty > limit;
