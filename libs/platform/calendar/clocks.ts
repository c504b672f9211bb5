import { type Micros, ZoneClock } from '@holdfast/kernel';
import { zoneOffsets } from '.';

/** Zones and years that are kept; there are some 600 zones. */
const MOST_KEPT = 2_000;
/** Turns are looked for a little before and behind a span. */
const MARGIN: Micros = 5 * 86_400_000_000;

const kept = new Map<string, ZoneClock>();
const yearOf = (at: Micros): number => new Date(at / 1000).getUTCFullYear();

/** The clocks of a zone over [from, to) and some days more, by whole years so that they can be kept. @param zone of the IANA database */
export function clockOf(zone: string, from: Micros, to: Micros): ZoneClock {
  const [first, last] = [yearOf(from - MARGIN), yearOf(to + MARGIN) + 1];
  const key = `${zone} ${first} ${last}`;
  const known = kept.get(key);
  if (known) return known;
  const made = new ZoneClock(zoneOffsets(zone, Date.UTC(first, 0, 1) * 1000, Date.UTC(last, 0, 1) * 1000));
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, made);
  return made;
}
