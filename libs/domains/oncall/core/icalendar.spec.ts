import { microsOf } from '@holdfast/kernel';
import { calendarText } from './icalendar';

const STAMP = microsOf('2026-11-20T10:00:00.123Z');
const event = (summary: string) => ({
  ...{ uid: 'one@x', from: microsOf('2026-03-29T01:00:00Z'), to: microsOf('2026-03-30T00:30:00Z') },
  ...{ summary, description: 'a\r\nb' },
});

it('is what RFC 5545 says: UTC, escaped texts, lines ended by CR LF', () => {
  expect(calendarText('Tier 1; first', [event('Ada, \\ of "x"')], STAMP).split('\r\n')).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Holdfast//On-call schedules//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'X-WR-CALNAME:Tier 1\\; first',
    'BEGIN:VEVENT',
    'UID:one@x',
    'DTSTAMP:20261120T100000Z',
    'DTSTART:20260329T010000Z',
    'DTEND:20260330T003000Z',
    'SUMMARY:Ada\\, \\\\ of "x"',
    'DESCRIPTION:a\\nb',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]);
});

it('folds at 75 octets and never within a character', () => {
  for (const letter of ['x', 'ü', '語', '🦄'])
    for (let count = 1; count < 200; count += 7) {
      const text = calendarText('c', [event(letter.repeat(count))], STAMP);
      const lines = text.split('\r\n');
      expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
      expect(lines.some((line) => line.includes('\ufffd') || /[\r\n]/.test(line))).toBe(false);
      expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${letter.repeat(count)}\r\n`);
    }
});

it('lets no control character in', () => {
  expect(calendarText('c', [event('a\u0000b\u0007\tc\u007f')], STAMP)).toContain('SUMMARY:ab\tc\r\n');
});
