import { type Micros, microsOf } from '@holdfast/kernel';
import { beginnings } from '@holdfast/platform/calendar/beginnings';
import { clockOf } from '@holdfast/platform/calendar/clocks';
import { readRecurrence } from '@holdfast/platform/calendar/recurrence';
import { type Change, spanOfChange } from './core/change';
import { joined, type Span, spansOnWall, type When } from './core/window';

const SECOND: Micros = 1_000_000;
const DAY: Micros = 86_400 * SECOND;
/** A wall differs from UTC by less, whatever its clocks do. */
const MARGIN = 2 * DAY;
/** So far ahead something has to occur. */
const YEARS: Micros = 10 * 366 * DAY;

/** A local date-time as if it were of UTC: what a wall shows. */
const wallOf = (text: string): number => microsOf(text.length === 16 ? `${text}:00Z` : `${text}Z`);

/** When a window mutes, other than by changes: the spans that share time with [from, to), whole, those that touch joined. A span that goes on behind it may be cut a day later. */
export function spansOf(when: Exclude<When, { kind: 'deployment' }>, from: Micros, to: Micros): Span[] {
  const spans = when.kind === 'one-off' ? [oneOff(when)] : recurring(when, from, to);
  return joined(spans).filter((one) => one.from < one.to && one.from < to && one.to > from);
}

function oneOff(when: When & { readonly kind: 'one-off' }): Span {
  const { zone, from, to } = when;
  if (zone === undefined) return { from: microsOf(from), to: microsOf(to) };
  const [begin, end] = [wallOf(from), wallOf(to)];
  const clock = clockOf(zone, begin - MARGIN, end + MARGIN);
  return { from: clock.instantOf(begin), to: clock.instantOf(end) };
}

function recurring(when: When & { readonly kind: 'recurring' }, from: Micros, to: Micros): Span[] {
  const rule = readRecurrence(when.rrule);
  if ('fault' in rule) return []; // was refused when it was to be stored
  const [start, length] = [wallOf(when.start), when.durationSeconds * SECOND];
  const [first, last] = [from - length - MARGIN, to + MARGIN];
  if (last <= start) return [];
  return spansOnWall(clockOf(when.zone, first, last), beginnings(rule, start, first, last), length, rule.until);
}

/** The first occurrence of a recurring window; undefined where there is none within ten years of its start. */
export const firstOccurrence = (when: When & { readonly kind: 'recurring' }): Span | undefined => {
  const start = wallOf(when.start);
  // A year at a time: most begin at once, and a span of ten years may hold very many.
  for (let from = start - MARGIN; from < start + YEARS; from += YEARS / 10) {
    const [first] = spansOf(when, from, from + YEARS / 10);
    if (first) return first;
  }
  return undefined;
};

/** The windows that changes open, each with whether it is still under way. */
export const spansOfChanges = (
  when: When & { readonly kind: 'deployment' },
  changes: readonly Change[],
): (Span & { readonly change: string; readonly isOpenEnded: boolean })[] =>
  changes.flatMap((change) => {
    const span = spanOfChange(change, when);
    if (!span || span.from >= span.to) return [];
    return [{ ...span, change: change.id, isOpenEnded: change.endedAt === undefined }];
  });
