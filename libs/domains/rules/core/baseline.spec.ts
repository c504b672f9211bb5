import { expectedFrom, type Past, pettitt } from './baseline';

const WEEK = 168 * 3_600_000_000;
/** Values of one hour of each week, some minutes apart. */
const weeksOf = (weeks: readonly (readonly number[])[]): Past[] =>
  weeks.flatMap((values, week) => values.map((value, i) => ({ at: (week + 1) * WEEK + i * 300_000_000, value })));
const around = (level: number): number[] =>
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => level + ((i * 7) % 5) - 2);

it('is not moved by one week that was wrong, and left out what is known to be wrong', () => {
  const wrong = weeksOf([around(100), around(9_000), around(100), around(100)]);
  expect(expectedFrom(wrong, [], 3, true)).toMatchObject({ median: 100.5 });
  const leftOut = [{ from: 2 * WEEK, to: 2 * WEEK + 3_600_000_000 }];
  expect(expectedFrom(wrong, leftOut, 3, true)).toEqual({ median: 100, deviation: 10 });
  expect(expectedFrom(wrong, leftOut, 4, true)).toBeUndefined();
});

it('has a deviation where more than half of the values are the same', () => {
  expect(
    expectedFrom(
      weeksOf([
        [5, 5],
        [5, 5],
        [5, 5],
      ]),
      [],
      3,
      false,
    ),
  ).toEqual({ median: 5, deviation: 0.05 });
  expect(
    expectedFrom(
      weeksOf([
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
      [],
      3,
      true,
    ),
  ).toEqual({ median: 0, deviation: 1 });
});

it('begins anew behind a change of level', () => {
  const changed = weeksOf([100, 100, 100, 100, 300, 300, 300, 300].map(around));
  expect(expectedFrom(changed, [], 3, true)!.median).toBe(300);
  // Two weeks of the new level are not enough to expect it.
  expect(expectedFrom(weeksOf([100, 100, 100, 100, 100, 100, 300, 300].map(around)), [], 3, true)).toBeUndefined();
});

it("finds the change point that Pettitt's test finds", () => {
  expect(pettitt([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2])).toBeUndefined();
  const shifted = [
    ...Array.from({ length: 15 }, (_, i) => i % 3),
    ...Array.from({ length: 15 }, (_, i) => 10 + (i % 3)),
  ];
  expect(pettitt(shifted)).toBe(15);
});
