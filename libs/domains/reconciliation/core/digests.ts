import type { Hop } from '@holdfast/domains/catalog/core/process';

/** Count and digest of a stage in a window, of the events that were hashed by one definition of the process. Digests are sums modulo 2^64, as decimal text. */
export interface Digest {
  readonly stage: string;
  readonly definition: number;
  readonly events: number;
  readonly digestSum: string;
}

/**
 * What counts and digests say of a window before any key is looked at:
 * `equal`: both sides of every hop have the same events; `unequal`: some key differs; `other-definition`: digests were made of other fields and say nothing.
 * Where a hop is not 1:1, its sides differ in their counts by nature, so that keys have to be looked at.
 */
export type Level = 'equal' | 'unequal' | 'other-definition';

export function levelOf(digests: readonly Digest[], hops: readonly Hop[], definition: number): Level {
  const stages = new Set(hops.flatMap(({ from, to }) => [...from, ...to]));
  const own = digests.filter(({ stage }) => stages.has(stage));
  if (own.length === 0) return 'equal';
  if (own.some((one) => one.definition !== definition)) return 'other-definition';
  const side = (of: readonly string[]) => {
    const there = own.filter(({ stage }) => of.includes(stage));
    const events = there.reduce((sum, one) => sum + one.events, 0);
    return {
      events,
      digest: BigInt.asUintN(
        64,
        there.reduce((sum, one) => sum + BigInt(one.digestSum), 0n),
      ),
    };
  };
  return hops.every(({ from, to, cardinality }) => {
    const [sent, arrived] = [side(from), side(to)];
    if (sent.events === 0 && arrived.events === 0) return true;
    return cardinality === '1:1' && sent.events === arrived.events && sent.digest === arrived.digest;
  })
    ? 'equal'
    : 'unequal';
}

/** A text that changes when anything arrives that the window has to be judged for again. */
export const fingerprintOf = (digests: readonly Digest[]): string =>
  digests
    .map(({ stage, definition, events, digestSum }) => `${stage}:${definition}:${events}:${digestSum}`)
    .sort()
    .join(' ');
