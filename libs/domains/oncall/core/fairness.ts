import type { Micros, Wall, ZoneClock } from '@holdfast/kernel';
import type { PersonDefinition } from './schedule';
import type { Shift, Span } from './timeline';
import { DAY, midnightOf, timeOfDay, WEEKDAYS, weekdayOf } from './wall-time';

/** Of which kind an instant is where somebody lives. What is asleep is never anything else; a weekend is a day without business hours. */
export const KINDS_OF_HOUR = ['business', 'off', 'sleep', 'weekend'] as const;
export type KindOfHour = (typeof KINDS_OF_HOUR)[number];

/** Microseconds of each kind. */
export type TimeByKind = Record<KindOfHour, Micros>;

/** What somebody had. */
export interface Share extends TimeByKind {
  readonly person: string;
  readonly shifts: number;
  readonly total: Micros;
}

/** Adds up the shifts of one person. @param clock of the person's zone, over all of them */
export function shareOf(
  person: string,
  definition: PersonDefinition,
  clock: ZoneClock,
  shifts: readonly Shift[],
): Share {
  const sum: TimeByKind = { business: 0, off: 0, sleep: 0, weekend: 0 };
  for (const shift of shifts) addTo(sum, definition, clock, shift);
  const total = KINDS_OF_HOUR.reduce((all, kind) => all + sum[kind], 0);
  return { person, shifts: shifts.length, ...sum, total };
}

/** Between two changes of the clocks the wall runs evenly: there its time is cut where the kind may change. */
function addTo(sum: TimeByKind, definition: PersonDefinition, clock: ZoneClock, { from, to }: Span): void {
  const { businessHours: business, sleepHours: sleep } = definition;
  const cuts = [...new Set([0, ...[business.from, business.to, sleep.from, sleep.to].map(timeOfDay)])].sort(
    (a, b) => a - b,
  );
  for (const piece of clock.pieces(from, to)) {
    const [first, last] = [piece.from + piece.offset, piece.to + piece.offset];
    for (let day = midnightOf(first); day < last; day += DAY)
      cuts.forEach((cut, i) => {
        const begins = Math.max(first, day + cut);
        const ends = Math.min(last, day + (cuts[i + 1] ?? DAY));
        if (begins < ends) sum[kindAt(definition, begins)] += ends - begins;
      });
  }
}

export function kindAt({ businessHours, sleepHours }: PersonDefinition, wall: Wall): KindOfHour {
  const day = midnightOf(wall);
  const time = wall - day;
  if (covers(sleepHours, time)) return 'sleep';
  const isWorkday = (at: Wall): boolean => businessHours.days.includes(WEEKDAYS[weekdayOf(at)]!);
  const [from, to] = [timeOfDay(businessHours.from), timeOfDay(businessHours.to)];
  // Business hours across midnight belong to the day on which they begin.
  if (isWorkday(day) && (from < to ? time >= from && time < to : time >= from)) return 'business';
  if (to < from && time < to && isWorkday(day - DAY)) return 'business';
  return isWorkday(day) ? 'off' : 'weekend';
}

/** Whether a time of day is in a part of every day, which goes across midnight where it ends before it begins. */
export function covers(part: { readonly from: string; readonly to: string }, time: Wall): boolean {
  const [from, to] = [timeOfDay(part.from), timeOfDay(part.to)];
  return from < to ? time >= from && time < to : time >= from || time < to;
}
