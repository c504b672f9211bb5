import { formatInstant, microsOf } from '@holdfast/kernel';
import { calendarSpan } from '@holdfast/platform/calendar';
import { quietUntil } from './quiet-hours';

const dayOf = (at: number, zone: string, startsAt: string) => calendarSpan(at, { unit: 'day', zone, startsAt });
const night = { severities: ['warning', 'info'] as const, zone: 'Europe/Berlin', from: '22:00', to: '07:00' };
const until = (
  at: string,
  hours: Parameters<typeof quietUntil>[0] = night,
  severity: 'warning' | 'critical' = 'warning',
) => {
  const found = quietUntil(hours, severity, microsOf(at), dayOf);
  return found === undefined ? 'loud' : formatInstant(found).slice(0, 16);
};

test.each([
  ['2026-11-20T20:59:59Z', 'loud'],
  ['2026-11-20T21:00:00Z', '2026-11-21T06:00'],
  ['2026-11-21T05:59:59Z', '2026-11-21T06:00'],
  ['2026-11-21T06:00:00Z', 'loud'],
  // Clocks go forward on 29 March 2026 and back on 25 October: quiet hours end at 07:00 there all the same.
  ['2026-03-28T21:30:00Z', '2026-03-29T05:00'],
  ['2026-10-24T20:30:00Z', '2026-10-25T06:00'],
])('across midnight in Berlin, %s is %s', (at, expected) => {
  expect(until(at)).toBe(expected);
});

test('within a day, and not for what is grave', () => {
  const noon = { ...night, from: '12:00', to: '13:00' };
  expect(until('2026-11-20T11:30:00Z', noon)).toBe('2026-11-20T12:00');
  expect(until('2026-11-20T12:30:00Z', noon)).toBe('loud');
  expect(until('2026-11-20T23:00:00Z', night, 'critical')).toBe('loud');
});
