import { formatInstant, microsOf, ZoneClock } from '@holdfast/kernel';
import { zoneOffsets } from '@holdfast/platform/calendar';
import { everApplies } from './layer-spans';
import type { Layer, ScheduleDefinition } from './schedule';
import { assignments } from './timeline';

const layer = (over: Partial<Layer>): Layer => ({
  ...{ name: 'first', rotation: { kind: 'daily' }, handover: '02:30', start: '2026-01-01', restrictions: [] },
  ...{ participants: ['ada', 'bo'] },
  ...over,
});
function handovers(zone: string, one: Partial<Layer>, from: string, to: string): string[] {
  const [first, last] = [microsOf(from), microsOf(to)];
  const definition: ScheduleDefinition = { zone, layers: [layer(one)], owner: 'team', reportGaps: true };
  const clock = new ZoneClock(zoneOffsets(zone, first - 432e9, last + 432e9));
  return assignments([{ definition, clock, from: first, to: last }], [], first, last)
    .slice(1)
    .map((held) => formatInstant(held.from));
}

// Instants of changes: the IANA database. At 02:30 the clocks of each place show nothing, or show it twice.
test.each([
  // 02:30 is skipped: right behind the gap, at 03:00 CEST.
  ['Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']],
  // 02:30 comes twice: the first one is of CEST.
  ['Europe/Berlin', '2026-10-24T12:00:00Z', ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']],
  ['America/New_York', '2026-03-07T12:00:00Z', ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z']],
  // Clocks go back at 02:00 to 01:00: 02:30 comes once.
  ['America/New_York', '2026-10-31T12:00:00Z', ['2026-11-01T07:30:00Z', '2026-11-02T07:30:00Z']],
  // From +10:30 to +11 at 02:00, which is then 02:30.
  ['Australia/Lord_Howe', '2026-10-03T00:00:00Z', ['2026-10-03T15:30:00Z', '2026-10-04T15:30:00Z']],
  // From +11 to +10:30 at 02:00, which is then 01:30 again: 02:30 comes once.
  ['Australia/Lord_Howe', '2026-04-04T00:00:00Z', ['2026-04-04T16:00:00Z', '2026-04-05T16:00:00Z']],
])('hands over in %s from %s', (zone, from, expected) => {
  expect(handovers(zone, {}, from, formatInstant(microsOf(from) + 48 * 3_600e6))).toEqual(expected);
});

test.each([
  ['America/New_York', '01:30', '2026-10-31T12:00:00Z', '2026-11-01T05:30:00Z'],
  ['Australia/Lord_Howe', '01:45', '2026-04-04T00:00:00Z', '2026-04-04T14:45:00Z'],
  ['Australia/Lord_Howe', '02:15', '2026-10-03T00:00:00Z', '2026-10-03T15:30:00Z'],
])('in %s at %s from %s it is at %s', (zone, handover, from, expected) => {
  expect(handovers(zone, { handover }, from, formatInstant(microsOf(from) + 24 * 3_600e6))).toEqual([expected]);
});

test('a shift over the change is of 23 or 25 hours, a week of 167 or 169, and nobody drifts', () => {
  const lengths = (one: Partial<Layer>, from: string, to: string): number[] => {
    const at = handovers('Europe/Berlin', { handover: '08:00', ...one }, from, to).map(microsOf);
    return at.slice(1).map((next, i) => (next - at[i]!) / 3_600e6);
  };
  expect(lengths({}, '2026-03-27T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([23, 24]);
  expect(lengths({}, '2026-10-23T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([25, 24]);
  const weekly = { rotation: { kind: 'weekly', weekday: 'monday' } } as const;
  expect(lengths(weekly, '2026-03-16T12:00:00Z', '2026-04-07T12:00:00Z')).toEqual([167, 168]);
  expect(lengths(weekly, '2026-10-12T12:00:00Z', '2026-11-03T12:00:00Z')).toEqual([169, 168]);
  const half = { rotation: { kind: 'custom', hours: 12 } } as const;
  expect(lengths(half, '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([11, 12, 12]);
});

test('a weekly layer that starts on another day begins with a short turn', () => {
  const one = { rotation: { kind: 'weekly', weekday: 'friday' }, handover: '09:00', start: '2026-06-03' } as const;
  expect(handovers('UTC', one, '2026-06-01T00:00:00Z', '2026-06-14T00:00:00Z')).toEqual([
    '2026-06-05T09:00:00Z',
    '2026-06-12T09:00:00Z',
  ]);
});

test('a restriction that falls outside the life of its layer never applies', () => {
  const weekend = { kind: 'week', fromDay: 'friday', from: '18:00', toDay: 'monday', to: '08:00' } as const;
  const from = { handover: '09:00', start: '2026-06-02' };
  expect(everApplies(layer({ ...from, end: '2026-06-05' }), weekend)).toBe(false);
  expect(everApplies(layer({ ...from, end: '2026-06-06' }), weekend)).toBe(true);
  expect(everApplies(layer(from), weekend)).toBe(true);
  expect(everApplies(layer(from), { kind: 'day', from: '22:00', to: '06:00', days: ['monday'] })).toBe(true);
});
