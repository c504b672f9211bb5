import type { Micros } from '@holdfast/kernel';
import type { Choice, Rule, RuleAction } from './rule';

/** What one rule decided in one pass over a window's discrepancies. */
export interface RuleTally {
  readonly rule: string;
  readonly version: number;
  readonly action: RuleAction['kind'];
  readonly discrepancies: number;
}

/** What a pass of rules over a window came to. Ids, counts and times: it stands in histories. */
export interface Resolved {
  readonly tallies: readonly RuleTally[];
  /** Open discrepancies that no rule matched. */
  readonly undecided: number;
  /** When the rules may answer otherwise because of time alone; null: never. */
  readonly wakeAt: Micros | null;
  /** The first rule that pages, and by which policy; null: by the process's. */
  readonly escalate: { readonly rule: string; readonly policy: string | null } | null;
}

/** How far a pass has come. */
export interface PassState {
  readonly tallies: readonly RuleTally[];
  readonly undecided: number;
  readonly wakeAt: Micros | null;
}
export const NOTHING_DECIDED: PassState = { tallies: [], undecided: 0, wakeAt: null };

/** Counts one choice in. What is under way already was counted when that was decided. */
export function countIn(state: PassState, { rule, wakeAt, isUnderWay }: Choice): PassState {
  const soonest = wakeAt === undefined ? state.wakeAt : Math.min(state.wakeAt ?? wakeAt, wakeAt);
  if (!rule) return { ...state, undecided: state.undecided + 1, wakeAt: soonest };
  if (isUnderWay) return { ...state, wakeAt: soonest };
  const known = state.tallies.findIndex((tally) => tally.rule === rule.id);
  if (known < 0) return { ...state, tallies: [...state.tallies, tallyOf(rule, 1)], wakeAt: soonest };
  const tallies = state.tallies.with(known, tallyOf(rule, state.tallies[known]!.discrepancies + 1));
  return { ...state, tallies, wakeAt: soonest };
}

const tallyOf = ({ id, version, action }: Rule, discrepancies: number): RuleTally => ({
  rule: id,
  version,
  action: action.kind,
  discrepancies,
});

/** What a pass came to, given the rules in their order. */
export function resolvedOf(state: PassState, rules: readonly Rule[]): Resolved {
  const pages = rules.find(
    ({ id, action }) => action.kind === 'escalate' && state.tallies.some(({ rule }) => rule === id),
  );
  const escalate = pages?.action.kind === 'escalate' ? { rule: pages.id, policy: pages.action.policy ?? null } : null;
  return { ...state, escalate };
}

/**
 * Names what a rule decided in one pass: the same for the same pass, however often it is repeated. Waiting is one decision for a judgement, however
 * often it is looked at.
 */
export const decisionOf = (
  judgement: string,
  { rule, version, action }: Pick<RuleTally, 'rule' | 'version' | 'action'>,
  at: Micros,
): string => `${rule}.${version}.${judgement}${action === 'wait' ? '' : `.${at}`}`;
