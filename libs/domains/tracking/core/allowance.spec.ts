import * as fc from 'fast-check';
import { Allowance, secondsToNextDay } from './allowance';

describe('an allowance', () => {
  it('lets a burst in, then holds the rate, whatever the batches: never more than burst, a batch and the rate together', () => {
    const batches = fc.array(
      fc.record({ count: fc.integer({ min: 1, max: 500 }), after: fc.double({ min: 0, max: 3, noNaN: true }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 300 }), batches, (rate, burst, all) => {
        const allowance = new Allowance(rate, burst, 0);
        let [now, taken, largest] = [0, 0, 0];
        for (const { count, after } of all) {
          now += after;
          for (let wait = allowance.take(count, now); wait > 0; wait = allowance.take(count, now)) now += wait;
          taken += count;
          largest = Math.max(largest, count);
        }
        expect(taken).toBeLessThanOrEqual(burst + largest + rate * now + 1e-6);
      }),
    );
  });

  it('tells the wait exactly: just before it, nothing is let in', () => {
    const allowance = new Allowance(10, 5, 0);
    expect(allowance.take(25, 0)).toBe(0);
    expect(allowance.take(1, 0)).toBeCloseTo(2.1);
    expect(allowance.take(1, 1.9)).toBeGreaterThan(0);
    expect(allowance.take(1, 2.1)).toBe(0);
  });

  it('costs nothing for what is given back', () => {
    const allowance = new Allowance(1, 10, 0);
    for (let round = 0; round < 100; round++) {
      expect(allowance.take(10, 0)).toBe(0);
      allowance.giveBack(10);
    }
  });
});

it('the next day begins at midnight of UTC', () => {
  expect(secondsToNextDay(Date.parse('2026-11-20T23:59:30Z') * 1000)).toBe(30);
  expect(secondsToNextDay(Date.parse('2026-11-20T00:00:00Z') * 1000)).toBe(86_400);
});
