import { budgetLeft, burnRate, isBreached, judge, type Tally } from './budget';

const tally = (bad: number, total: number): Tally => ({ good: total - bad, total });

describe('a budget', () => {
  it.each([
    // bad, total, target, breached, left
    [0, 1_000, 0.999, false, 1],
    [1, 1_000, 0.999, false, 0],
    [2, 1_000, 0.999, true, -1],
    [1, 999, 0.999, true, 1 - 1 / 0.999],
    [1, 10, 0.9, false, 0],
    [3, 10, 0.7, false, 0],
    [0, 10, 1, false, undefined],
    [1, 10, 1, true, undefined],
    [0, 0, 0.9, false, undefined],
    [2_592_000, 2_592_000_000_000, 0.999_999, false, 0],
    [2_592_001, 2_592_000_000_000, 0.999_999, true, -1 / 2_592_000],
  ])('of %i bad in %i for %f: breached is %s, left %s', (bad, total, target, breached, left) => {
    expect(isBreached(tally(bad, total), target)).toBe(breached);
    const found = budgetLeft(tally(bad, total), target);
    if (left === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(left, 9);
  });

  it('is burnt at 1 where as much goes wrong as may', () => {
    expect(burnRate(tally(1, 1_000), 0.999)).toBeCloseTo(1, 9);
    expect(burnRate(tally(144, 10_000), 0.999)).toBeCloseTo(14.4, 9);
    expect(burnRate(tally(0, 10), 0.999)).toBe(0);
    expect(burnRate(tally(1, 10), 1)).toBeUndefined();
    expect(burnRate(tally(0, 0), 0.9)).toBeUndefined();
  });
});

describe('the state', () => {
  const terms = { target: 0.9, minimumObservations: 10 };
  it.each([
    // bad, total, observations, projected, state, reason
    [0, 0, 0, undefined, 'insufficient_data', 'nothing_observed'],
    [0, 9, 9, undefined, 'insufficient_data', 'too_few_observations'],
    [9, 9, 9, undefined, 'insufficient_data', 'too_few_observations'],
    [0, 9, 9, 50, 'insufficient_data', 'too_few_observations'],
    [0, 10, 10, undefined, 'met', undefined],
    [1, 10, 10, undefined, 'met', undefined],
    [1, 10, 10, 100, 'at_risk', undefined],
    [1, 10, 10, 101, 'met', undefined],
    [2, 10, 10, undefined, 'breached', undefined],
    [2, 10, 10, 50, 'breached', undefined],
  ] as const)(
    'with %i bad of %i, %i observed, a breach projected at %s: %s',
    (bad, total, seen, projected, state, reason) => {
      expect(judge(tally(bad, total), seen, terms, projected, 100)).toEqual({ state, reason });
    },
  );
});
