import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Looks for heartbeats that stay out. Started by a Schedule that lets no two run at once: a silence has one watcher. @returns how many are silent */
export const watchHeartbeats = defineWorkflow<undefined, number>()({
  name: 'watchHeartbeats',
  id: () => 'watch-heartbeats',
  activities: {
    watch: activity<(at: Micros) => Promise<number>>({
      queue: 'control',
      startToClose: '1m',
      retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 5 },
      repeat: 'adds no silence that was added for the same time; alerts are raised and ended once',
    }),
  },
});
