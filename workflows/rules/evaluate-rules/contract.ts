import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** What a round came to: counts alone. */
export interface Round {
  /** False where its instant had been evaluated before. */
  readonly isNew: boolean;
  readonly rules: number;
  readonly series: number;
  readonly firing: number;
}

/** Evaluates every rule at the last instant, and tells what fires. Started by a Schedule that lets no two run at once. @returns what fires */
export const evaluateRules = defineWorkflow<undefined, number>()({
  name: 'evaluateRules',
  id: () => 'evaluate-rules',
  activities: {
    evaluate: activity<(now: Micros) => Promise<Round>>({
      queue: 'control',
      startToClose: '5m',
      heartbeat: '1m',
      // What lasts for longer is left to the next round, which is of a later instant.
      retry: { initialInterval: '1s', maximumInterval: '5s', maximumAttempts: 3 },
      repeat: 'finds that the instant was evaluated, and does nothing',
    }),
    settle: activity<(now: Micros) => Promise<number>>({
      queue: 'control',
      startToClose: '1m',
      retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 5 },
      repeat: 'raises alerts under the same ids, which are raised once, and ends what has ended',
    }),
  },
});
