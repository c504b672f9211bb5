import type { Hop } from '@holdfast/domains/catalog/core/process';
import type { Micros } from '@holdfast/kernel';
import { type Digest, type Level, levelOf } from './digests';
import type { Window } from './window';

/** Digests of one hour of a window's time, by origin. */
export interface HourDigest extends Digest {
  readonly hour: Micros;
  readonly lastOccurredAt: Micros;
}

/** A stretch of a window that is looked at key by key. */
export interface Segment {
  readonly from: Micros;
  readonly to: Micros;
  readonly level: Level;
  /** Whether something in it happened after the window and its grace. */
  readonly anyLate: boolean;
  /** Events that count in it, at all stages. */
  readonly events: number;
}

/** Segments are of whole hours, as long as that stays below so many events, some ten seconds of work: a crash repeats one of them. */
const MOST_EVENTS = 50_000_000;
const HOUR: Micros = 3_600_000_000;

/**
 * The parts of a window that have to be looked at: hours in which a hop's digests differ, or were made of another definition, or something is late; in their order. Neighbours that are
 * alike make one segment.
 */
export function segmentsOf(
  { from, to }: Pick<Window, 'from' | 'to'>,
  digests: readonly HourDigest[],
  hops: readonly Hop[],
  definition: number,
  deadline: Micros,
  mostEvents = MOST_EVENTS,
): Segment[] {
  const byHour = new Map<Micros, HourDigest[]>();
  for (const digest of digests) byHour.set(digest.hour, [...(byHour.get(digest.hour) ?? []), digest]);
  const segments: Segment[] = [];
  for (const [hour, own] of [...byHour].sort(([a], [b]) => a - b)) {
    const level = levelOf(own, hops, definition);
    const anyLate = own.some(({ lastOccurredAt }) => lastOccurredAt > deadline);
    if (level === 'equal' && !anyLate) continue;
    const events = own.reduce((sum, one) => sum + one.events, 0);
    const next = { from: Math.max(from, hour), to: Math.min(to, hour + HOUR), level, anyLate, events };
    const last = segments.at(-1);
    const isAlike = last?.to === next.from && last.level === level && last.anyLate === anyLate;
    if (isAlike && last.events + events <= Math.min(MOST_EVENTS, mostEvents))
      segments[segments.length - 1] = { ...last, to: next.to, events: last.events + events };
    else segments.push(next);
  }
  return segments;
}
