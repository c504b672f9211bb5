import type { Range } from '@holdfast/domains/findings/core/ranges';
import { countIn, merged, within, without } from '@holdfast/domains/findings/core/ranges';
import {
  dueGaps,
  RESTART,
  type Run,
  type SequenceState,
  settled,
  summedUp,
  take,
} from '@holdfast/domains/findings/core/sequence';
import * as fc from 'fast-check';

const numbersIn = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
const missingIn = ({ gaps }: SequenceState): number[] => numbersIn(gaps.flatMap(({ missing }) => missing));

/** Numbers as the query makes runs of them: by batch, within a batch in order, each one more than the one before. */
function runsOf(batches: readonly (readonly number[])[]): Run[] {
  const runs: { from: number; to: number; firstAt: number; lastAt: number; twice: Range[] }[] = [];
  for (const [at, batch] of batches.entries())
    for (const number of [...new Set(batch)].sort((a, b) => a - b)) {
      const last = runs.at(-1);
      const twice = batch.filter((one) => one === number).length > 1 ? [{ from: number, to: number }] : [];
      if (last && number === last.to + 1)
        Object.assign(last, { to: number, lastAt: at, twice: [...last.twice, ...twice] });
      else runs.push({ from: number, to: number, firstAt: at, lastAt: at, twice });
    }
  return runs;
}

interface Seen {
  readonly state: SequenceState | undefined;
  readonly reused: number[];
  readonly late: number;
  readonly restarts: number[];
}
function takeAll(runs: readonly Run[], tolerance: number): Seen {
  const seen = {
    state: undefined as SequenceState | undefined,
    reused: [] as number[],
    late: 0,
    restarts: [] as number[],
  };
  for (const run of runs) {
    const { state, reused, late, restartedAfter } = take(seen.state, run, tolerance);
    seen.state = state;
    seen.reused.push(...numbersIn(reused));
    seen.late += late;
    if (restartedAfter !== undefined) seen.restarts.push(restartedAfter);
  }
  return seen;
}

/** One number after the other, each compared with all that came before. */
function naive(batches: readonly (readonly number[])[], tolerance: number) {
  const seen = new Set<number>();
  const reused = new Set<number>();
  let late = 0;
  let highest = -1;
  for (const batch of batches) {
    const before = highest;
    for (const number of batch) {
      if (seen.has(number)) reused.add(number);
      else if (seen.size > 0 && number < before - tolerance) late++;
      seen.add(number);
      highest = Math.max(highest, number);
    }
  }
  const missing: number[] = [];
  for (let number = Math.min(...seen); number <= highest; number++) if (!seen.has(number)) missing.push(number);
  return { missing, reused: [...reused].sort((a, b) => a - b), late };
}

const byNumber = (a: number, b: number): number => a - b;
/** Below the distance that a restart takes: late, twice, in any order. */
const arrivals = fc.array(fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 30,
});

test('runs say what single numbers do: what is missing, used again, and late', () => {
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 0, max: 20 }), (batches, tolerance) => {
      const seen = takeAll(runsOf(batches), tolerance);
      const expected = naive(batches, tolerance);
      expect(missingIn(seen.state!)).toEqual(expected.missing);
      expect([...new Set(seen.reused)].sort(byNumber)).toEqual(expected.reused);
      expect(seen.late).toBe(expected.late);
      expect(seen.restarts).toEqual([]);
      const { state } = seen;
      expect(state!.count).toBe(new Set(batches.flat()).size);
    }),
    { numRuns: 500 },
  );
});

test('it does not matter where an inspection ends and the next begins', () => {
  fc.assert(
    fc.property(arrivals, fc.nat(30), (batches, cut) => {
      const whole = takeAll(runsOf(batches), 5).state!;
      const [first, second] = [runsOf(batches.slice(0, cut)), runsOf(batches.slice(cut))];
      let state: SequenceState | undefined;
      for (const run of [...first, ...second]) ({ state } = take(state, run, 5));
      expect(missingIn(state!)).toEqual(missingIn(whole));
      expect([state!.lowest, state!.highest, state!.count]).toEqual([whole.lowest, whole.highest, whole.count]);
    }),
  );
});

test('a numbering that begins anew is no gap, and its own gaps are found', () => {
  const epoch = fc.record({
    length: fc.integer({ min: 150, max: 400 }),
    lost: fc.uniqueArray(fc.integer({ min: 20, max: 120 }), { maxLength: 10 }),
  });
  fc.assert(
    fc.property(
      fc.array(epoch, { minLength: 1, maxLength: 4 }),
      // Whole numberings in a batch or two as well: what comes in between is short, and what overtakes the numbering before is long.
      fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 500 })), { minLength: 1 }),
      (epochs, batchSizes) => {
        let state: SequenceState | undefined;
        const restarts: number[] = [];
        const told: number[] = [];
        for (const { length, lost } of epochs) {
          const numbers = Array.from({ length }, (_, n) => n + 1).filter((number) => !lost.includes(number));
          const batches: number[][] = [];
          for (let at = 0, n = 0; at < numbers.length; n++) {
            const size = batchSizes[n % batchSizes.length]!;
            batches.push(numbers.slice(at, at + size));
            at += size;
          }
          for (const run of runsOf(batches)) {
            const taken = take(state, run, 0);
            state = taken.state;
            if (taken.restartedAfter !== undefined) restarts.push(taken.restartedAfter);
            told.push(...numbersIn(taken.lost.flatMap(({ missing }) => missing)));
          }
        }
        expect(restarts).toEqual(epochs.slice(0, -1).map(({ length }) => length));
        expect([...told, ...missingIn(state!)].sort(byNumber)).toEqual(
          epochs.flatMap(({ lost }) => lost).sort(byNumber),
        );
      },
    ),
  );
});

test('a numbering that begins anew and overtakes the one before at once is no duplicate', () => {
  const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
  const yesterday = numbers(1, 150).filter((number) => number !== 77);
  const { state, restarts, reused } = takeAll(runsOf([yesterday, [1, 2], numbers(3, 200)]), 0);
  expect(restarts).toEqual([150]);
  expect([state!.lowest, state!.highest, state!.count, missingIn(state!), reused]).toEqual([1, 200, 200, [], []]);
});

test('a few old numbers that come again are no restart while the new ones go on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: RESTART.believedAfter - 1 }), (again) => {
      const first = Array.from({ length: 200 }, (_, n) => n + 1);
      const { state, restarts, reused } = takeAll(runsOf([first, first.slice(0, again), [201, 202]]), 0);
      expect(restarts).toEqual([]);
      expect([state!.highest, missingIn(state!)]).toEqual([202, []]);
      expect([...new Set(reused)].sort(byNumber)).toEqual(first.slice(0, again));
    }),
  );
});

test('a gap is due after the grace, told once, and closed when it is filled', () => {
  const gap = take(
    take(undefined, runsOf([[1, 2]])[0]!, 0).state,
    { from: 5, to: 6, firstAt: 100, lastAt: 100, twice: [] },
    0,
  ).state;
  expect(dueGaps(gap, 99).due).toEqual([]);
  expect(dueGaps(gap, 100).due).toMatchObject([{ from: 3, to: 4 }]);
  const told = settled(gap, 100);
  expect(dueGaps(told, 200)).toEqual({ due: [], closed: [] });
  const filled = take(told, { from: 3, to: 4, firstAt: 300, lastAt: 300, twice: [] }, 0).state;
  expect(dueGaps(filled, 400)).toMatchObject({ due: [], closed: [{ from: 3, to: 4, missing: [] }] });
  expect(settled(filled, 400).gaps).toEqual([]);
});

test('of many gaps that are due the last is the sum of the rest, and closes number by number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 60 }), (most, gaps) => {
      const every = Array.from({ length: gaps + 1 }, (_, n) => 2 * n);
      const { state } = takeAll(runsOf([every]), 0);
      const summed = { ...state!, gaps: summedUp(state!.gaps, 0, most) };
      expect(summed.gaps.length).toBe(Math.min(most, gaps));
      expect(missingIn(summed)).toEqual(missingIn(state!));
      const told = settled(summed, 0);
      const missing = missingIn(told);
      let after: SequenceState = told;
      for (const run of runsOf(missing.slice(1).map((number) => [number]))) after = take(after, run, 0).state;
      expect(missingIn(after)).toEqual(missing.slice(0, 1));
      expect(dueGaps(after, 1).closed.length).toBe(Math.min(most, gaps) - 1);
    }),
  );
});

test('ranges do what sets do', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  fc.assert(
    fc.property(range, fc.array(range, { maxLength: 6 }), (one, others) => {
      const taken = new Set(numbersIn(others));
      const apart = merged(others);
      expect(numbersIn(apart)).toEqual([...taken].sort(byNumber));
      expect(countIn(apart)).toBe(taken.size);
      expect(numbersIn(without(one, apart))).toEqual(numbersIn([one]).filter((number) => !taken.has(number)));
      expect(numbersIn(within(apart, one))).toEqual(numbersIn([one]).filter((number) => taken.has(number)));
    }),
  );
});
