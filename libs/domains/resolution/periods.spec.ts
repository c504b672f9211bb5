import { formatInstant } from '@holdfast/kernel';
import { kindOfPeriod, spanOf } from './periods';

const text = (period: string, zone: string): string[] =>
  Object.values(spanOf(period, zone)).map((at: number) => formatInstant(at));

describe('a period', () => {
  it.each([
    ['2026-11-20', 'UTC', '2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'],
    ['2026-11', 'Europe/Berlin', '2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z'],
    ['2026-Q4', 'America/New_York', '2026-10-01T04:00:00Z', '2027-01-01T05:00:00Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'], // 23 hours
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'], // 25 hours
    ['2026-12', 'Asia/Kolkata', '2026-11-30T18:30:00Z', '2026-12-31T18:30:00Z'],
    // A day that begins at one o'clock: the clock jumps at midnight.
    ['2026-03-08', 'America/Havana', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ['2028-02-29', 'UTC', '2028-02-29T00:00:00Z', '2028-03-01T00:00:00Z'],
  ])('%s in %s', (period, zone, from, to) => {
    expect(text(period, zone)).toEqual([from, to]);
  });
  it.each(['2026', '2026-13', '2026-02-30', '2026-Q5', '2026-q1', '26-01', '2026-1', '', 'x', '2026-11-20T00'])(
    '%s is none',
    (period) => {
      expect(() => kindOfPeriod(period)).toThrow(expect.objectContaining({ code: 'invalid_period' }));
    },
  );
});
