import type { Micros, ZoneClock } from '@holdfast/kernel';
import { layerSpans, type Held } from './layer-spans';
import { held, type Override } from './override';
import type { ScheduleDefinition } from './schedule';

/** [from, to) that somebody has, and through what: a layer's turn or an override; the other one is ''. */
export interface Assignment extends Held {
  readonly layer: string;
  readonly override: string;
}
/** [from, to) in which nobody else is on call, however many turns that is. */
export type Shift = Held;
export interface Span {
  readonly from: Micros;
  readonly to: Micros;
}

/** A version of a schedule, from when it was made until the next one was. */
export interface InForce extends Span {
  readonly definition: ScheduleDefinition;
  readonly clock: ZoneClock;
}

/**
 * Who has which part of [from, to), turn by turn, in the order of time. What a person holds in one piece may come as several.
 * @param versions that share time with it, each for the time in which it held: what was is not changed by a later version
 * @param overrides that share time with it, in the order in which they were made: the newest one wins
 */
export function assignments(
  versions: readonly InForce[],
  overrides: readonly Override[],
  from: Micros,
  to: Micros,
): Assignment[] {
  let all: Assignment[] = [];
  for (const { definition, clock, ...span } of versions) {
    const within = { from: Math.max(from, span.from), to: Math.min(to, span.to) };
    if (within.from < within.to) all.push(...layered(definition, clock, within));
  }
  for (const override of overrides) {
    const { id, person } = override;
    const part = held(override);
    const taken = { from: Math.max(from, part.from), to: Math.min(to, part.to), person, layer: '', override: id };
    if (taken.from < taken.to) all = overlay(all, [taken]);
  }
  return all;
}

function layered({ layers }: ScheduleDefinition, clock: ZoneClock, { from, to }: Span): Assignment[] {
  let all: Assignment[] = [];
  for (const layer of layers) {
    const own = layerSpans(layer, clock, from, to).map((one) => ({ ...one, layer: layer.name, override: '' }));
    all = overlay(all, own);
  }
  return all;
}

/** Lays spans over others, both in order and apart: what is covered of those below is cut away. */
function overlay(below: readonly Assignment[], above: readonly Assignment[]): Assignment[] {
  if (above.length === 0) return [...below];
  if (below.length === 0) return [...above];
  const all: Assignment[] = [];
  let next = 0;
  for (const one of below) {
    let from = one.from;
    while (next < above.length && above[next]!.to <= from) all.push(above[next++]!);
    for (; next < above.length && above[next]!.from < one.to; next++) {
      const over = above[next]!;
      if (from < over.from) all.push({ ...one, from, to: over.from });
      from = over.to;
      if (over.to > one.to) break; // the next one below meets it too
      all.push(over);
    }
    if (from < one.to) all.push({ ...one, from });
  }
  all.push(...above.slice(next));
  return all;
}

/** Joins what one person has without a break. */
export function shiftsOf(assigned: readonly Held[]): Shift[] {
  const shifts: { from: Micros; to: Micros; person: string }[] = [];
  for (const { from, to, person } of assigned) {
    const before = shifts.at(-1);
    if (before?.person === person && before.to === from) before.to = to;
    else shifts.push({ from, to, person });
  }
  return shifts;
}

/** The parts of [from, to) that nobody has. @param assigned of the same span */
export function gapsOf(assigned: readonly Span[], from: Micros, to: Micros): Span[] {
  const gaps: Span[] = [];
  let at = from;
  for (const one of assigned) {
    if (one.from > at) gaps.push({ from: at, to: one.from });
    at = one.to;
  }
  if (at < to) gaps.push({ from: at, to });
  return gaps;
}

/** Assignments made ready to be asked for an instant many times: a binary search each. */
export class Timeline {
  private readonly starts: Float64Array;

  constructor(private readonly assigned: readonly Assignment[]) {
    this.starts = Float64Array.from(assigned, ({ from }) => from);
  }

  /** Who has it then; undefined in a gap, and outside the span that the assignments are of. */
  at(instant: Micros): Assignment | undefined {
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle]! <= instant) low = middle + 1;
      else high = middle;
    }
    const found = this.assigned[low - 1];
    return found && instant < found.to ? found : undefined;
  }
}
