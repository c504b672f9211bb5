import { microsOf } from '@holdfast/kernel';
import * as fc from 'fast-check';
import { calendarSpan, type CalendarTerms, isTimeZone, zoneOffsets } from '.';

const span = (at: string, terms: CalendarTerms): string[] => {
  const { from, to } = calendarSpan(microsOf(at), terms);
  return [from, to].map((one) => new Date(one / 1000).toISOString().slice(0, 16));
};
const BERLIN = { zone: 'Europe/Berlin' } as const;

test.each<[string, string, CalendarTerms, string[]]>([
  ['a day', '2026-11-20T12:00:00Z', { unit: 'day', ...BERLIN }, ['2026-11-19T23:00', '2026-11-20T23:00']],
  ['a day of 23 hours', '2026-03-29T12:00:00Z', { unit: 'day', ...BERLIN }, ['2026-03-28T23:00', '2026-03-29T22:00']],
  ['a day of 25 hours', '2026-10-25T12:00:00Z', { unit: 'day', ...BERLIN }, ['2026-10-24T22:00', '2026-10-25T23:00']],
  [
    'a day from six',
    '2026-11-20T04:59:00Z',
    { unit: 'day', startsAt: '06:00', ...BERLIN },
    ['2026-11-19T05:00', '2026-11-20T05:00'],
  ],
  [
    'its first instant',
    '2026-11-20T05:00:00Z',
    { unit: 'day', startsAt: '06:00', ...BERLIN },
    ['2026-11-20T05:00', '2026-11-21T05:00'],
  ],
  ['a week', '2026-11-22T12:00:00Z', { unit: 'week', zone: 'UTC' }, ['2026-11-16T00:00', '2026-11-23T00:00']],
  [
    'a month',
    '2026-02-15T12:00:00Z',
    { unit: 'month', zone: 'America/New_York' },
    ['2026-02-01T05:00', '2026-03-01T05:00'],
  ],
  [
    'a Friday, with its weekend',
    '2026-11-22T12:00:00Z',
    { unit: 'business-day', zone: 'UTC' },
    ['2026-11-20T00:00', '2026-11-23T00:00'],
  ],
  [
    'a Thursday before a long weekend',
    '2026-12-26T12:00:00Z',
    { unit: 'business-day', zone: 'UTC', holidays: ['2026-12-25'] },
    ['2026-12-24T00:00', '2026-12-28T00:00'],
  ],
  [
    'a Sunday where weekends are Friday and Saturday',
    '2026-11-22T12:00:00Z',
    { unit: 'business-day', zone: 'Asia/Riyadh', weekend: [5, 6] },
    ['2026-11-21T21:00', '2026-11-22T21:00'],
  ],
])('%s', (_, at, terms, expected) => {
  expect(span(at, terms)).toEqual(expected);
});

it('covers all time, each instant once', () => {
  const terms = fc.record({
    unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'business-day' as const),
    zone: fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/Sao_Paulo',
      'Asia/Kolkata',
      'Pacific/Apia',
      'Africa/Casablanca',
    ),
    startsAt: fc.constantFrom('00:00', '02:30', '17:45'),
    holidays: fc.subarray(['2026-12-25', '2026-12-28', '2027-01-01']),
  });
  fc.assert(
    fc.property(terms, fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 86_399 }), (one, day, second) => {
      const at = microsOf('2025-06-01T00:00:00Z') + (day * 86_400 + second) * 1_000_000;
      const { from, to } = calendarSpan(at, one);
      expect(from).toBeLessThanOrEqual(at);
      expect(to).toBeGreaterThan(at);
      expect([from % 60_000_000, to % 60_000_000]).toEqual([0, 0]);
      expect(calendarSpan(to, one).from).toBe(to);
      expect(calendarSpan(to - 1, one)).toEqual({ from, to });
    }),
    { numRuns: 500 },
  );
});

it('knows the zones of the IANA database alone', () => {
  expect(['Europe/Berlin', 'UTC', 'Europe/Atlantis', '+02:00', ''].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('tells when the clocks of a zone change, and by how much', () => {
  const of = (zone: string, from: string, to: string): string[] =>
    zoneOffsets(zone, microsOf(from), microsOf(to)).map(
      ({ from: at, offset }) => `${new Date(at / 1000).toISOString().slice(0, 16)} ${offset / 60_000_000}`,
    );
  expect(of('Australia/Lord_Howe', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([
    '2026-01-01T00:00 660',
    '2026-04-04T15:00 630',
    '2026-10-03T15:30 660',
  ]);
  expect(of('Asia/Kathmandu', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual(['2026-01-01T00:00 345']);
  expect(of('Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-29T01:00:00Z')).toEqual(['2026-03-29T01:00 120']);
});
