import type { Micros } from '@holdfast/kernel';
import { Temporal } from 'temporal-polyfill';
import { bucketAt } from './core/budget';
import type { PeriodNow } from './core/evaluation';
import type { Period } from './core/objective';

const DAY: Micros = 86_400_000_000;

/**
 * A period as it lies when arrivals until `to` are decided: the days before it, or the month that it falls into, from its first instant in that place.
 * @param period its zone must exist
 */
export function periodAt(period: Period, to: Micros): PeriodNow {
  if (period.kind === 'rolling') return { from: bucketAt(to - period.days * DAY), to, endsAt: undefined };
  const now = Temporal.Instant.fromEpochMilliseconds(Math.floor(to / 1000)).toZonedDateTimeISO(period.timeZone);
  const first = now.toPlainDate().with({ day: 1 });
  const instant = (date: Temporal.PlainDate): Micros => date.toZonedDateTime(period.timeZone).epochMilliseconds * 1000;
  return { from: bucketAt(instant(first)), to, endsAt: instant(first.add({ months: 1 })) };
}
