import type { Micros } from '@holdfast/kernel';
import type { ObjectiveState } from './objective';

/** Arrivals are counted by so long: every zone's months begin on such a quarter. */
export const BUCKET: Micros = 15 * 60_000_000;
export const bucketAt = (at: Micros): Micros => Math.floor(at / BUCKET) * BUCKET;

/** How many there were, and how many of them as promised. */
export interface Tally {
  readonly good: number;
  readonly total: number;
}
/** What arrived in a quarter of an hour. */
export interface Bucket extends Tally {
  readonly at: Micros;
}

export const sumUp = (tallies: readonly Tally[]): Tally =>
  tallies.reduce((sum, { good, total }) => ({ good: sum.good + good, total: sum.total + total }), {
    good: 0,
    total: 0,
  });

/** Targets have six decimals at most: counted in millionths, a comparison is exact. */
const MILLION = 1_000_000n;
const millionths = (target: number): bigint => BigInt(Math.round(target * 1_000_000));

/** Whether more went wrong than the target leaves. Exact: a budget that is used up to the last one is kept. */
export const isBreached = ({ good, total }: Tally, target: number): boolean =>
  BigInt(total - good) * MILLION > BigInt(total) * (MILLION - millionths(target));

/**
 * The share of the error budget that is left: 1 while nothing went wrong, 0 when it is used up, negative when it is overspent. The budget is what the target
 * leaves of what was observed: (1 - target) * total.
 * Source: Beyer et al., The Site Reliability Workbook (2018), chapter 2.
 * @returns undefined where there is no budget: nothing was observed, or the target is 1
 */
export function budgetLeft({ good, total }: Tally, target: number): number | undefined {
  const allowed = budgetOf(total, target);
  return allowed === 0 ? undefined : 1 - (total - good) / allowed;
}

/** How many may go wrong. Made of whole millionths, so that 0.999 leaves a thousandth and nothing beside it. */
export const budgetOf = (total: number, target: number): number =>
  (total * Number(MILLION - millionths(target))) / 1_000_000;

/**
 * How fast the budget is used: 1 uses it up in exactly one period.
 * Source: The Site Reliability Workbook, chapter 5.
 * @returns undefined where nothing was observed, or the target is 1
 */
export function burnRate({ good, total }: Tally, target: number): number | undefined {
  const allowed = budgetOf(total, target);
  return allowed === 0 ? undefined : (total - good) / allowed;
}

/** Why nobody can say. */
export type Insufficiency = 'too_few_observations' | 'nothing_observed';

export interface Judged {
  readonly state: ObjectiveState;
  readonly reason: Insufficiency | undefined;
}

/**
 * The state of an objective. Too little to go by is never a pass: also not when what little there was went well, or badly.
 * @param projectedAt when it will be breached if it goes on so
 * @param warnUntil a breach that is projected until then is told
 */
export function judge(
  tally: Tally,
  observations: number,
  { target, minimumObservations }: { readonly target: number; readonly minimumObservations: number },
  projectedAt: Micros | undefined,
  warnUntil: Micros,
): Judged {
  if (tally.total === 0) return { state: 'insufficient_data', reason: 'nothing_observed' };
  if (observations < minimumObservations) return { state: 'insufficient_data', reason: 'too_few_observations' };
  if (isBreached(tally, target)) return { state: 'breached', reason: undefined };
  const isAtRisk = projectedAt !== undefined && projectedAt <= warnUntil;
  return { state: isAtRisk ? 'at_risk' : 'met', reason: undefined };
}
