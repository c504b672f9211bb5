import type { DecisionState, DecisionStep, Survey } from '@holdfast/domains/resolution/core/decision';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';
import { defineUpdate } from '@temporalio/workflow';

/** A proposal by its id: what it selects, and why, stands in ClickHouse. Later runs of the same know what the first came to. */
export interface DecisionToMake {
  readonly decision: string;
  readonly goesOn?: {
    readonly plan: DecisionPlan;
    readonly phase: 'apply' | 'expire';
    readonly after: string;
    readonly sum: Survey;
  };
}

/** What the workflow needs to know of a proposal. */
export interface DecisionPlan extends Survey {
  /** Who proposed it: nobody approves what they proposed. */
  readonly by: string;
  /** How long somebody else may take to approve it; null: nobody needs to. */
  readonly approveWithinSeconds: number | null;
  /** When what is ignored comes back; null: nothing does. */
  readonly expiresAt: Micros | null;
}

export interface Step {
  readonly step: DecisionStep;
  readonly at: Micros;
  /** The principal; '' for the system. */
  readonly by: string;
  /** Names what they said. */
  readonly remark: string;
  readonly sum: Survey;
  readonly deadline: Micros;
}
export interface AppliedPage {
  readonly sum: Survey;
  /** The last window of the page; null: it was the last page. */
  readonly next: string | null;
}

/** One decision of people about discrepancies: waits for somebody else's approval where the process wants that, takes effect, and ends when what was ignored has come back. */
export const decideDiscrepancies = defineWorkflow<DecisionToMake, DecisionState>()({
  name: 'decideDiscrepancies',
  id: ({ decision }) => `decision/${decision}`,
  activities: {
    survey: activity<(decision: string) => Promise<DecisionPlan>>({
      queue: 'bulk',
      startToClose: '1h',
      heartbeat: '30s',
      retry: { initialInterval: '500ms', maximumInterval: '30s' },
      repeat: 'counts again, and replaces what it wrote of each window',
    }),
    record: activity<(decision: string, step: Step) => Promise<void>>({
      queue: 'control',
      startToClose: '10s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'writes the same row, which the table keeps once',
    }),
    applyPage: activity<(decision: string, after: string, at: Micros) => Promise<AppliedPage>>({
      queue: 'bulk',
      startToClose: '1h',
      heartbeat: '30s',
      retry: { initialInterval: '500ms', maximumInterval: '30s' },
      repeat: 'accepts what it did not accept the first time, and has windows count again, which changes nothing then',
    }),
    expirePage: activity<(decision: string, after: string) => Promise<string | null>>({
      queue: 'bulk',
      startToClose: '1h',
      heartbeat: '30s',
      retry: { initialInterval: '500ms', maximumInterval: '30s' },
      repeat: 'takes back what is left to take back, and has the windows judged again',
    }),
  },
});

/**
 * Somebody approves or refuses. Answers once it is recorded. All who come at once are answered one after the other, here: the first decides.
 * @throws ApplicationFailure `decision_closed` or `own_proposal`, kind `conflict`
 */
export const answer = defineUpdate<DecisionState, [answer: 'approved' | 'refused', by: string, remark: string]>(
  'answer',
);
