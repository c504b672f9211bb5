import { beginnings } from '@holdfast/platform/calendar/beginnings';
import { readRecurrence } from '@holdfast/platform/calendar/recurrence';
import * as fc from 'fast-check';

const DAY = 86_400_000_000;
const MINUTE = 60_000_000;
const START = Date.UTC(2023, 11, 1) * 1000;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const ORDINALS = ['1MO', '3TU', '-1FR', '-2SU', '5WE', '2SA'];

const some = <T>(of: readonly T[]): fc.Arbitrary<T[]> =>
  fc.oneof(fc.constant<T[]>([]), fc.subarray([...of], { minLength: 1, maxLength: Math.min(4, of.length) }));
const none = fc.constant<number[]>([]);
/** Rules of all parts; many are refused, or never occur. */
const rules = fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY').chain((freq) =>
  fc
    .record({
      INTERVAL: fc.integer({ min: 1, max: 4 }).map((one) => [one]),
      BYMONTH: some([1, 2, 3, 6, 10, 12]),
      BYMONTHDAY: freq === 'WEEKLY' ? none : some([1, 2, 13, 28, 29, 30, 31, -1, -3, -31]),
      BYYEARDAY: freq === 'YEARLY' ? some([1, 60, 100, 365, 366, -1, -366]) : none,
      BYWEEKNO: freq === 'YEARLY' ? some([1, 2, 20, 52, 53, -1]) : none,
      BYDAY: fc.oneof(some(WEEKDAYS), freq === 'MONTHLY' || freq === 'YEARLY' ? some(ORDINALS) : some(WEEKDAYS)),
      BYHOUR: some([6, 9, 22]),
      BYMINUTE: some([0, 30]),
      BYSETPOS: fc.constantFrom([], [], [1], [2], [-1], [-2]),
      WKST: fc.constantFrom(['MO'], ['SU'], ['WE']),
    })
    .map((parts) =>
      Object.entries(parts)
        .filter(([, values]) => values.length > 0)
        .reduce((text, [name, values]) => `${text};${name}=${values.join(',')}`, `FREQ=${freq}`),
    ),
);

it('reads or refuses whatever it is given, without repeating it, and what it reads ends', () => {
  const part = fc
    .tuple(
      fc.constantFrom('FREQ', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYHOUR', 'BYSETPOS', 'WKST', 'X', '', 'freq'),
      fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.constantFrom('DAILY', 'YEARLY', '-1', '3TU', '20270101T000000Z', '99999999'),
      ),
    )
    .map(([name, value]) => `${name}=${value}`);
  const texts = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(part, { maxLength: 5 }).map((all) => all.join(';')),
  );
  fc.assert(
    fc.property(texts, fc.string({ minLength: 13 }), (text, odd) => {
      for (const one of [text, `FREQ=DAILY;${text}`, `FREQ=DAILY;${odd}=1`]) {
        const read = readRecurrence(one);
        if ('fault' in read) expect(read.fault).not.toContain(odd);
        else expect(beginnings(read, START, START, START + 1_000 * DAY).every((at) => at >= START)).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('says the same of a span as of its parts, and of a rule with COUNT as of the first ones without', () => {
  const cut = fc.integer({ min: 0, max: 1_000 });
  fc.assert(
    fc.property(
      rules,
      fc.integer({ min: 0, max: 800 }),
      cut,
      fc.integer({ min: 1, max: 50 }),
      (text, offset, at, count) => {
        const [read, counted] = [readRecurrence(text), readRecurrence(`${text};COUNT=${count}`)];
        if ('fault' in read || 'fault' in counted) return fc.pre(false);
        const start = START + offset * DAY + 9 * 60 * MINUTE;
        const [middle, end] = [start + at * DAY + 17 * MINUTE, start + 1_000 * DAY];
        const whole = beginnings(read, start, start, end);
        expect([...beginnings(read, start, start, middle), ...beginnings(read, start, middle, end)]).toEqual(whole);
        expect(beginnings(counted, start, middle, end)).toEqual(whole.slice(0, count).filter((one) => one >= middle));
        expect(whole).toEqual([...new Set(whole)].sort((a, b) => a - b));
      },
    ),
    { numRuns: 500 },
  );
});
