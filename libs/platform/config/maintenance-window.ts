/** When what takes away or takes long may run: by the clock of a place, on some days of the week. */
export interface MaintenanceWindow {
  /** As it was written. */
  readonly text: string;
  /** 0 is Sunday; of a window over midnight, the day on which it begins. */
  readonly days: ReadonlySet<number>;
  /** Minutes since midnight. */
  readonly from: number;
  /** Exclusive; at or before `from` when it ends on the next day. */
  readonly to: number;
  /** IANA name. */
  readonly zone: string;
}

export class MaintenanceWindowError extends Error {
  override readonly name = 'MaintenanceWindowError';
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FORM = /^(\S+)\s+(\d\d):(\d\d)-(\d\d):(\d\d)\s+(\S+)$/;
const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;

/**
 * Reads `Sun 02:00-04:00 Europe/Berlin`. Days are one, several (`Sat,Sun`), a span (`Mon-Fri`) or `daily`; a window that ends before it begins goes over midnight.
 * @throws MaintenanceWindowError saying what is wrong, without repeating it
 */
export function parseMaintenanceWindow(text: string): MaintenanceWindow {
  const [, days, fromHour, fromMinute, toHour, toMinute, zone] = FORM.exec(text.trim()) ?? [];
  if (days === undefined || zone === undefined)
    throw new MaintenanceWindowError('must be like `Sun 02:00-04:00 Europe/Berlin`');
  const from = minuteOf(fromHour!, fromMinute!);
  const to = minuteOf(toHour!, toMinute!);
  if (from === to) throw new MaintenanceWindowError('must not end when it begins');
  localClock(zone);
  return { text: text.trim(), days: daysOf(days), from, to, zone };
}

function minuteOf(hour: string, minute: string): number {
  if (Number(hour) > 23 || Number(minute) > 59) throw new MaintenanceWindowError('must have times from 00:00 to 23:59');
  return Number(hour) * 60 + Number(minute);
}

function daysOf(text: string): ReadonlySet<number> {
  if (text.toLowerCase() === 'daily') return new Set(DAYS.keys());
  const days = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const [first = -1, last = first, more] = part.split('-').map((day) => DAYS.indexOf(day));
    if (first < 0 || last < 0 || more !== undefined)
      throw new MaintenanceWindowError('must name days as `Sun`, `Sat,Sun`, `Mon-Fri` or `daily`');
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return days;
}

/** @throws MaintenanceWindowError */
function localClock(zone: string): Intl.DateTimeFormat {
  // An offset is taken for a zone by newer engines; a window goes by the clock of a place.
  if (!/^[A-Za-z]/.test(zone)) throw new MaintenanceWindowError('must name a time zone of the IANA database');
  try {
    const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, ...parts });
  } catch {
    throw new MaintenanceWindowError('must name a time zone of the IANA database');
  }
}

/** Whether the window is open at an instant, in milliseconds since 1970. */
export function isOpen(window: MaintenanceWindow, at: number): boolean {
  return isOpenBy(window, localClock(window.zone), at);
}

function isOpenBy({ days, from, to }: MaintenanceWindow, clock: Intl.DateTimeFormat, at: number): boolean {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = DAYS.indexOf(parts.get('weekday')!.toLowerCase());
  const minute = minuteOf(parts.get('hour')!, parts.get('minute')!);
  if (from < to) return days.has(day) && minute >= from && minute < to;
  return (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < to);
}

/**
 * The first minute from an instant on at which the window is open, in milliseconds since 1970. A time that clocks skip does not come: of a window that lies in it
 * altogether, it is the next week's.
 */
export function opensAt(window: MaintenanceWindow, at: number): number {
  const clock = localClock(window.zone);
  if (isOpenBy(window, clock, at)) return at;
  const first = Math.ceil(at / MINUTE_MS) * MINUTE_MS;
  for (let minute = 0; minute <= 15 * DAY_MINUTES; minute++)
    if (isOpenBy(window, clock, first + minute * MINUTE_MS)) return first + minute * MINUTE_MS;
  throw new MaintenanceWindowError('does not open within two weeks');
}
