import type { Severity } from '@holdfast/domains/alerting/core/alert';
import type { Micros } from '@holdfast/kernel';
import { type AbsentPolicy, type Band, type Condition, type RuleDefinition, SECOND } from './rule';

/** Why a value cannot be told: the rule is wrong, or what it measures is. */
export type Fault = 'division_by_zero' | 'not_a_number' | 'query_failed' | 'too_many_series' | 'unknown_stage';

/** What there should be at an hour of the week. */
export interface Expectation {
  readonly median: number;
  /** A robust standard deviation. */
  readonly deviation: number;
}

/** What was measured of a series at an instant. */
export type Sample =
  | {
      readonly is: 'value';
      readonly value: number;
      /** What bands are compared with: the value, or how many deviations it is away from what was expected. */
      readonly judged: number;
      readonly expected?: Expectation | undefined;
    }
  /** There is nothing to measure. */
  | { readonly is: 'absent' }
  | { readonly is: 'error'; readonly fault: Fault }
  /** There is not enough history yet to expect something. */
  | { readonly is: 'learning'; readonly value: number };

export const SERIES_STATES = ['ok', 'pending', 'firing', 'resolving', 'absent', 'error', 'learning'] as const;
export type SeriesStateName = (typeof SERIES_STATES)[number];
export const CAUSES = ['value', 'absent', 'error'] as const;
export type Cause = (typeof CAUSES)[number];

/** An alert that stands. */
export interface Firing {
  /** When this alert fired. */
  readonly since: Micros;
  /** When the first alert fired of those that this one took the place of, each of them less severe; `since` where it is the first. */
  readonly first: Micros;
  readonly cause: Cause;
  readonly severity: Severity;
  /** Since when it had been so. */
  readonly begun: Micros;
}

/** Since when a band's value, absence or an error has been there without a break. */
type Held = Readonly<Partial<Record<Severity | 'absent' | 'fault', Micros>>>;

/** What a series is at, as it is kept from one instant to the next. */
export interface SeriesState {
  readonly state: SeriesStateName;
  readonly since: Micros;
  readonly evaluatedAt: Micros;
  readonly value: number | null;
  readonly expected: Expectation | null;
  /** Why it cannot be evaluated; '' where it can. */
  readonly fault: Fault | '';
  readonly held: Held;
  readonly firing: Firing | undefined;
  /** Since when what fires has been well. */
  readonly clearSince: Micros | undefined;
  /** When there was something to measure last. */
  readonly seenAt: Micros;
  /** The longest time between two rounds lately; 0 where there was one round. */
  readonly pace: Micros;
}

/** What of a rule decides. Times in microseconds. */
export interface Terms {
  readonly isBreach: (judged: number, at: number) => boolean;
  readonly bands: readonly Band[];
  readonly clear: number;
  readonly for: Micros;
  readonly keepFiring: Micros;
  readonly absent: Pick<AbsentPolicy, 'policy' | 'severity'> & { readonly after: Micros };
  /** Times do not count through a longer gap between two evaluations, unless rounds have been slow lately. */
  readonly longestGap: Micros;
}

/** Worst first. */
const WORST: readonly Severity[] = ['critical', 'error', 'warning', 'info'];
export const isWorse = (a: Severity, b: Severity): boolean => WORST.indexOf(a) < WORST.indexOf(b);
/** Of a rule that cannot be evaluated. */
const FAULT_SEVERITY: Severity = 'error';

/** However slow rounds are: what takes longer is downtime. */
const LONGEST_SLOW_GAP: Micros = 600 * SECOND;
/** What is left of the pace after a round that was faster: a round that is slow once in some minutes should not be a gap each time. */
const REMEMBERED = 0.98;

/** @param every between two evaluations */
export function termsOf(
  { when, forSeconds, keepFiringSeconds, absent }: Omit<RuleDefinition, 'metric'>,
  every: Micros,
): Terms {
  const isBelow = when.kind === 'threshold' && when.is === 'below';
  const isBreach = isBelow ? (a: number, at: number) => a < at : (a: number, at: number) => a > at;
  const levels = when.bands.map(({ at }) => at);
  return {
    ...{ isBreach, bands: when.bands },
    clear: when.clear ?? (isBelow ? Math.max(...levels) : Math.min(...levels)),
    for: forSeconds * SECOND,
    keepFiring: keepFiringSeconds * SECOND,
    absent: { policy: absent.policy, severity: absent.severity, after: absent.afterSeconds * SECOND },
    longestGap: 4 * every,
  };
}

/** How far a value is from what is expected, as bands of a baseline count it: above 0 is the side that is told of. */
export function scoreOf(value: number, { median, deviation }: Expectation, is: (Condition & object)['is']): number {
  const score = (value - median) / deviation;
  return is === 'either' ? Math.abs(score) : is === 'below' ? -score : score;
}

/**
 * The state of a series after an instant. The same instant again changes nothing. Behind a gap, and when the clock was put back, nobody knows what was in between: `for`
 * and `keepFiring` begin anew, and what fires goes on. A gap is longer than the terms allow and than twice the pace of the rounds before it (10 minutes at most): when
 * rounds are merely slow, `for` and `keepFiring` count on.
 * @param before undefined for a series that is new, or whose rule has changed
 */
export function step(before: SeriesState | undefined, sample: Sample, at: Micros, terms: Terms): SeriesState {
  if (before?.evaluatedAt === at) return before;
  const known = before && isGap(before, at, terms) ? unwatched(before) : before;
  const held = heldNow(known?.held ?? {}, sample, at, terms);
  const due = dueNow(held, at, terms);
  const standing = known?.firing;
  const lasts = standing !== undefined && goesOn(standing, sample, terms);
  const clearSince = standing && !lasts ? (known.clearSince ?? at) : undefined;
  const isOver = clearSince !== undefined && (due !== undefined || at - clearSince >= terms.keepFiring);
  const rises =
    lasts && due?.cause === 'value' && standing.cause === 'value' && isWorse(due.severity, standing.severity);
  const firing = rises ? { ...due, first: standing.first } : !standing || isOver ? due : standing;
  const state = nameOf(sample, firing, firing === standing ? clearSince : undefined, held);
  return {
    state,
    since: known?.state === state ? Math.min(known.since, at) : at,
    evaluatedAt: at,
    value: 'value' in sample ? sample.value : null,
    expected: sample.is === 'value' ? (sample.expected ?? null) : null,
    fault: sample.is === 'error' ? sample.fault : '',
    held,
    firing,
    clearSince: firing === standing ? clearSince : undefined,
    seenAt: sample.is === 'absent' ? (known?.seenAt ?? at) : at,
    pace: before ? paceAfter(before, at) : 0,
  };
}

const isGap = ({ evaluatedAt, pace }: SeriesState, at: Micros, { longestGap }: Terms): boolean =>
  at < evaluatedAt || at - evaluatedAt > Math.max(longestGap, Math.min(2 * pace, LONGEST_SLOW_GAP));

/** Downtime, and a clock that was put back, say nothing of how long rounds take. */
function paceAfter({ evaluatedAt, pace }: SeriesState, at: Micros): Micros {
  const taken = at - evaluatedAt;
  return Math.max(Math.round(pace * REMEMBERED), taken > LONGEST_SLOW_GAP ? 0 : taken);
}

/** What is known of a series when nobody has watched it for a while. */
export const unwatched = (state: SeriesState): SeriesState => ({ ...state, held: {}, clearSince: undefined });

function heldNow(before: Held, sample: Sample, at: Micros, { bands, isBreach, absent }: Terms): Held {
  const keys: (keyof Held)[] =
    sample.is === 'value'
      ? bands.filter((band) => isBreach(sample.judged, band.at)).map(({ severity }) => severity)
      : sample.is === 'absent' && absent.policy === 'alert'
        ? ['absent']
        : sample.is === 'error'
          ? ['fault']
          : [];
  return Object.fromEntries(keys.map((key) => [key, before[key] ?? at]));
}

/** What has been so for long enough, the worst of it. */
function dueNow(held: Held, at: Micros, terms: Terms): Firing | undefined {
  const { absent, fault } = held;
  if (absent !== undefined)
    return at - absent >= terms.absent.after
      ? { since: at, first: at, cause: 'absent', severity: terms.absent.severity, begun: absent }
      : undefined;
  if (fault !== undefined)
    return at - fault >= terms.for
      ? { since: at, first: at, cause: 'error', severity: FAULT_SEVERITY, begun: fault }
      : undefined;
  const severity = WORST.find((one) => held[one] !== undefined && at - held[one] >= terms.for);
  return severity && { since: at, first: at, cause: 'value', severity, begun: held[severity]! };
}

/** Where nobody can say, what fires goes on. A baseline that begins anew has nothing to fire by. */
function goesOn({ cause }: Firing, sample: Sample, { isBreach, clear, absent }: Terms): boolean {
  if (sample.is === 'value') return cause === 'value' && isBreach(sample.judged, clear);
  if (sample.is === 'absent') return absent.policy !== 'ok';
  return sample.is === 'error';
}

function nameOf(
  sample: Sample,
  firing: Firing | undefined,
  clearSince: Micros | undefined,
  held: Held,
): SeriesStateName {
  if (sample.is !== 'value') return sample.is;
  if (firing) return clearSince === undefined ? 'firing' : 'resolving';
  return Object.keys(held).length > 0 ? 'pending' : 'ok';
}
