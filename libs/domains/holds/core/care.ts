import type { Micros } from '@holdfast/kernel';
import { type Custodian, holds, type HoldVersion } from './hold';

const DAY: Micros = 86_400_000_000;

/** Somebody who is to be told something. `round` counts from 0: the notice, then its reminders; of reviews from 1. */
export interface DueNotice {
  readonly custodian: Custodian;
  readonly kind: 'notice' | 'review';
  readonly round: number;
}

export interface CareDue {
  readonly due: readonly DueNotice[];
  /** When something will be due next; undefined: nothing will. */
  readonly next: Micros | undefined;
}

/**
 * What is due of a hold.
 * @param versions newest first
 * @param acknowledged ids of custodians who said that they know
 */
export function careDue(versions: readonly HoldVersion[], acknowledged: ReadonlySet<string>, at: Micros): CareDue {
  const [newest] = versions;
  if (!newest || !holds(newest.state)) return { due: [], next: undefined };
  const { custodians, remindEveryDays, reviewEveryDays, reviewer } = newest.terms;
  const since = versions.findLast(({ state }) => holds(state))!.at;
  const rounds = roundsOf(since, remindEveryDays, at);
  const reviews = roundsOf(since, reviewEveryDays, at);
  const silent = custodians.filter(({ id, channel }) => channel !== undefined && !acknowledged.has(id));
  const notices = silent.map((custodian) => ({ custodian, kind: 'notice' as const, round: rounds.now }));
  const review =
    reviewer && reviews.now > 0 ? [{ custodian: reviewer, kind: 'review' as const, round: reviews.now }] : [];
  const next = [...(silent.length > 0 ? [rounds.next] : []), ...(reviewer ? [reviews.next] : [])];
  return { due: [...notices, ...review], next: next.length > 0 ? Math.min(...next) : undefined };
}

/** The round that an instant is in, and when the next one begins. */
function roundsOf(since: Micros, days: number, at: Micros): { readonly now: number; readonly next: Micros } {
  const now = Math.max(0, Math.floor((at - since) / (days * DAY)));
  return { now, next: since + (now + 1) * days * DAY };
}

/** When the hold is to be looked at again; undefined where it is not in force. @param since when it was first in force */
export const reviewDue = ({ state, terms }: HoldVersion, since: Micros, at: Micros): Micros | undefined =>
  holds(state) ? roundsOf(since, terms.reviewEveryDays, at).next : undefined;
