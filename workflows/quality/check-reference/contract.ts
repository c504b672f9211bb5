import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Compares the keys of one reference. Its id is a lock: a reference has one observer, so that its findings follow one another. */
export const checkReference = defineWorkflow<string, number>()({
  name: 'checkReference',
  id: (reference) => `check-reference/${reference}`,
  activities: {
    check: activity<(reference: string, at: Micros) => Promise<number>>({
      queue: 'inspection',
      startToClose: '2h',
      heartbeat: '2m',
      retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5 },
      repeat: 'reads both sides again; at the same time it is the same check, kept once',
    }),
  },
});
