import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Starts the comparison that is due of a definition, and leaves it to itself. Started by the definition's Schedule, which appends the time to its id. */
export const openDueComparison = defineWorkflow<string, boolean>()({
  name: 'openDueComparison',
  id: (definition) => `open-due-comparison/${definition}`,
  activities: {
    /** The comparison of the span that a time is in; null when there was one already, or the one before is under way. */
    open: activity<(definition: string, at: Micros) => Promise<string | null>>({
      queue: 'control',
      startToClose: '30s',
      retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 10 },
      repeat: 'a span has one comparison: its row is written once, or names the same one again',
    }),
  },
});
