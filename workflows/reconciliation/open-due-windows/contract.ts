import type { Window } from '@holdfast/domains/reconciliation/core/window';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Opens the windows of a process that have ended. Started by the process's Schedule, which appends the time to its id. */
export const openDueWindows = defineWorkflow<string, number>()({
  name: 'openDueWindows',
  id: (process) => `open-due-windows/${process}`,
  activities: {
    due: activity<(process: string) => Promise<Window[]>>({
      queue: 'control',
      startToClose: '10s',
      repeat: 'reads again',
    }),
  },
});
