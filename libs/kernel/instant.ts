/** An instant: microseconds since 1970-01-01T00:00:00Z, as a safe integer (good until the year 2255). */
export type Micros = number;

const SHAPE = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))$/;
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar, months from 1; the date must exist. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = year - 1;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - 477;
  return (year - 1970) * 365 + leapDays + DAYS_BEFORE_MONTH[month - 1]! + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
}

/**
 * Reads an RFC 3339 date-time with any offset. Digits past the microsecond are cut off; a leap second (`:60`) is the next second's start.
 * @returns undefined when the text is not a date-time of RFC 3339 or names a day that does not exist
 */
export function parseInstant(text: string): Micros | undefined {
  const found = SHAPE.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = [
    +found[1]!,
    +found[2]!,
    +found[3]!,
    +found[4]!,
    +found[5]!,
    +found[6]!,
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  if (day > DAYS_IN_MONTH[month - 1]! + (month === 2 && isLeap(year) ? 1 : 0)) return undefined;
  const offsetMinutes = found[9] ? (found[9] === '-' ? -1 : 1) * (+found[10]! * 60 + +found[11]!) : 0;
  if (found[9] && (+found[10]! > 23 || +found[11]! > 59)) return undefined;
  const seconds = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + (minute - offsetMinutes) * 60 + second;
  return seconds * 1_000_000 + (found[7] ? +found[7].slice(0, 6).padEnd(6, '0') : 0);
}

/** The instant of a text that is known to be one. @throws RangeError when it is not */
export function microsOf(text: string): Micros {
  const micros = parseInstant(text);
  if (micros === undefined) throw new RangeError('not an RFC 3339 date-time');
  return micros;
}

/** RFC 3339 in UTC, with as many fractional digits as the instant needs (none, 3 or 6). */
export function formatInstant(micros: Micros): string {
  const millis = Math.floor(micros / 1000);
  const text = new Date(millis).toISOString();
  const rest = micros - millis * 1000;
  if (rest !== 0) return text.replace('Z', `${String(rest).padStart(3, '0')}Z`);
  return text.endsWith('.000Z') ? text.replace('.000Z', 'Z') : text;
}
