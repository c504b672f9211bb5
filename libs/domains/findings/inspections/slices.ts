import type { Micros } from '@holdfast/kernel';

export { SETTLED } from '../core/settled';

const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
export const HOUR: Micros = 60 * MINUTE;
export const DAY: Micros = 24 * HOUR;

/** What the first inspection looks back at. */
export const FIRST_LOOK: Micros = 24 * HOUR;

/**
 * Where the next slice ends. One that was planned before and not finished ends where it did: what was written of it is told by that.
 * @param from what was received until then is inspected
 */
export const endOfSlice = (from: Micros, longest: Micros, to: Micros, plannedTo = 0): Micros =>
  Math.min(plannedTo > from ? plannedTo : to, from + longest);

/** What an inspection is to do, and until when; it says after each step that it lives. */
export interface Progress {
  readonly at: Micros;
  readonly heartbeat: () => void;
}
