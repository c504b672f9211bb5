import type { Micros, Wall } from '@holdfast/kernel';
import type { Recurrence } from './recurrence';

const MINUTE: Micros = 60_000_000;
const DAY = 1_440 * MINUTE;
const DAY_MS = 86_400_000;

/** A day of the calendar; `day` counts from 1970-01-01, which was a Thursday. */
interface Day {
  readonly day: number;
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly date: number;
  /** 0 for Monday. */
  readonly weekday: number;
}

const dayOf = (year: number, month: number, date = 1): number => Date.UTC(year, month - 1, date) / DAY_MS;
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
function calendarDay(day: number): Day {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  return { day, year, month, date: date.getUTCDate(), weekday: weekdayOf(day) };
}

/**
 * When it begins on the wall within [from, to), by RFC 5545, 3.3.10, with UNTIL left out; at `start` only where that fits the rule. Goes day by day: a year takes some tens of microseconds, a rule that
 * never occurs takes no longer than another, and every part of a rule is a question to a day.
 * @param start whole minutes
 */
export function beginnings(rule: Recurrence, start: Wall, from: Wall, to: Wall): Wall[] {
  const begin = calendarDay(Math.floor(start / DAY));
  const times = timesOf(rule, start - begin.day * DAY);
  // Who counts begins with the first; who does not, with the period in which `from` lies.
  const since = calendarDay(Math.max(begin.day, rule.count === undefined ? Math.floor(from / DAY) : 0));
  const found: Wall[] = [];
  let counted = 0;
  let [period, set] = [-1, [] as Wall[]];
  const close = (): void => {
    for (const at of chosen(rule, set)) {
      if (at < start || counted === rule.count) continue;
      counted++;
      if (at >= from && at < to) found.push(at);
    }
    set = [];
  };
  for (let day = firstDayOf(rule, since); ; day++) {
    const one = calendarDay(day);
    const its = periodOf(rule, one, begin);
    if (its !== period) {
      close();
      if (day * DAY >= to || counted === rule.count) return found;
      period = its;
    }
    if (its % rule.interval === 0 && isNamed(rule, one, begin)) set.push(...times.map((time) => day * DAY + time));
  }
}

/** Times of a day, in order; the start's where nothing is said. */
function timesOf({ hours, minutes }: Recurrence, start: Wall): Wall[] {
  const [hour, minute] = [Math.floor(start / (60 * MINUTE)), Math.floor(start / MINUTE) % 60];
  const all = (hours.length > 0 ? hours : [hour]).flatMap((h) =>
    (minutes.length > 0 ? minutes : [minute]).map((m) => (h * 60 + m) * MINUTE),
  );
  return all.sort((a, b) => a - b);
}

/** The first day of the year, month, week or day in which a day lies: as far as positions are counted. */
function firstDayOf({ frequency, weekStart }: Recurrence, { day, year, month, weekday }: Day): number {
  if (frequency === 'YEARLY') return dayOf(year, 1);
  if (frequency === 'MONTHLY') return dayOf(year, month);
  return frequency === 'WEEKLY' ? day - ((weekday - weekStart + 7) % 7) : day;
}

/** How many years, months, weeks or days after the start's a day is; never negative from there on. */
function periodOf(rule: Recurrence, one: Day, begin: Day): number {
  if (rule.frequency === 'YEARLY') return one.year - begin.year;
  if (rule.frequency === 'MONTHLY') return (one.year - begin.year) * 12 + one.month - begin.month;
  if (rule.frequency === 'DAILY') return one.day - begin.day;
  return (firstDayOf(rule, one) - firstDayOf(rule, begin)) / 7;
}

/** BYSETPOS: places in what the rule names in a period, in order, from the first or from the last. */
const chosen = ({ positions }: Recurrence, set: readonly Wall[]): readonly Wall[] =>
  positions.length === 0 ? set : set.filter((_, i) => positions.includes(i + 1) || positions.includes(i - set.length));

/** Whether a number, or the same counted from the end, is in a list; everything is in an empty one. */
const isIn = (list: readonly number[], fromFront: number, ofAll: number): boolean =>
  list.length === 0 || list.includes(fromFront) || list.includes(fromFront - ofAll - 1);

/** What the rule leaves open is as it is at the start. */
function isNamed(rule: Recurrence, one: Day, begin: Day): boolean {
  const { frequency, months, monthDays, yearDays, weeks, days } = rule;
  if (months.length > 0 && !months.includes(one.month)) return false;
  const [newYear, nextYear] = [dayOf(one.year, 1), dayOf(one.year + 1, 1)];
  if (!isIn(monthDays, one.date, dayOf(one.year, one.month + 1) - dayOf(one.year, one.month))) return false;
  if (!isIn(yearDays, one.day - newYear + 1, nextYear - newYear)) return false;
  if (weeks.length > 0 && !isIn(weeks, ...weekOf(one, rule.weekStart))) return false;
  if (days.length > 0) return days.some(({ nth, weekday }) => weekday === one.weekday && isNth(rule, nth, one));
  if (frequency === 'WEEKLY') return one.weekday === begin.weekday;
  if (frequency === 'DAILY' || monthDays.length > 0 || yearDays.length > 0) return true;
  return one.date === begin.date && (frequency === 'MONTHLY' || months.length > 0 || one.month === begin.month);
}

/** Whether it is the nth of its weekday in its month, or in its year. */
function isNth({ frequency, months }: Recurrence, nth: number, { day, year, month }: Day): boolean {
  if (nth === 0) return true;
  const ofMonth = frequency === 'MONTHLY' || months.length > 0;
  if (nth > 0) return Math.floor((day - dayOf(year, ofMonth ? month : 1)) / 7) + 1 === nth;
  const last = (ofMonth ? dayOf(year, month + 1) : dayOf(year + 1, 1)) - 1;
  return Math.floor((last - day) / 7) + 1 === -nth;
}

/** The number of its week, and how many weeks that year has. The first week of a year is the first with four days in it: the one that has the fourth of January. */
function weekOf({ day, year }: Day, weekStart: number): [number, number] {
  const firstWeek = (of: number): number => {
    const fourth = dayOf(of, 1, 4);
    return fourth - ((weekdayOf(fourth) - weekStart + 7) % 7);
  };
  const of = day < firstWeek(year) ? year - 1 : day < firstWeek(year + 1) ? year : year + 1;
  return [Math.floor((day - firstWeek(of)) / 7) + 1, (firstWeek(of + 1) - firstWeek(of)) / 7];
}
