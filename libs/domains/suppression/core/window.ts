import type { Micros, ZoneClock, Wall } from '@holdfast/kernel';
import type { Matcher } from './matcher';

export interface Span {
  readonly from: Micros;
  readonly to: Micros;
}

/** When a window mutes. Times are the texts that were given. */
export type When =
  /** RFC 3339; with a zone, what its clocks show. */
  | { readonly kind: 'one-off'; readonly zone?: string | undefined; readonly from: string; readonly to: string }
  /** `rrule` as in RFC 5545, 3.3.10; `start` is what the clocks of the zone show, and so is what is `durationSeconds` later. */
  | {
      readonly kind: 'recurring';
      readonly zone: string;
      readonly start: string;
      readonly durationSeconds: number;
      readonly rrule: string;
    }
  /** From when a change that matches began until `afterSeconds` after it ended, for `maxSeconds` at most. */
  | {
      readonly kind: 'deployment';
      readonly changes: readonly Matcher[];
      readonly afterSeconds: number;
      readonly maxSeconds: number;
    };

/** What keeps notifications back. */
export interface WindowDefinition {
  readonly reason: string;
  /** Who answers for it. */
  readonly owner: string;
  readonly enabled: boolean;
  /** The alerts that it mutes: all are so. */
  readonly matchers: readonly Matcher[];
  readonly when: When;
}

/**
 * The spans from these times of the wall on, each as long on the wall: cut there, and instants by the one rule of ADR 19, so that 22:00 to 06:00 is that on every day. What lies within a skipped hour does
 * not happen.
 * @param until no span begins after it
 */
export function spansOnWall(clock: ZoneClock, beginnings: readonly Wall[], length: Micros, until = Infinity): Span[] {
  return beginnings
    .map((begin) => ({ from: clock.instantOf(begin), to: clock.instantOf(begin + length) }))
    .filter(({ from, to }) => from < to && from <= until);
}

/** Joins spans that overlap or touch. */
export function joined(spans: readonly Span[]): Span[] {
  const found: { from: Micros; to: Micros }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const before = found.at(-1);
    if (before && from <= before.to) before.to = Math.max(before.to, to);
    else found.push({ from, to });
  }
  return found;
}

/** What spans that are joined have in [from, to). */
export const within = (spans: readonly Span[], { from, to }: Span): Span[] =>
  spans.map((one) => ({ from: Math.max(one.from, from), to: Math.min(one.to, to) })).filter((one) => one.from < one.to);
