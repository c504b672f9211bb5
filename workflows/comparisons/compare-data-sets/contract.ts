import type { EndState } from '@holdfast/domains/comparisons/core/run';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';
import { defineSignal } from '@temporalio/workflow';

/** How a comparison ended. Counts only: what differs is in ClickHouse. */
export interface Compared {
  readonly state: EndState;
  readonly differences: number;
}

/** Compares the data sets of one comparison, to its end or until somebody stops it; then says what a scheduled one found. */
export const compareDataSets = defineWorkflow<string, Compared>()({
  name: 'compareDataSets',
  id: (comparison) => `comparison/${comparison}`,
  activities: {
    compare: activity<(comparison: string) => Promise<Compared>>({
      queue: 'comparisons',
      startToClose: '25h',
      heartbeat: '30s',
      retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 10 },
      endsBeforeCancelled: true,
      repeat:
        'goes on behind the last segment that was finished; of two executions each tells under its own name, and the first result stands',
    }),
    giveUp: activity<(comparison: string, state: 'failed' | 'stopped', code: string) => Promise<void>>({
      queue: 'control',
      startToClose: '30s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'the result is under the token of its comparison, and kept once',
    }),
    report: activity<(comparison: string) => Promise<void>>({
      queue: 'control',
      startToClose: '30s',
      retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 20 },
      repeat: 'observes the same at the same time, which changes nothing',
    }),
  },
});

/** Ends it with what the last finished segment came to. */
export const stop = defineSignal('stop');
