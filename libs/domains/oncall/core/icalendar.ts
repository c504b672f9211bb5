import type { Micros } from '@holdfast/kernel';

/** One entry of a calendar. */
export interface CalendarEvent {
  /** The same whenever the calendar is made, and of no other entry. */
  readonly uid: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly summary: string;
  readonly description: string;
}

/** Octets of a line, without its end: RFC 5545, section 3.1. */
const LINE = 75;

/**
 * A calendar as RFC 5545 has it: times in UTC and whole seconds, texts escaped, lines folded at 75 octets and ended with CR LF.
 * @param stamp when what it says was last changed
 */
export function calendarText(name: string, events: readonly CalendarEvent[], stamp: Micros): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Holdfast//On-call schedules//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escaped(name)}`,
    ...events.flatMap(({ uid, from, to, summary, description }) => [
      'BEGIN:VEVENT',
      `UID:${escaped(uid)}`,
      `DTSTAMP:${timeText(stamp)}`,
      `DTSTART:${timeText(from)}`,
      `DTEND:${timeText(to)}`,
      `SUMMARY:${escaped(summary)}`,
      `DESCRIPTION:${escaped(description)}`,
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** `20260329T010000Z`. */
export const timeText = (at: Micros): string =>
  `${new Date(Math.floor(at / 1_000_000) * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** Control characters are allowed in no text, a line feed as `\n` apart: section 3.3.11. */
const escaped = (text: string): string =>
  text
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\r\n?|\n/g, '\\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');

/** Never within a character: what is cut between the octets of one is no UTF-8 in readers that look at lines. */
function folded(line: string): string {
  let text = '';
  let octets = 0;
  for (const character of line) {
    const size = octetsOf(character.codePointAt(0)!);
    if (octets + size > LINE) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return text;
}

const octetsOf = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
