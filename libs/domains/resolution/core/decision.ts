import type { Micros } from '@holdfast/kernel';

/** What people decide about discrepancies: `fix_reported` leaves them open and has the window judged again. */
export type HumanAction = 'accept' | 'ignore' | 'fix_reported';
export const HUMAN_ACTIONS = ['accept', 'ignore', 'fix_reported'] as const satisfies readonly HumanAction[];

/** Which open discrepancies a decision is about; empty lists and texts: any. */
export interface Selection {
  readonly process: string;
  /** One window; '' for every window that shares time with [from, to). */
  readonly reconciliation: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly kinds: readonly string[];
  readonly stages: readonly string[];
  readonly fields: readonly string[];
  readonly keys: readonly string[];
  readonly keyPrefix: string;
}

/** What somebody wants done. The reason is stored, and never stands in a history. */
export interface Proposal {
  readonly decision: string;
  readonly action: HumanAction;
  readonly selection: Selection;
  readonly reason: string;
  /** When what is ignored comes back; 0 for never. */
  readonly expiresAt: Micros;
  readonly by: string;
  readonly at: Micros;
}

/** `counting` until it is known what it is about; `proposed` waits for somebody else; `applying` begins when nobody needs to, or somebody has approved. */
export type DecisionState = 'counting' | 'proposed' | 'refused' | 'lapsed' | 'applying' | 'applied' | 'expired';
/** What a decision went through, once each. */
export type DecisionStep = 'proposed' | 'approved' | 'refused' | 'lapsed' | 'applied' | 'expired';

/** The state that the steps of a decision come to. */
export function stateAfter(steps: readonly DecisionStep[]): DecisionState {
  const has = (step: DecisionStep): boolean => steps.includes(step);
  if (has('expired')) return 'expired';
  if (has('applied')) return 'applied';
  if (has('refused')) return 'refused';
  if (has('lapsed')) return 'lapsed';
  if (has('approved')) return 'applying';
  return has('proposed') ? 'proposed' : 'counting';
}

/** What a decision was found to be about when it was made. */
export interface Survey {
  readonly windows: number;
  readonly discrepancies: number;
}

/** One for each window: what a window accepted by a decision is found by it. */
export const acceptanceOf = (decision: string, reconciliation: string): string => `${decision}.${reconciliation}`;
