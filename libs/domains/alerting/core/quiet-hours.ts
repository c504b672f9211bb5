import type { Micros } from '@holdfast/kernel';
import type { Severity } from './alert';
import type { QuietHours } from './escalation-policy';

/** The day, in microseconds, that begins at a time of the wall clock and holds an instant; see calendarSpan of the platform. */
export type DayOf = (at: Micros, zone: string, startsAt: string) => { readonly from: Micros; readonly to: Micros };

/** Until when quiet hours keep an alert of this severity from paging; undefined when they do not. */
export function quietUntil(
  { severities, zone, from, to }: QuietHours,
  severity: Severity,
  at: Micros,
  dayOf: DayOf,
): Micros | undefined {
  if (!severities.includes(severity)) return undefined;
  const began = dayOf(at, zone, from).from;
  const ends = dayOf(began, zone, to).to;
  return at < ends ? ends : undefined;
}
