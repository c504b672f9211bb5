import type { Micros } from '@holdfast/kernel';

export const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
export const HOUR: Micros = 60 * MINUTE;
export const DAY: Micros = 24 * HOUR;

/** How a system writes its times. */
export interface Zone {
  /** East of UTC. */
  readonly minutes: number;
  /** The offset as RFC 3339 has it. */
  readonly text: string;
}

const two = (value: number): string => String(value).padStart(2, '0');
const MINUTES = Array.from({ length: 1440 }, (_, minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}:`);
const SECONDS = Array.from({ length: 60 }, (_, second) => two(second));
const THOUSANDS = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'));
const dates = new Map<number, string>();

/** RFC 3339 in a zone. Written for millions of times in a few days: dates are kept, everything else comes from tables. */
export function writeTime(at: Micros, zone: Zone, digits: 0 | 3 | 6): string {
  const local = at + zone.minutes * MINUTE;
  const day = Math.floor(local / DAY);
  const micros = local - day * DAY;
  const seconds = Math.floor(micros / SECOND);
  const minute = Math.floor(seconds / 60);
  const whole = dateText(day) + MINUTES[minute]! + SECONDS[seconds - minute * 60]!;
  if (digits === 0) return whole + zone.text;
  const rest = micros - seconds * SECOND;
  const millis = Math.floor(rest / 1000);
  if (digits === 3) return `${whole}.${THOUSANDS[millis]!}${zone.text}`;
  return `${whole}.${THOUSANDS[millis]!}${THOUSANDS[rest - millis * 1000]!}${zone.text}`;
}

function dateText(day: number): string {
  let text = dates.get(day);
  if (text === undefined) dates.set(day, (text = new Date((day * DAY) / 1000).toISOString().slice(0, 11)));
  return text;
}
