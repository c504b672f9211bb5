import { BUCKET, type Bucket, isBreached, sumUp } from '@holdfast/domains/quality/core/budget';
import { projectBreach } from '@holdfast/domains/quality/core/projection';
import * as fc from 'fast-check';

const NOW = 1_800_000 * BUCKET;
const LENGTH = 40;
const RECENT = 8;
const HORIZON = 60;

const counts = fc
  .integer({ min: 0, max: 50 })
  .chain((total) => fc.record({ total: fc.constant(total), good: fc.integer({ min: 0, max: total }) }));
const past = fc
  .array(counts, { minLength: LENGTH, maxLength: LENGTH })
  .map((all) => all.map((one, index): Bucket => ({ ...one, at: NOW - (LENGTH - index) * BUCKET })));
/** What is to come if every quarter is like the mean of the last ones: what a projection says, played out. */
const future = (buckets: readonly Bucket[]): { readonly good: number; readonly total: number } => {
  const recent = sumUp(buckets.slice(-RECENT));
  return { good: recent.good / RECENT, total: recent.total / RECENT };
};
const slackOf = (all: readonly { good: number; total: number }[], target: number): number => {
  const { good, total } = sumUp(all);
  return (1 - target) * total - (total - good);
};

const project = (buckets: readonly Bucket[], target: number, endsAt: number | undefined): number | undefined =>
  projectBreach(
    buckets,
    target,
    NOW - RECENT * BUCKET,
    NOW,
    { endsAt, length: LENGTH * BUCKET },
    NOW + HORIZON * BUCKET,
  );

test.each([
  ['rolling', undefined],
  ['calendar', NOW + 30 * BUCKET],
] as const)('of a %s period, the breach that is projected is where it comes when things go on so', (_name, endsAt) => {
  fc.assert(
    fc.property(past, fc.constantFrom(0.5, 0.8, 0.9, 0.99), (buckets, target) => {
      const projected = project(buckets, target, endsAt);
      if (sumUp(buckets.slice(-RECENT)).total === 0) return expect(projected).toBeUndefined();
      if (isBreached(sumUp(buckets), target)) return expect(projected).toBe(NOW);
      const each = future(buckets);
      const steps = endsAt === undefined ? HORIZON : (endsAt - NOW) / BUCKET;
      let crossed: number | undefined;
      for (let n = 1; n <= steps && crossed === undefined; n++) {
        const left = endsAt === undefined ? buckets.slice(n) : buckets;
        const come = Array.from({ length: n }, () => each);
        const slack = slackOf([...left, ...come], target);
        if (Math.abs(slack) < 1e-6) return; // too close to say, with rounding
        if (slack < 0) crossed = n;
      }
      if (crossed === undefined) return expect(projected).toBeUndefined();
      expect(projected).toBeGreaterThanOrEqual(NOW + (crossed - 1) * BUCKET);
      expect(projected).toBeLessThanOrEqual(NOW + crossed * BUCKET);
    }),
  );
});

test('nothing is projected where nothing goes wrong lately, but for what has been', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 30 }), (total, ago) => {
      const buckets = [
        { at: NOW - ago * BUCKET, good: total, total },
        { at: NOW - BUCKET, good: 5, total: 5 },
      ];
      expect(project(buckets, 0.99, undefined)).toBeUndefined();
    }),
  );
});
