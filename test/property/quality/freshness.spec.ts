import { BUCKET, bucketAt, sumUp } from '@holdfast/domains/quality/core/budget';
import { freshBuckets, type Silence } from '@holdfast/domains/quality/core/freshness';
import * as fc from 'fast-check';

const MINUTE = 60_000_000;
const START = 1_800_000 * BUCKET;

test('a minute is fresh where an arrival is not too long before it, whatever quarters it is counted by', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 201, max: 450 }),
      (arrivals, maxAge, begins, ends) => {
        const sorted = arrivals.toSorted((a, b) => a - b).filter((minute) => minute < ends);
        if (sorted.length === 0) return;
        const from = bucketAt(START + begins * MINUTE);
        const silences = sorted
          .map((minute, index): Silence => ({
            from: START + minute * MINUTE,
            to: START + (sorted[index + 1] ?? ends) * MINUTE,
          }))
          .filter((one) => one.to - one.from > maxAge * MINUTE);
        const to = START + ends * MINUTE;
        const buckets = freshBuckets(from, to, START + sorted[0]! * MINUTE, silences, maxAge * MINUTE);
        let [good, total] = [0, 0];
        for (let at = Math.max(from, START + sorted[0]! * MINUTE); at < to; at += MINUTE) {
          const last = sorted.findLast((minute) => START + minute * MINUTE <= at)!;
          total += MINUTE;
          if (at - (START + last * MINUTE) < maxAge * MINUTE) good += MINUTE;
        }
        expect(sumUp(buckets)).toEqual({ good, total });
        for (const { at, good: fresh, total: all } of buckets)
          expect([at % BUCKET, fresh >= 0 && fresh <= all && all <= BUCKET]).toEqual([0, true]);
      },
    ),
  );
});
