import { type Micros, parseInstant } from '@holdfast/kernel';

/** A rule that was read; lists are empty where nothing is said. */
export interface Recurrence {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | undefined;
  /** The last instant at which something may begin. The wall knows no instants: who turns its times into some has to look. */
  readonly until: Micros | undefined;
  /** The day on which weeks begin, 0 for Monday. */
  readonly weekStart: number;
  readonly months: readonly number[];
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[];
  readonly weeks: readonly number[];
  /** `nth` 0: every one. */
  readonly days: readonly { readonly nth: number; readonly weekday: number }[];
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly positions: readonly number[];
}
type Frequency = 'YEARLY' | 'MONTHLY' | 'WEEKLY' | 'DAILY';

const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'];
const TOO_OFTEN = ['HOURLY', 'MINUTELY', 'SECONDLY'];
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
/** Lists of numbers: the least and the most, and whether they may count from the end. */
const LISTS: Readonly<Record<string, readonly [number, number, boolean]>> = {
  BYMONTH: [1, 12, false],
  BYMONTHDAY: [1, 31, true],
  BYYEARDAY: [1, 366, true],
  BYWEEKNO: [1, 53, true],
  BYHOUR: [0, 23, false],
  BYMINUTE: [0, 59, false],
  BYSETPOS: [1, 366, true],
};
/** Beginnings on one day; and of a rule with COUNT, which has to be counted from the first. */
const [MOST_A_DAY, MOST_COUNTED] = [48, 5_000];

/**
 * Reads a recurrence rule of RFC 5545, 3.3.10: everything that may be said of days, and the hours and minutes at which something begins on them.
 * @returns why it cannot be used, where it cannot
 */
export function readRecurrence(text: string): Recurrence | { readonly fault: string } {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value = '', more] = part.split('=');
    if (value === '' || more !== undefined) return { fault: 'must be NAME=value;NAME=value, without RRULE:' };
    if (parts.has(name)) return { fault: `says ${nameOf(name)} twice` };
    parts.set(name, value);
  }
  const fault = faultOf(parts);
  if (fault !== undefined) return { fault };
  const numbers = (name: string): number[] => parts.get(name)?.split(',').map(Number) ?? [];
  return {
    frequency: parts.get('FREQ') as Frequency,
    interval: numbers('INTERVAL')[0] ?? 1,
    count: numbers('COUNT')[0],
    until: instantOf(parts.get('UNTIL') ?? ''),
    weekStart: WEEKDAYS.indexOf(parts.get('WKST') ?? 'MO'),
    months: numbers('BYMONTH'),
    monthDays: numbers('BYMONTHDAY'),
    yearDays: numbers('BYYEARDAY'),
    weeks: numbers('BYWEEKNO'),
    days: (parts.get('BYDAY')?.split(',') ?? []).map((day) => ({
      nth: Number(day.slice(0, -2)),
      weekday: WEEKDAYS.indexOf(day.slice(-2)),
    })),
    hours: numbers('BYHOUR'),
    minutes: numbers('BYMINUTE'),
    positions: numbers('BYSETPOS'),
  };
}

/** What a fault may repeat of the text. */
const nameOf = (name: string): string => (/^[A-Z]{1,12}$/.test(name) ? name : 'a part');
const isNumber = (text: string, least: number, most: number): boolean =>
  /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most;

function faultOf(parts: ReadonlyMap<string, string>): string | undefined {
  const frequency = parts.get('FREQ') ?? '';
  if (TOO_OFTEN.includes(frequency)) return 'FREQ must be DAILY or rarer: use BYHOUR and BYMINUTE for times of a day';
  if (!FREQUENCIES.includes(frequency)) return `FREQ must be one of ${FREQUENCIES.join(', ')}`;
  for (const [name, value] of parts) {
    const wrong = faultOfPart(name, value, frequency);
    if (wrong !== undefined) return wrong;
  }
  return faultOfWhole(parts, frequency);
}

function faultOfPart(name: string, value: string, frequency: string): string | undefined {
  const bounds = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (bounds) {
    const [least, most, fromEnd] = bounds;
    const numbers = value.split(',').map((one) => (fromEnd ? one.replace(/^[+-]/, '') : one));
    if (numbers.every((one) => isNumber(one, least, most)) && new Set(value.split(',')).size === numbers.length)
      return undefined;
    return `${name} must be different numbers from ${least} to ${most}${fromEnd ? ', or the same with -' : ''}`;
  }
  if (name === 'FREQ') return undefined;
  if (name === 'INTERVAL') return isNumber(value, 1, 1_000) ? undefined : 'INTERVAL must be from 1 to 1000';
  if (name === 'COUNT') return isNumber(value, 1, MOST_COUNTED) ? undefined : `COUNT must be from 1 to ${MOST_COUNTED}`;
  if (name === 'WKST') return WEEKDAYS.includes(value) ? undefined : `WKST must be one of ${WEEKDAYS.join(', ')}`;
  if (name === 'UNTIL')
    return instantOf(value) === undefined ? 'UNTIL must be in UTC, such as 20271231T235959Z' : undefined;
  if (name === 'BYDAY') return faultOfDays(value.split(','), frequency);
  return `${nameOf(name)} is not known`;
}

function faultOfDays(days: readonly string[], frequency: string): string | undefined {
  const most = frequency === 'YEARLY' ? 53 : frequency === 'MONTHLY' ? 5 : 0;
  for (const day of days) {
    const [, ordinal, weekday = ''] = /^(?:[+-]?(\d{1,2}))?([A-Z]{2})$/.exec(day) ?? [];
    if (!WEEKDAYS.includes(weekday)) return 'BYDAY must be days such as MO or, of months and years, 3TU or -1FR';
    if (ordinal === undefined) continue;
    if (most === 0) return 'BYDAY may count days only of months and years';
    if (!isNumber(ordinal, 1, most)) return `BYDAY must count days from 1 to ${most}, or from -1 to -${most}`;
  }
  return new Set(days).size < days.length ? 'BYDAY names a day twice' : undefined;
}

/** What RFC 5545 forbids to say together. */
function faultOfWhole(parts: ReadonlyMap<string, string>, frequency: string): string | undefined {
  const has = (name: string): boolean => parts.has(name);
  const counts = /\d/.test(parts.get('BYDAY') ?? '');
  const numbers = (name: string): number => parts.get(name)?.split(',').length ?? 1;
  if (has('COUNT') && has('UNTIL')) return 'COUNT and UNTIL exclude each other';
  if (has('BYWEEKNO') && frequency !== 'YEARLY') return 'BYWEEKNO goes with YEARLY alone';
  if (has('BYYEARDAY') && frequency !== 'YEARLY') return 'BYYEARDAY goes with YEARLY alone';
  if (has('BYMONTHDAY') && frequency === 'WEEKLY') return 'BYMONTHDAY does not go with WEEKLY';
  if (has('BYWEEKNO') && !has('BYDAY')) return 'BYWEEKNO needs BYDAY';
  if (counts && has('BYWEEKNO')) return 'BYDAY may not count days where BYWEEKNO is given';
  if (counts && frequency === 'YEARLY' && has('BYMONTH') && /\d\d/.test(parts.get('BYDAY')!))
    return 'BYDAY must count days from 1 to 5 where BYMONTH is given';
  if (has('BYSETPOS') && ![...parts.keys()].some((name) => name.startsWith('BY') && name !== 'BYSETPOS'))
    return 'BYSETPOS needs another part that begins with BY';
  if (numbers('BYHOUR') * numbers('BYMINUTE') > MOST_A_DAY) return `more than ${MOST_A_DAY} times on a day`;
  return undefined;
}

/** `20271231T235959Z`. */
const instantOf = (text: string): Micros | undefined =>
  /^\d{8}T\d{6}Z$/.test(text)
    ? parseInstant(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
    : undefined;
