/** Days or years: `30d`, `7y`. */
export type Period = string;
/** Days since 1970-01-01 in UTC. Retention knows whole days only, so that records of a day go together. */
export type Day = number;

export const PERIOD = /^(0|[1-9]\d{0,4})d$|^([1-9]\d{0,2})y$/;
const DAY_MS = 86_400_000;

interface Parts {
  readonly count: number;
  readonly unit: 'd' | 'y';
}
const partsOf = (period: Period): Parts => ({
  count: Number(period.slice(0, -1)),
  unit: period.endsWith('y') ? 'y' : 'd',
});

/** The day that lies a period behind another one. Of 29 February, a year later is 1 March: never a day early. */
export function after(day: Day, period: Period): Day {
  const { count, unit } = partsOf(period);
  if (unit === 'd') return day + count;
  const from = new Date(day * DAY_MS);
  return Date.UTC(from.getUTCFullYear() + count, from.getUTCMonth(), from.getUTCDate()) / DAY_MS;
}

/** How many days a period has, wherever it begins. Of years: one in four is a leap year (so from 1901 to 2099). */
function bounds(period: Period): readonly [least: number, most: number] {
  const { count, unit } = partsOf(period);
  return unit === 'd' ? [count, count] : [count * 365 + Math.floor(count / 4), count * 365 + Math.ceil(count / 4)];
}

/** Whether it is shorter than another one, for some day that both begin on: 365 days may be shorter than a year. */
export function mayBeShorter(period: Period, than: Period): boolean {
  const [one, other] = [partsOf(period), partsOf(than)];
  return one.unit === other.unit ? one.count < other.count : bounds(period)[0] < bounds(than)[1];
}

export const dayOf = (micros: number): Day => Math.floor(micros / (DAY_MS * 1000));
/** `2026-11-22`. */
export const dateOf = (day: Day): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
