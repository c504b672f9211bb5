import {
  BUCKET,
  expectationOf,
  HISTORY_WEEKS,
  lasts,
  LEAST_WEEKS,
  lullBefore,
  medianOf,
  WEEK,
} from '@holdfast/domains/findings/core/lull';
import * as fc from 'fast-check';

/** A whole bucket at some hour of some week. */
const NOW = Math.floor((Date.UTC(2026, 10, 20, 14, 30) * 1000) / BUCKET) * BUCKET;

/** Counts of a source: by day as given, at night none, with noise. */
function arrivals(weeks: number, rate: number, seed: number, until = NOW) {
  const counts = new Map<number, number>();
  let state = seed >>> 0;
  for (let at = until - weeks * WEEK - 36 * 6 * BUCKET; at < until; at += BUCKET) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const hour = new Date(at / 1000).getUTCHours();
    const byDay = hour >= 6 && hour < 22 ? rate : 0;
    counts.set(at, Math.max(0, Math.round(byDay * (0.8 + (0.4 * state) / 2 ** 32))));
  }
  return { first: Math.min(...counts.keys()), counts };
}
const silent = (of: ReturnType<typeof arrivals>, buckets: number, until = NOW) => {
  const counts = new Map(of.counts);
  for (let n = 1; n <= buckets; n++) counts.delete(until - n * BUCKET);
  return { ...of, counts };
};

test('what goes on as ever is no lull, and silence is one, from where it began', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 5_000 }),
      fc.nat(),
      fc.integer({ min: 1, max: 12 }),
      (rate, seed, buckets) => {
        const busy = arrivals(HISTORY_WEEKS, rate, seed);
        expect(lullBefore(NOW, busy).is).toBe('as_expected');
        const verdict = lullBefore(NOW, silent(busy, buckets));
        expect(verdict).toMatchObject({ is: 'lull', to: NOW });
        // Buckets before it may have been below the median by chance: then they belong to it.
        if (verdict.is === 'lull') expect(verdict.from).toBeLessThanOrEqual(NOW - buckets * BUCKET);
      },
    ),
  );
});

test('of a slow source a silence has to be longer', () => {
  const slow = arrivals(HISTORY_WEEKS, 3, 7);
  expect(lullBefore(NOW, silent(slow, 2)).is).toBe('as_expected');
  expect(lullBefore(NOW, silent(slow, 12)).is).toBe('lull');
});

test('a night in which nothing is expected is none, and does not end one', () => {
  const night = NOW - 12 * 6 * BUCKET; // 02:30
  const of = arrivals(HISTORY_WEEKS, 100, 3, night);
  expect(lullBefore(night, of).is).toBe('as_expected');
  const evening = silent(of, 6 * 6, night); // since 20:30
  expect(lullBefore(night, evening)).toMatchObject({ is: 'lull', found: 0 });
  expect((lullBefore(night, evening) as { from: number }).from).toBeLessThanOrEqual(night - 36 * BUCKET);
});

test('too little history is said to be too little', () => {
  const young = arrivals(LEAST_WEEKS, 100, 1);
  const first = NOW - LEAST_WEEKS * WEEK + 6 * BUCKET;
  expect(lullBefore(NOW, silent({ ...young, first }, 12)).is).toBe('insufficient_data');
  expect(lullBefore(NOW, silent(young, 12)).is).toBe('lull');
});

test('a lull goes on until something arrives, also when nothing is expected any more', () => {
  const dead = (until: number) => arrivals(0, 0, 1, until);
  const busy = arrivals(HISTORY_WEEKS, 100, 5);
  const seen = { toAt: NOW };
  for (const weeks of [0, 1, 4, 5, 6, 7]) {
    const now = NOW + weeks * WEEK + 6 * BUCKET;
    const gone = { ...busy, counts: new Map([...busy.counts, ...[...dead(now).counts].filter(([at]) => at >= NOW)]) };
    expect(lasts(seen, lullBefore(now, gone), gone)).toBe(true);
    const back = { ...gone, counts: new Map([...gone.counts, [now - BUCKET, 100] as const]) };
    expect(lasts(seen, lullBefore(now, back), back)).toBe(false);
  }
  const far = NOW + 6 * WEEK;
  expect(lullBefore(far, { ...busy, first: NOW - HISTORY_WEEKS * WEEK }).is).toBe('as_expected'); // its own silence is what is expected
});

test('an expectation holds when up to half of the sample is wrong', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 25, maxLength: 60 }),
      fc.array(fc.nat(1e6)),
      (good, bad) => {
        const { median } = expectationOf([...good, ...bad.slice(0, good.length - 1)]);
        expect(median).toBeGreaterThanOrEqual(90);
        expect(median).toBeLessThanOrEqual(110);
      },
    ),
  );
  expect(medianOf([5, 1, 3])).toBe(3);
  expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  expect(expectationOf([0, 0, 0])).toEqual({ median: 0, deviation: 0 });
});
