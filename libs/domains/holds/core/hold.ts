import type { Micros } from '@holdfast/kernel';
import type { HoldScope } from './scope';

/**
 * What a hold is at. `proposed`: it would hold everything, and waits for a second person. `in_force`; `releasing`: in force, and somebody asked to release it; `released`; `refused`: nobody
 * wanted it.
 */
export const HOLD_STATES = ['proposed', 'in_force', 'releasing', 'released', 'refused'] as const;
export type HoldState = (typeof HOLD_STATES)[number];

/** Whether it forbids to delete. */
export const holds = (state: HoldState): boolean => state === 'in_force' || state === 'releasing';

/** Somebody who has to know of the hold, and to say so. */
export interface Custodian {
  readonly id: string;
  /** Id of the channel that the notice goes through, and the address there. */
  readonly channel?: string | undefined;
  readonly to?: string | undefined;
}

/** What people say of a hold. */
export interface HoldTerms {
  readonly matter: string;
  /** Who answers for it, such as a law firm or a team. */
  readonly counsel: string;
  readonly description?: string | undefined;
  readonly scope: HoldScope;
  readonly custodians: readonly Custodian[];
  /** How often custodians who said nothing are reminded, in days. */
  readonly remindEveryDays: number;
  /** After how many days somebody has to look whether it is still needed. */
  readonly reviewEveryDays: number;
  /** Whom reminders of a review go to, beside the report. */
  readonly reviewer?: Custodian | undefined;
}

/** One version of a hold. Versions count from 1 and are never changed. */
export interface HoldVersion {
  readonly hold: string;
  readonly version: number;
  readonly state: HoldState;
  readonly terms: HoldTerms;
  /** Names what was said when it was made. */
  readonly proposal: string;
  readonly reason: string;
  readonly by: string;
  readonly at: Micros;
}

export type HoldStep = 'amend' | 'approve' | 'refuse' | 'ask_release' | 'release' | 'keep';

/** Why a step is refused. */
export type HoldRefusal = 'hold_not_open' | 'hold_not_waiting' | 'second_person_needed';

/**
 * What a hold is after a step.
 * @param asker who asked for what waits: nobody approves what they asked for
 */
export function nextState(state: HoldState, step: HoldStep, by: string, asker: string): HoldState | HoldRefusal {
  if (state === 'released' || state === 'refused') return 'hold_not_open';
  switch (step) {
    case 'amend':
      return state === 'in_force' ? 'in_force' : 'hold_not_open';
    case 'ask_release':
      return state === 'in_force' ? 'releasing' : 'hold_not_open';
    case 'approve':
      if (state !== 'proposed') return 'hold_not_waiting';
      return by === asker ? 'second_person_needed' : 'in_force';
    case 'refuse':
      return state === 'proposed' ? 'refused' : 'hold_not_waiting';
    case 'release':
      if (state !== 'releasing') return 'hold_not_waiting';
      return by === asker ? 'second_person_needed' : 'released';
    case 'keep':
      return state === 'releasing' ? 'in_force' : 'hold_not_waiting';
  }
}

export const isRefusal = (next: HoldState | HoldRefusal): next is HoldRefusal =>
  !(HOLD_STATES as readonly string[]).includes(next);
