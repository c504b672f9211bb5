const TIMESTAMP =
  /^(?:(\d{4})-(\d\d)-(\d\d)(?:[ T]|$))?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?:(Z|[+-]\d\d)(?::?(\d\d))?)?$/i;

/** Nanoseconds since 1970 in UTC, or since midnight for a time of day; undefined where it is no such text. */
function nanosOf(text: string): bigint | undefined {
  const match = text === '' ? null : TIMESTAMP.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone, zoneMinutes] = match;
  if (year === undefined && hour === undefined) return undefined;
  const date = new Date(0);
  if (year !== undefined) date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // Of the 30th of February, setUTCFullYear makes a day in March.
  if (year !== undefined && (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)))
    return undefined;
  const offset =
    zone === undefined || zone.toUpperCase() === 'Z'
      ? 0
      : Number(zone) * 60 + (zone.startsWith('-') ? -1 : 1) * Number(zoneMinutes ?? 0);
  const seconds =
    date.getTime() / 1000 + Number(hour ?? 0) * 3600 + (Number(minute ?? 0) - offset) * 60 + Number(second ?? 0);
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** One text for one point in time, however its store writes it; undefined where it is none that is known here. */
export const canonicalTime = (text: string): string | undefined => nanosOf(text)?.toString();

/** How far two times are apart, in microseconds. */
export function differenceMicros(a: string, b: string): number | undefined {
  const [left, right] = [nanosOf(a), nanosOf(b)];
  if (left === undefined || right === undefined) return undefined;
  return Math.abs(Number(left - right)) / 1000;
}
