import type { Asked, Observation, Scope } from '@holdfast/domains/findings/core/finding';
import type { Micros } from '@holdfast/kernel';
import { BUCKET, type Bucket, budgetLeft, burnRate, bucketAt, type Insufficiency, judge, sumUp } from './budget';
import { type Dimension, type ObjectiveDefinition, observationsOf, type ObjectiveState } from './objective';
import { projectBreach } from './projection';

/** What an objective was found to be at a time. Times in microseconds; shares and rates without unit. */
export interface Evaluation {
  readonly evaluatedAt: Micros;
  /** Of the objective's document. */
  readonly version: number;
  readonly dimension: Dimension;
  readonly state: ObjectiveState;
  /** Why there is not enough to say; '' otherwise. */
  readonly reason: Insufficiency | (string & {});
  /** The arrivals that it is about. */
  readonly coversFrom: Micros;
  readonly coversTo: Micros;
  /** Up to when what was received is in it. */
  readonly asOf: Micros;
  readonly good: number;
  readonly total: number;
  readonly observations: number;
  readonly target: number;
  readonly budgetLeft: number | null;
  readonly burnRate: number | null;
  /** What burn rate and projection are made of begins here. */
  readonly recentFrom: Micros;
  readonly projectedAt: Micros | null;
  /** Of freshness: the newest arrival; null where nothing has arrived, and of other objectives. */
  readonly newestAt: Micros | null;
}

/** What was counted for an objective. */
export interface Counted {
  readonly buckets: readonly Bucket[];
  readonly newestAt: Micros | null;
}

/** A period as it lies now: the arrivals in [from, to), of which `to` is the last that is decided. */
export interface PeriodNow {
  readonly from: Micros;
  readonly to: Micros;
  /** Of a calendar month: its end. */
  readonly endsAt: Micros | undefined;
}

const HOUR: Micros = 3_600_000_000;

/** Judges what was counted. Pure: the same counts give the same evaluation. */
export function evaluate(
  { target, promised, minimumObservations, lookbackHours, warnHours }: ObjectiveDefinition,
  version: number,
  { from, to, endsAt }: PeriodNow,
  { buckets, newestAt }: Counted,
  evaluatedAt: Micros,
  asOf: Micros,
): Evaluation {
  const tally = sumUp(buckets);
  const observations = observationsOf(promised.kind, tally.total);
  const recentFrom = Math.max(from, bucketAt(to - lookbackHours * HOUR));
  const warnUntil = to + warnHours * HOUR;
  const length = Math.max(to - from, BUCKET);
  const enough = observations >= minimumObservations;
  const projectedAt = enough
    ? projectBreach(buckets, target, recentFrom, to, { endsAt, length }, warnUntil)
    : undefined;
  const { state, reason } = judge(tally, observations, { target, minimumObservations }, projectedAt, warnUntil);
  return {
    ...{
      evaluatedAt,
      version,
      dimension: promised.kind,
      state,
      reason: reason ?? '',
      coversFrom: from,
      coversTo: to,
      asOf,
    },
    ...{ ...tally, observations, target, recentFrom, newestAt },
    budgetLeft: budgetLeft(tally, target) ?? null,
    burnRate: burnRate(sumUp(buckets.filter(({ at }) => at >= recentFrom)), target) ?? null,
    // What is breached already has no time to come.
    projectedAt: state === 'breached' ? null : (projectedAt ?? null),
  };
}

/** Where findings of an objective stand. */
export const scopeOf = ({ process, promised }: ObjectiveDefinition): Scope => ({
  ...{ source: '', process },
  stage: promised.kind === 'freshness' ? promised.stage : '',
});
export const isSameScope = (a: Scope, b: Scope): boolean => a.process === b.process && a.stage === b.stage;

/** What is open of an objective while it is in a state. */
const KIND_OF = { breached: 'objective_breached', at_risk: 'objective_at_risk' } as const;

/**
 * What findings hear of an evaluation: each kind is so, or is over. Nothing where nobody can say, so that what was found stays as it is.
 * @param before the state that was found last and said something; undefined for none. What was told before is no news: what a person has closed stays closed
 * until it is over
 */
export function observationsFrom(
  id: string,
  objective: ObjectiveDefinition,
  evaluation: Evaluation,
  before: ObjectiveState | undefined,
): Observation[] {
  const { state, coversFrom, coversTo, total, good, budgetLeft: left, projectedAt, evaluatedAt } = evaluation;
  if (state === 'insufficient_data') return [];
  const measures = {
    good,
    total,
    ...(left !== null && { budget_left_millionths: Math.round(left * 1_000_000) }),
    ...(projectedAt !== null && { projected_at: projectedAt }),
  };
  return (['breached', 'at_risk'] as const).map((one) => ({
    kind: KIND_OF[one],
    scope: scopeOf(objective),
    begins: '',
    standing: state !== one ? 'gone' : before === one ? 'changed' : 'present',
    // What is found ends now, and not where its keys had their time: it is news that came after whatever was closed before.
    extent: {
      numbers: undefined,
      fromAt: coversFrom,
      toAt: Math.max(coversTo, evaluatedAt),
      cases: objective.promised.kind === 'freshness' ? 0 : total - good,
      measures,
    },
    adds: false,
    asked: askedBy(`objective/${id}`, objective, objective.alertOn.includes(one)),
  }));
}

/** Who is told of what comes of a document. */
export const askedBy = (
  subject: string,
  { owner, escalationPolicy }: { readonly owner: string; readonly escalationPolicy?: string | undefined },
  pages: boolean,
): Asked => ({ subject, owner, policy: pages ? (escalationPolicy ?? '') : '' });
