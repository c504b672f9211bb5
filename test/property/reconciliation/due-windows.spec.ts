import { batchCells, dueWindows, gridOf, slidingWindows } from '@holdfast/domains/reconciliation/core/window';
import * as fc from 'fast-check';

const MINUTE = 60_000_000;
const minute = (from: number, to: number) => fc.integer({ min: from, max: to }).map((at) => at * MINUTE);
/** Windows that share no time, in any order. */
const taken = fc
  .uniqueArray(fc.integer({ min: 0, max: 600 }), { maxLength: 20 })
  .map((bounds) => bounds.sort((a, b) => a - b))
  .map((bounds) =>
    bounds.flatMap((from, index) =>
      index % 2 === 0 && bounds[index + 1] !== undefined
        ? [{ from: from * MINUTE, to: bounds[index + 1]! * MINUTE }]
        : [],
    ),
  )
  .chain((windows) => fc.shuffledSubarray(windows, { minLength: windows.length }));
const seconds = fc.integer({ min: 1, max: 90 }).map((minutes) => minutes * 60);

describe('the windows that a schedule opens', () => {
  it('cover every minute of the cells that have ended, once, and none that somebody took', () => {
    fc.assert(
      fc.property(seconds, minute(0, 300), minute(0, 600), taken, (length, since, now, others) => {
        const due = dueWindows('p', gridOf(length), since, now, others, 10_000);
        const end = gridOf(length)(now).from;
        for (let at = since; at < end; at += MINUTE) {
          const holds = (one: { from: number; to: number }): boolean => one.from <= at && at < one.to;
          expect([at, due.filter(holds).length + others.filter(holds).length]).toEqual([at, 1]);
        }
        for (const { from, to } of due) {
          expect(from).toBeGreaterThanOrEqual(since);
          expect(to).toBeLessThanOrEqual(end);
          expect(to).toBeGreaterThan(from);
          expect(from % MINUTE).toBe(0);
          expect(gridOf(length)(from)).toEqual(gridOf(length)(to - 1));
        }
      }),
    );
  });

  it('are the oldest when there are more than may be opened at once', () => {
    fc.assert(
      fc.property(seconds, minute(0, 300), minute(0, 600), taken, fc.nat(5), (length, since, now, others, most) => {
        const all = dueWindows('p', gridOf(length), since, now, others, 10_000);
        expect(dueWindows('p', gridOf(length), since, now, others, most)).toEqual(all.slice(0, most));
        expect(all).toEqual(all.toSorted((a, b) => a.from - b.from));
      }),
    );
  });

  it.each([
    ['nothing is taken', 9, [], ['9:00-10:00', '10:00-11:00']],
    ['somebody took 9:30 to 10:30', 9, [[9.5, 10.5]], ['9:00-9:30', '10:30-11:00']],
    ['the last one ended off the grid', 9.25, [], ['9:15-10:00', '10:00-11:00']],
    ['a long one takes it all', 9, [[8, 12]], []],
  ])('of an hour, at 11:20, when %s', (_, since, others, expected) => {
    const hour = 60 * MINUTE;
    const text = (at: number): string => `${Math.floor(at / hour)}:${String((at % hour) / MINUTE).padStart(2, '0')}`;
    const found = dueWindows(
      'p',
      gridOf(3600),
      since * hour,
      11 * hour + 20 * MINUTE,
      others.map(([from, to]) => ({ from: from! * hour, to: to! * hour })),
      100,
    );
    expect(found.map(({ from, to }) => `${text(from)}-${text(to)}`)).toEqual(expected);
  });

  it('of a day, after a length of an hour until 10:00, begin with the rest of the day', () => {
    const hour = 60 * MINUTE;
    expect(dueWindows('p', gridOf(86_400), 10 * hour, 49 * hour, [], 100)).toEqual([
      { process: 'p', from: 10 * hour, to: 24 * hour },
      { process: 'p', from: 24 * hour, to: 48 * hour },
    ]);
  });
});

describe('windows that slide', () => {
  it('end on the grid, one after the other, each once', () => {
    fc.assert(
      fc.property(
        seconds,
        fc.integer({ min: 2, max: 5 }),
        minute(0, 300),
        minute(0, 600),
        (every, times, since, now) => {
          const due = slidingWindows('p', { seconds: every * times, every }, since, now, 10_000);
          const ends = due.map(({ to }) => to);
          const wanted: number[] = [];
          for (let end = 0; end <= now; end += every * 1_000_000) if (end > since) wanted.push(end);
          expect(ends).toEqual(wanted);
          for (const { from, to } of due) expect(to - from).toBe(every * times * 1_000_000);
        },
      ),
    );
  });
});

describe('windows of batches', () => {
  it('go from one end to the next and leave nothing out', () => {
    fc.assert(
      fc.property(
        minute(0, 100),
        fc.array(fc.integer({ min: 0, max: 200 * MINUTE }), { maxLength: 12 }),
        (since, ends) => {
          const { cellOf, last: end } = batchCells(ends, since);
          const windows = dueWindows('p', cellOf, since, end, [], 100);
          let at = since;
          for (const { from, to } of windows) {
            expect([from, to % MINUTE]).toEqual([at, 0]);
            expect(to).toBeGreaterThan(from);
            at = to;
          }
          const last = Math.max(since, ...ends);
          expect(at - last).toBeLessThan(MINUTE);
          expect(at).toBeGreaterThanOrEqual(last);
        },
      ),
    );
  });
});
