import { formatInstant, microsOf } from '@holdfast/kernel';
import { firstOccurrence, spansOf } from './occurrences';

const HOUR = 3_600_000_000;
const nightly = (zone: string, start: string, seconds: number, rrule = 'FREQ=DAILY') =>
  ({ kind: 'recurring', zone, start, durationSeconds: seconds, rrule }) as const;
const told = (when: Parameters<typeof spansOf>[0], from: string, to: string): string[] =>
  spansOf(when, microsOf(from), microsOf(to)).map((one) => `${formatInstant(one.from)} ${formatInstant(one.to)}`);

/** From 22:00 to 06:00 where it is: the nights in which the clocks change, forward and back, in UTC. The one is an hour (or half of one) shorter, the other longer. */
test.each([
  ['Europe/Berlin', '2026-03-28T21:00:00Z 2026-03-29T04:00:00Z', '2026-10-24T20:00:00Z 2026-10-25T05:00:00Z'],
  ['Europe/London', '2026-03-28T22:00:00Z 2026-03-29T05:00:00Z', '2026-10-24T21:00:00Z 2026-10-25T06:00:00Z'],
  ['America/New_York', '2026-03-08T03:00:00Z 2026-03-08T10:00:00Z', '2026-11-01T02:00:00Z 2026-11-01T11:00:00Z'],
  ['America/Los_Angeles', '2026-03-08T06:00:00Z 2026-03-08T13:00:00Z', '2026-11-01T05:00:00Z 2026-11-01T14:00:00Z'],
  ['America/St_Johns', '2026-03-08T01:30:00Z 2026-03-08T08:30:00Z', '2026-11-01T00:30:00Z 2026-11-01T09:30:00Z'],
  ['America/Santiago', '2026-09-06T02:00:00Z 2026-09-06T09:00:00Z', '2026-04-05T01:00:00Z 2026-04-05T10:00:00Z'],
  ['Australia/Sydney', '2026-10-03T12:00:00Z 2026-10-03T19:00:00Z', '2026-04-04T11:00:00Z 2026-04-04T20:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T11:30:00Z 2026-10-03T19:00:00Z', '2026-04-04T11:00:00Z 2026-04-04T19:30:00Z'],
  ['Pacific/Auckland', '2026-09-26T10:00:00Z 2026-09-26T17:00:00Z', '2026-04-04T09:00:00Z 2026-04-04T18:00:00Z'],
  ['Pacific/Chatham', '2026-09-26T09:15:00Z 2026-09-26T16:15:00Z', '2026-04-04T08:15:00Z 2026-04-04T17:15:00Z'],
])('in %s a window from 22:00 to 06:00 keeps to the clocks', (zone, forward, back) => {
  const when = nightly(zone, '2026-01-01T22:00', 8 * 3_600);
  for (const night of [forward, back]) {
    const [from, to] = night.split(' ').map(microsOf) as [number, number];
    expect(told(when, formatInstant(from + 1), formatInstant(to - 1))).toEqual([night]);
    // The nights before and after it are of eight hours, and touch nothing.
    const around = spansOf(when, from - 20 * HOUR, to + 20 * HOUR);
    expect(around.map((one) => (one.to - one.from) / HOUR)).toEqual([8, (to - from) / HOUR, 8]);
  }
});

test('the third Tuesday, from 22:00 on for four hours, where it is', () => {
  const when = nightly('Europe/Berlin', '2026-01-01T22:00', 4 * 3_600, 'FREQ=MONTHLY;BYDAY=3TU');
  expect(told(when, '2026-02-20T00:00:00Z', '2026-04-30T00:00:00Z')).toEqual([
    '2026-03-17T21:00:00Z 2026-03-18T01:00:00Z',
    '2026-04-21T20:00:00Z 2026-04-22T00:00:00Z',
  ]);
});

test('what lies in the hour that is skipped does not happen; in the one that comes twice it begins the first time', () => {
  const when = nightly('Europe/Berlin', '2026-01-01T02:15', 1_800);
  expect(told(when, '2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual([
    '2026-03-28T01:15:00Z 2026-03-28T01:45:00Z',
    '2026-03-30T00:15:00Z 2026-03-30T00:45:00Z',
  ]);
  expect(told(when, '2026-10-25T00:00:00Z', '2026-10-26T00:00:00Z')).toEqual([
    '2026-10-25T00:15:00Z 2026-10-25T00:45:00Z',
  ]);
});

test('UNTIL is an instant, and counts for the beginning', () => {
  const when = nightly(
    'America/New_York',
    '1999-12-30T09:00'.replace('1999', '2025'),
    7_200,
    'FREQ=DAILY;UNTIL=20260101T140000Z',
  );
  expect(told(when, '2025-12-01T00:00:00Z', '2026-12-01T00:00:00Z').map((one) => one.slice(0, 10))).toEqual([
    '2025-12-30',
    '2025-12-31',
    '2026-01-01',
  ]);
});

test('one-off windows are instants, or what the clocks of a zone show', () => {
  const local = { kind: 'one-off', zone: 'Europe/Berlin', from: '2026-03-29T01:00', to: '2026-03-29T04:00' } as const;
  expect(told(local, '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([
    '2026-03-29T00:00:00Z 2026-03-29T02:00:00Z',
  ]);
  expect(
    told(
      { kind: 'one-off', from: '2026-03-29T01:00:00+01:00', to: '2026-03-29T04:00:00Z' },
      '2026-03-29T03:00:00Z',
      '2026-03-29T03:00:01Z',
    ),
  ).toEqual(['2026-03-29T00:00:00Z 2026-03-29T04:00:00Z']);
  expect(spansOf({ ...local, from: '2026-03-29T02:10', to: '2026-03-29T02:50' }, 0, Number.MAX_SAFE_INTEGER)).toEqual(
    [],
  );
});

test.each([
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', false],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', true],
  ['FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=2', false],
  ['FREQ=DAILY;UNTIL=20251231T000000Z', false],
  ['FREQ=YEARLY;INTERVAL=11;BYMONTHDAY=1;BYMONTH=1;BYYEARDAY=2', false],
  ['FREQ=WEEKLY;BYDAY=SU', true],
])('%s occurs: %s', (rrule, occurs) => {
  expect(firstOccurrence(nightly('Europe/Berlin', '2026-01-01T22:00', 60, rrule)) !== undefined).toBe(occurs);
});
