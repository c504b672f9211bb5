import { formatInstant, parseInstant } from '@holdfast/kernel';
import * as fc from 'fast-check';

const DAY = 86_400_000_000;
/** The calendar day by day from 1970, as a clerk would keep it. */
const calendar = (() => {
  const days = new Map<string, number>();
  const lengths = (year: number): number[] => {
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  };
  let day = 0;
  for (let year = 1970; year <= 2250; year++)
    lengths(year).forEach((length, month) => {
      for (let date = 1; date <= length; date++)
        days.set(`${year}-${String(month + 1).padStart(2, '0')}-${String(date).padStart(2, '0')}`, day++);
    });
  return days;
})();

const two = (n: number): string => String(n).padStart(2, '0');
const dates = [...calendar.keys()];
const clock = fc.record({
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
  second: fc.integer({ min: 0, max: 60 }),
  fraction: fc.option(fc.stringMatching(/^\d{1,9}$/), { nil: '' }),
  zone: fc.oneof(
    fc.constantFrom('Z', 'z', '+00:00', '-00:00'),
    fc
      .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([sign, hours, minutes]) => `${sign}${two(hours)}:${two(minutes)}`),
  ),
  separator: fc.constantFrom('T', 't'),
});
type Clock = typeof clock extends fc.Arbitrary<infer T> ? T : never;
const textOf = (date: string, { hour, minute, second, fraction, zone, separator }: Clock): string =>
  `${date}${separator}${two(hour)}:${two(minute)}:${two(second)}${fraction && `.${fraction}`}${zone}`;

describe('instants', () => {
  it('are what the calendar, counted day by day, says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...dates), clock, (date, of) => {
        const offset = /^[zZ]$/.test(of.zone)
          ? 0
          : (of.zone.startsWith('-') ? -1 : 1) * (Number(of.zone.slice(1, 3)) * 60 + Number(of.zone.slice(4)));
        const seconds = of.hour * 3600 + (of.minute - offset) * 60 + of.second;
        const micros = Number(of.fraction.padEnd(6, '0').slice(0, 6));
        expect(parseInstant(textOf(date, of))).toBe(calendar.get(date)! * DAY + seconds * 1_000_000 + micros);
      }),
      { numRuns: 3_000 },
    );
  });

  it('of every day since 1970 are those of Date', () => {
    const wrong = [...calendar].filter(([date, day]) => parseInstant(`${date}T00:00:00Z`) !== day * DAY);
    expect(wrong).toEqual([]);
    expect(calendar.get('2000-02-29')).toBe(Date.parse('2000-02-29T00:00:00Z') / 86_400_000);
  });

  it.each(['0001-01-01', '0000-02-29', '0400-02-29', '1899-12-31', '1900-03-01', '1969-12-31'])(
    'before 1970 are those of Date: %s',
    (date) => expect(parseInstant(`${date}T12:30:00Z`)).toBe(Date.parse(`${date}T12:30:00.000Z`) * 1000),
  );

  it('come back from their text, in any form that was written', () => {
    const micros = fc.integer({ min: 0, max: 8_800_000_000_000_000 });
    const round = fc.constantFrom(1, 1_000, 1_000_000);
    fc.assert(
      fc.property(micros, round, (at, unit) => {
        const rounded = at - (at % unit);
        const text = formatInstant(rounded);
        expect(parseInstant(text)).toBe(rounded);
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z$/);
        if (rounded % 1_000_000 === 0) expect(text).not.toContain('.');
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['no offset', '2026-01-01T00:00:00'],
    ['a space', '2026-01-01 00:00:00Z'],
    ['no such month', '2026-13-01T00:00:00Z'],
    ['no month', '2026-00-01T00:00:00Z'],
    ['no such day', '2026-02-29T00:00:00Z'],
    ['no leap year', '2100-02-29T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['hour 24', '2026-01-01T24:00:00Z'],
    ['minute 60', '2026-01-01T00:60:00Z'],
    ['second 61', '2026-01-01T00:00:61Z'],
    ['offset of a day', '2026-01-01T00:00:00+24:00'],
    ['offset of minutes beyond an hour', '2026-01-01T00:00:00+00:60'],
    ['offset without its colon', '2026-01-01T00:00:00+0100'],
    ['an empty fraction', '2026-01-01T00:00:00.Z'],
    ['five digits of a year', '12026-01-01T00:00:00Z'],
    ['other digits', '２０２６-01-01T00:00:00Z'],
    ['a line end', '2026-01-01T00:00:00Z\n'],
    ['a date alone', '2026-01-01'],
  ])('are not read from what is none: %s', (_what, text) => expect(parseInstant(text)).toBeUndefined());

  it('are not read from random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseInstant(text) === undefined));
  });
});
