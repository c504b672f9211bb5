import type { Micros } from '@holdfast/kernel';
import { Temporal } from 'temporal-polyfill';

/** How a calendar is cut. */
export interface CalendarTerms {
  readonly unit: 'day' | 'week' | 'month' | 'business-day';
  /** Of the IANA database. */
  readonly zone: string;
  /** When a day begins, `HH:MM`; at midnight where nothing is said. */
  readonly startsAt?: string | undefined;
  /** Of business days: dates that are none. */
  readonly holidays?: readonly string[] | undefined;
  /** Of business days: days of the week that are none, Monday being 1; Saturday and Sunday where nothing is said. */
  readonly weekend?: readonly number[] | undefined;
}

/** A span of a calendar: [from, to), whole minutes. */
export interface CalendarSpan {
  readonly from: Micros;
  readonly to: Micros;
}

const NAME = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/;

/** Whether this Node's IANA database has a zone of this name. */
export function isTimeZone(zone: string): boolean {
  if (!NAME.test(zone)) return false; // the library finds a zone in an offset too
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The day, week, month or business day that an instant falls into, as the clocks of the zone have it: a day on which they change is an hour longer or shorter. Weeks begin on Monday. A business day
 * lasts until the next one begins, so that weekends and holidays belong to the business day before them and no time is left out.
 */
export function calendarSpan(at: Micros, terms: CalendarTerms): CalendarSpan {
  const { unit, zone, startsAt = '00:00' } = terms;
  const start = Temporal.PlainTime.from(startsAt);
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(at / 1000)).toZonedDateTimeISO(zone);
  const beginning = (date: Temporal.PlainDate): Micros =>
    date.toZonedDateTime({ timeZone: zone, plainTime: start }).epochMilliseconds * 1000;
  let date = local.toPlainDate();
  if (beginning(date) > at) date = date.subtract({ days: 1 });
  if (unit === 'day') return { from: beginning(date), to: beginning(date.add({ days: 1 })) };
  if (unit === 'week') {
    const monday = date.subtract({ days: date.dayOfWeek - 1 });
    return { from: beginning(monday), to: beginning(monday.add({ weeks: 1 })) };
  }
  if (unit === 'month') {
    const first = date.with({ day: 1 });
    return { from: beginning(first), to: beginning(first.add({ months: 1 })) };
  }
  const from = nearest(date, -1, terms);
  return { from: beginning(from), to: beginning(nearest(from.add({ days: 1 }), 1, terms)) };
}

/** Holidays in a row that are looked through; more are no calendar of business days. */
const MOST_DAYS = 400;

/** The business day at a date, or the nearest one before or after it. */
function nearest(
  date: Temporal.PlainDate,
  step: 1 | -1,
  { holidays = [], weekend = [6, 7] }: CalendarTerms,
): Temporal.PlainDate {
  let day = date;
  for (let i = 0; i < MOST_DAYS; i++) {
    if (!weekend.includes(day.dayOfWeek) && !holidays.includes(day.toString())) return day;
    day = day.add({ days: step });
  }
  return date;
}

/** From an instant on the clocks of a zone are ahead of UTC by `offset` microseconds. */
export interface ZoneOffset {
  readonly from: Micros;
  readonly offset: Micros;
}

/** What the clocks of a zone are ahead of UTC over [from, to], each time that it changes; the first one holds at `from`. @param zone see {@link isTimeZone} */
export function zoneOffsets(zone: string, from: Micros, to: Micros): ZoneOffset[] {
  const start = Temporal.Instant.fromEpochMilliseconds(Math.floor(from / 1000)).toZonedDateTimeISO(zone);
  const found: ZoneOffset[] = [{ from, offset: start.offsetNanoseconds / 1000 }];
  for (let next = start.getTimeZoneTransition('next'); next; next = next.getTimeZoneTransition('next')) {
    const at = next.epochMilliseconds * 1000;
    if (at > to) break;
    found.push({ from: at, offset: next.offsetNanoseconds / 1000 });
  }
  return found;
}
