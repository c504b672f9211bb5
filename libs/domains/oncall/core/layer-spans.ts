import type { Micros, Wall, ZoneClock } from '@holdfast/kernel';
import type { Layer, Restriction, Rotation } from './schedule';
import { DAY, HOUR, midnightOf, timeOfDay, WEEKDAYS, wallOfDate, weekdayOf } from './wall-time';

/** [from, to) that somebody has. */
export interface Held {
  readonly from: Micros;
  readonly to: Micros;
  readonly person: string;
}
interface WallSpan {
  readonly from: Wall;
  readonly to: Wall;
}

const WEEK = 7 * DAY;

/** How far the clocks of one zone have ever been from one another within a few days: a whole day, where a date was skipped. */
const FARTHEST = 2 * DAY;

/** How long a turn lasts on the wall. */
export const turnOf = (rotation: Rotation): Wall =>
  rotation.kind === 'daily' ? DAY : rotation.kind === 'weekly' ? WEEK : rotation.hours * HOUR;

/**
 * When a layer lives, on the wall, and the handover that its turns are counted from: that of its start, or the last one before it where a weekly layer starts
 * on another day of the week and its first turn is short.
 */
function lifeOf({ rotation, handover, start, end }: Layer): WallSpan & { readonly anchor: Wall } {
  const from = wallOfDate(start) + timeOfDay(handover);
  const to = end === undefined ? Infinity : wallOfDate(end) + timeOfDay(handover);
  if (rotation.kind !== 'weekly') return { from, to, anchor: from };
  const since = (weekdayOf(from) - WEEKDAYS.indexOf(rotation.weekday) + 7) % 7;
  return { from, to, anchor: from - since * DAY };
}

/**
 * Who has which part of [from, to) by this layer alone, turn by turn, in the order of time. Turns and restrictions are cut on the wall and become instants
 * then: there is one place where the clocks' changes matter, {@link ZoneClock.instantOf}.
 */
export function layerSpans(layer: Layer, clock: ZoneClock, from: Micros, to: Micros): Held[] {
  const { anchor, ...life } = lifeOf(layer);
  const turn = turnOf(layer.rotation);
  const first = Math.max(life.from, clock.wallAt(from) - FARTHEST);
  const last = Math.min(life.to, clock.wallAt(to) + FARTHEST);
  const held: Held[] = [];
  if (first >= last) return held;
  const parts = partsOf(layer.restrictions, first, last);
  let part = 0;
  for (let k = Math.floor((first - anchor) / turn); anchor + k * turn < last; k++) {
    const begins = Math.max(life.from, anchor + k * turn);
    const ends = Math.min(life.to, anchor + (k + 1) * turn);
    const person = layer.participants[k % layer.participants.length]!;
    while (part < parts.length && parts[part]!.to <= begins) part++;
    for (let i = part; i < parts.length && parts[i]!.from < ends; i++) {
      const span = {
        from: Math.max(from, clock.instantOf(Math.max(begins, parts[i]!.from))),
        to: Math.min(to, clock.instantOf(Math.min(ends, parts[i]!.to))),
      };
      if (span.from < span.to) held.push({ ...span, person });
    }
  }
  return held;
}

/** Where a layer's restrictions let it apply between two times of the wall, in order and apart from one another. */
function partsOf(restrictions: readonly Restriction[], first: Wall, last: Wall): WallSpan[] {
  if (restrictions.length === 0) return [{ from: -Infinity, to: Infinity }];
  const all = restrictions
    .flatMap((restriction) => occurrences(restriction, first, last))
    .sort((a, b) => a.from - b.from);
  const apart: { from: Wall; to: Wall }[] = [];
  for (const span of all) {
    const before = apart.at(-1);
    if (before && span.from <= before.to) before.to = Math.max(before.to, span.to);
    else apart.push({ ...span });
  }
  return apart;
}

/** The parts of the wall's time that one restriction names, as far as they share time with [first, last). */
function occurrences(restriction: Restriction, first: Wall, last: Wall): WallSpan[] {
  const [from, to] = [timeOfDay(restriction.from), timeOfDay(restriction.to)];
  const ofWeek = restriction.kind === 'week';
  const days = ofWeek ? [restriction.fromDay] : restriction.days;
  const begins = days?.map((day) => WEEKDAYS.indexOf(day));
  const unit = ofWeek ? WEEK : DAY;
  const toDay = ofWeek ? WEEKDAYS.indexOf(restriction.toDay) - WEEKDAYS.indexOf(restriction.fromDay) : 0;
  const length = (((to - from + toDay * DAY) % unit) + unit) % unit;
  const found: WallSpan[] = [];
  for (let day = midnightOf(first) - unit; day < last; day += DAY) {
    if (begins && !begins.includes(weekdayOf(day))) continue;
    const span = { from: day + from, to: day + from + length };
    if (span.from < last && span.to > first) found.push(span);
  }
  return found;
}

/**
 * Whether the layer has anybody at any time while a restriction applies: not so where it ends before it begins, or the restriction falls on days that it does not
 * last to. Where it has no end every restriction comes round.
 */
export function everApplies(layer: Layer, restriction: Restriction): boolean {
  const { from, to } = lifeOf(layer);
  return occurrences(restriction, from, Math.min(to, from + 2 * WEEK)).some((one) => one.from < one.to);
}
