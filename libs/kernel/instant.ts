/** An instant: microseconds since 1970-01-01T00:00:00Z, as a safe integer (good until the year 2255). */
export type Micros = number;

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar, months from 1; the date must exist. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = year - 1;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - 477;
  return (year - 1970) * 365 + leapDays + DAYS_BEFORE_MONTH[month - 1]! + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
}

/** Two digits as a number, -1 where none stand. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

const [DASH, COLON, POINT, PLUS, T, Z] = [0x2d, 0x3a, 0x2e, 0x2b, 0x54, 0x5a] as const;
/** A letter's code as its capital's. */
const capital = (code: number): number => code & ~0x20;

/**
 * Reads an RFC 3339 date-time with any offset. Digits past the microsecond are cut off; a leap second (`:60`) is the next second's start.
 * Character by character: intake reads two for each record, and a regular expression takes four times as long.
 * @returns undefined when the text is not a date-time of RFC 3339 or names a day that does not exist
 */
export function parseInstant(text: string): Micros | undefined {
  const [century, yearOf, month, day] = [two(text, 0), two(text, 2), two(text, 5), two(text, 8)];
  const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)];
  if ((century | yearOf | month | day | hour | minute | second) < 0) return undefined;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || capital(text.charCodeAt(10)) !== T)
    return undefined;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined;
  const year = century * 100 + yearOf;
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  if (day > DAYS_IN_MONTH[month - 1]! + (month === 2 && isLeap(year) ? 1 : 0)) return undefined;

  let at = 19;
  let micros = 0;
  if (text.charCodeAt(at) === POINT) {
    const first = ++at;
    for (let unit = 100_000; ; at++, unit = Math.floor(unit / 10)) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      micros += digit * unit;
    }
    if (at === first || at > first + 9) return undefined;
  }
  const offset = offsetMinutes(text, at);
  if (offset === undefined) return undefined;
  const seconds = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + (minute - offset) * 60 + second;
  return seconds * 1_000_000 + micros;
}

/** The offset that ends the text, undefined where it does not end with one. */
function offsetMinutes(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at);
  if (capital(sign) === Z) return text.length === at + 1 ? 0 : undefined;
  const [hours, minutes] = [two(text, at + 1), two(text, at + 4)];
  if ((sign !== PLUS && sign !== DASH) || text.charCodeAt(at + 3) !== COLON || text.length !== at + 6) return undefined;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  return (sign === DASH ? -1 : 1) * (hours * 60 + minutes);
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
