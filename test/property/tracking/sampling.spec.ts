import { isSampled, weightOf } from '@holdfast/domains/tracking/core/sampling';
import { fractionOf } from '@holdfast/domains/tracking/intake/hashing';
import * as fc from 'fast-check';

const rates = fc.double({ min: 0.02, max: 1, noNaN: true });

it('weighted counts are unbiased: over many correlation ids they come to what was sent', () => {
  fc.assert(
    fc.property(rates, fc.string(), (rate, prefix) => {
      const sent = 5_000;
      let weighted = 0;
      for (let n = 0; n < sent; n++) if (isSampled(fractionOf(`${prefix}${n}`), rate)) weighted += weightOf(rate);
      const deviation = Math.sqrt((sent * (1 - rate)) / rate);
      expect(Math.abs(weighted - sent)).toBeLessThanOrEqual(5.5 * deviation + 1e-6);
    }),
    { numRuns: 60 },
  );
});

it('what is kept at a rate is kept at each higher one; at 1 everything is', () => {
  fc.assert(
    fc.property(fc.string(), rates, rates, (id, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      if (isSampled(fractionOf(id), low)) expect(isSampled(fractionOf(id), high)).toBe(true);
      expect(isSampled(fractionOf(id), 1)).toBe(true);
    }),
  );
});
