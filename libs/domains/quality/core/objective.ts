import type { ProcessDefinition } from '@holdfast/domains/catalog/core/process';
import { endsOf } from '@holdfast/domains/catalog/core/topology';
import type { Micros } from '@holdfast/kernel';

/** What is promised of a process, by when things arrive. */
export type Promised =
  /** The share of keys that came to the end of the process so soon after they had come to its beginning. */
  | { readonly kind: 'completeness'; readonly withinSeconds: number }
  /** The share of time in which the newest event of a stage was no older than that. */
  | { readonly kind: 'freshness'; readonly stage: string; readonly maxAgeSeconds: number }
  /** The share of events at the beginning of the process whose keys are neither mutated nor duplicate, by verdicts of windows. */
  | { readonly kind: 'accuracy' };
export type Dimension = Promised['kind'];
export const DIMENSIONS = ['completeness', 'freshness', 'accuracy'] as const satisfies readonly Dimension[];

/** The last so many days, or the calendar month of a place. */
export type Period =
  { readonly kind: 'rolling'; readonly days: number } | { readonly kind: 'month'; readonly timeZone: string };

/** `met`: as promised. `at_risk`: as promised until now, and not for long if it goes on so. `insufficient_data`: nobody can say. */
export const OBJECTIVE_STATES = ['met', 'at_risk', 'breached', 'insufficient_data'] as const;
export type ObjectiveState = (typeof OBJECTIVE_STATES)[number];

export interface ObjectiveDefinition {
  readonly description?: string | undefined;
  readonly process: string;
  readonly promised: Promised;
  /** A share, of six decimals at most. */
  readonly target: number;
  readonly period: Period;
  /** Below so many keys, events or minutes (of freshness) nothing is said. */
  readonly minimumObservations: number;
  /** What went on so long is what a projection takes to go on. */
  readonly lookbackHours: number;
  /** A breach that is projected so soon is told. */
  readonly warnHours: number;
  readonly owner: string;
  readonly escalationPolicy?: string | undefined;
  readonly alertOn: readonly ('breached' | 'at_risk')[];
  /** Whether it is evaluated by itself. */
  readonly enabled: boolean;
}

/** What is counted for a promise of a process: objectives of the same measure share what was counted. */
export type Measure =
  | {
      readonly kind: 'completeness';
      readonly process: string;
      /** Where keys begin: any of these stages. */
      readonly first: readonly string[];
      /** One stage of each group has to be reached. */
      readonly last: readonly (readonly string[])[];
      readonly within: Micros;
    }
  | { readonly kind: 'freshness'; readonly process: string; readonly stage: string; readonly maxAge: Micros }
  | { readonly kind: 'accuracy'; readonly process: string };

const SECOND: Micros = 1_000_000;

export function measureOf(
  id: string,
  process: Pick<ProcessDefinition, 'stages' | 'hops' | 'cardinality'>,
  promised: Promised,
): Measure {
  switch (promised.kind) {
    case 'completeness':
      return { kind: 'completeness', process: id, ...endsOf(process), within: promised.withinSeconds * SECOND };
    case 'freshness':
      return {
        kind: 'freshness',
        process: id,
        stage: promised.stage,
        maxAge: promised.maxAgeSeconds * SECOND,
      };
    case 'accuracy':
      return { kind: 'accuracy', process: id };
  }
}
/** Names a measure where it is stored. */
export const nameOf = (measure: Measure): string => JSON.stringify(measure);

/** In which unit an objective counts. */
export const UNITS = { completeness: 'keys', freshness: 'microseconds', accuracy: 'events' } as const satisfies Record<
  Dimension,
  string
>;
const MINUTE: Micros = 60_000_000;
/** What `minimumObservations` counts: keys, events, or whole minutes that were watched. */
export const observationsOf = (kind: Dimension, total: number): number =>
  kind === 'freshness' ? Math.floor(total / MINUTE) : total;
