import type { ObjectiveState } from '@holdfast/domains/quality/core/objective';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** When an objective was evaluated, and what it was found to be. */
export interface Evaluated {
  readonly at: Micros;
  readonly state: ObjectiveState;
}

/** Evaluates one objective. Its id is a lock: an objective has one observer, so that its findings follow one another. */
export const evaluateObjective = defineWorkflow<string, Evaluated>()({
  name: 'evaluateObjective',
  id: (objective) => `evaluate-objective/${objective}`,
  activities: {
    evaluate: activity<(objective: string, at: Micros) => Promise<Evaluated>>({
      queue: 'bulk',
      startToClose: '1h',
      heartbeat: '2m',
      retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5 },
      repeat: 'goes on behind what was counted; at the same time it is the same evaluation, kept once',
    }),
  },
});
