import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/**
 * Tells a service outside that Holdfast lives, when it does: that service pages when it hears nothing any more. Started by a Schedule, so that a Temporal or a
 * worker that does not work tells nothing. @returns '' when it was told; else what does not work
 */
export const tellAlive = defineWorkflow<undefined, '' | 'store' | 'api'>()({
  name: 'tellAlive',
  id: () => 'tell-alive',
  activities: {
    check: activity<(at: Micros) => Promise<'' | 'store' | 'api'>>({
      queue: 'control',
      startToClose: '20s',
      retry: { initialInterval: '1s', maximumInterval: '5s', maximumAttempts: 3 },
      repeat: 'writes and reads again',
    }),
    tell: activity<() => Promise<void>>({
      queue: 'outbound',
      startToClose: '15s',
      retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 4 },
      repeat: 'is one more beat',
    }),
  },
});
