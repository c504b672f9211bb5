import type { Window } from '@holdfast/domains/reconciliation/core/window';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

export interface WindowToOpen extends Window {
  /** The principal who asked; '' when the schedule did. */
  readonly by: string;
}
export interface Opened {
  readonly id: string;
  /** False when the window was there before. */
  readonly isNew: boolean;
}

/** Opens one window of a process and starts its workflow. Its id lets one at a time at a process, so that two that overlap cannot both be opened. */
export const openWindow = defineWorkflow<WindowToOpen, Opened>()({
  name: 'openWindow',
  id: ({ process }) => `open-window/${process}`,
  activities: {
    register: activity<(window: WindowToOpen) => Promise<Opened & { readonly begun: boolean }>>({
      queue: 'control',
      local: true,
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '2s', maximumAttempts: 10 },
      /** `begun`: its workflow has run and told something. */
      repeat: 'finds the window that it registered',
    }),
  },
});
