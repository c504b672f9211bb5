import {
  clockSkews,
  exceeds,
  type HopEnvelope,
  type ReceiptEnvelope,
} from '@holdfast/domains/findings/core/clock-skew';
import * as fc from 'fast-check';

const SECOND = 1_000_000;
const SAMPLES = 400;

/** Delays as they come in networks: a least one, and a long tail. */
function delays(least: number, mean: number, seed: number): number[] {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return Array.from({ length: SAMPLES }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round(least - mean * Math.log((state + 1) / 2 ** 32));
  });
}
const quantile = (values: readonly number[], of: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(of * (values.length - 1))]!;
const envelope = (values: readonly number[]) => ({
  low: quantile(values, 0.02),
  high: quantile(values, 0.1),
  samples: values.length,
});

/** A chain of stages, each by a source with a clock of its own. All in microseconds. */
interface Planted {
  readonly skew: number;
  readonly leastDelivery: number;
  readonly leastTransit: number;
}
function measured(chain: readonly Planted[], seed: number): { receipts: ReceiptEnvelope[]; hops: HopEnvelope[] } {
  const receipts = chain.map(({ skew, leastDelivery }, n) => ({
    source: `s${n}`,
    ...envelope(delays(leastDelivery, SECOND / 5, seed + n).map((delay) => delay - skew)),
  }));
  const hops = chain.slice(1).map(({ skew, leastTransit }, n) => ({
    ...{ source: `s${n}`, next: `s${n + 1}` },
    ...envelope(delays(leastTransit, SECOND, seed + 100 + n).map((delay) => delay + skew - chain[n]!.skew)),
  }));
  return { receipts, hops };
}
const skews = (chain: readonly Planted[], seed = 1): number[] => {
  const { receipts, hops } = measured(chain, seed);
  return clockSkews(receipts, hops).map(({ offset }) => offset);
};
const right = { skew: 0, leastDelivery: SECOND / 10, leastTransit: SECOND };

test('a clock that is ahead is found, up to its least delay', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5 * SECOND, max: 3_600 * SECOND }), fc.nat(2), fc.nat(1_000), (skew, place, seed) => {
      const chain = [right, right, right].map((one, n) => (n === place ? { ...one, skew } : one));
      for (const [n, found] of skews(chain, seed).entries()) {
        expect(found).toBeLessThanOrEqual(n === place ? skew : 0);
        expect(found).toBeGreaterThanOrEqual(n === place ? skew - SECOND : 0);
      }
    }),
  );
});

test('a clock that is behind is found where the stage before it says so, up to the least transit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10 * SECOND, max: 3_600 * SECOND }), fc.nat(1_000), (behind, seed) => {
      const [first, second, third] = skews([right, { ...right, skew: -behind }, right], seed);
      expect(Math.abs(second! + behind)).toBeLessThan(2 * SECOND);
      expect([first, third]).toEqual([0, 0]);
    }),
  );
});

test('late deliveries are no clock, and hide none that a next stage gives away', () => {
  const late = 600 * SECOND;
  expect(skews([right, { ...right, leastDelivery: late }, right])).toEqual([0, 0, 0]);
  // As far ahead as it delivers late: receipts alone see nothing.
  const [hidden, next] = skews([{ ...right, skew: late, leastDelivery: late }, right]);
  expect(Math.abs(hidden! - late)).toBeLessThan(3 * SECOND);
  expect(Math.abs(next!)).toBeLessThan(SECOND);
});

test('what is found contradicts no bound, whatever was measured', () => {
  const planted = fc.record({
    skew: fc.integer({ min: -3_600 * SECOND, max: 3_600 * SECOND }),
    leastDelivery: fc.integer({ min: 0, max: 600 * SECOND }),
    leastTransit: fc.integer({ min: 0, max: 60 * SECOND }),
  });
  fc.assert(
    fc.property(fc.array(planted, { minLength: 1, maxLength: 6 }), fc.nat(1_000), (chain, seed) => {
      const { receipts, hops } = measured(chain, seed);
      const found = new Map(clockSkews(receipts, hops).map(({ source, offset }) => [source, offset]));
      for (const { source, low } of receipts) expect(-found.get(source)!).toBeLessThanOrEqual(low);
      for (const { source, next, low } of hops) expect(found.get(next)! - found.get(source)!).toBeLessThanOrEqual(low);
      const size = [...found.values()].reduce((sum, skew) => sum + Math.abs(skew), 0);
      if (size === 0)
        expect(Math.min(...receipts.map(({ low }) => low), ...hops.map(({ low }) => low))).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('few samples say nothing, and what is unsure exceeds no limit', () => {
  const early = { source: 's', low: -60 * SECOND, high: -50 * SECOND, samples: 19 };
  expect(clockSkews([early], [])).toEqual([]);
  const [skew] = clockSkews([{ ...early, samples: 20 }], []);
  expect(skew).toEqual({ source: 's', offset: 60 * SECOND, uncertainty: 10 * SECOND, samples: 20 });
  expect([exceeds(skew!, 49 * SECOND), exceeds(skew!, 50 * SECOND)]).toEqual([true, false]);
  expect(exceeds({ offset: -60 * SECOND, uncertainty: 0 }, 59 * SECOND)).toBe(true);
});
