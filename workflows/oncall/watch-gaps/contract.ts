import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Looks ahead for gaps of on-call schedules. Started by a Schedule that lets no two run at once: findings have one observer. @returns schedules that have a gap */
export const watchGaps = defineWorkflow<undefined, number>()({
  name: 'watchGaps',
  id: () => 'watch-on-call-gaps',
  activities: {
    watch: activity<(at: Micros) => Promise<number>>({
      queue: 'inspection',
      startToClose: '1m',
      retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5 },
      repeat: 'looks again; what is observed at the same time changes no finding a second time',
    }),
  },
});
