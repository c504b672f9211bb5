import type { Micros } from '@holdfast/kernel';
import { type FiringOf, type Span } from './firing';
import type { SeriesKey } from './rule';
import { type Sample, type SeriesState, step, type Terms } from './series';

/** What would have fired. */
export interface PastFiring extends Omit<FiringOf, 'rule'> {
  /** Undefined where it fires at the end. */
  readonly to: Micros | undefined;
}

/** Takes a series through every instant in its order. @returns what it would have been at the last, and what would have fired */
export function replay(
  series: SeriesKey,
  samples: readonly { readonly at: Micros; readonly sample: Sample }[],
  terms: Terms,
): { readonly firings: PastFiring[]; readonly state: SeriesState | undefined } {
  const firings: PastFiring[] = [];
  let state: SeriesState | undefined;
  for (const { at, sample } of samples) {
    const before = state?.firing;
    state = step(state, sample, at, terms);
    if (state.firing === before) continue;
    if (before) firings.push({ ...before, series, to: at });
  }
  if (state?.firing) firings.push({ ...state.firing, series, to: undefined });
  return { firings, state };
}

/** A time in which something was wrong. */
export interface Incident extends Span {
  readonly name?: string | undefined;
}

/** How well firings tell of incidents. */
export interface Score {
  readonly incidents: readonly (Incident & {
    /** When the first firing of it began; undefined where none did. */
    readonly firedAt: Micros | undefined;
  })[];
  /** Firings that share time with an incident, of all; undefined where nothing fired. */
  readonly precision: number | undefined;
  /** Incidents that share time with a firing, of all; undefined where there were none. */
  readonly recall: number | undefined;
}

export function scoreOf(firings: readonly PastFiring[], incidents: readonly Incident[], end: Micros): Score {
  const meet = (firing: PastFiring, { from, to }: Incident): boolean => firing.since < to && (firing.to ?? end) > from;
  const right = firings.filter((firing) => incidents.some((incident) => meet(firing, incident)));
  const told = incidents.map((incident) => {
    const own = firings.filter((firing) => meet(firing, incident)).map(({ since }) => since);
    return { ...incident, firedAt: own.length === 0 ? undefined : Math.min(...own) };
  });
  const caught = told.filter(({ firedAt }) => firedAt !== undefined);
  return {
    incidents: told,
    precision: firings.length === 0 ? undefined : right.length / firings.length,
    recall: incidents.length === 0 ? undefined : caught.length / incidents.length,
  };
}
