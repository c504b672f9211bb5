import { reconciliationId, type Window } from '@holdfast/domains/reconciliation/core/window';
import type { Resolved } from '@holdfast/domains/resolution/core/decided';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** A pass of the rules over what is open in a revision. */
export interface WindowToResolve {
  readonly window: Window;
  readonly revision: number;
}

/** What a pass goes by from its beginning to its end, also when it is repeated: rules by version, the discrepancies of one judgement, one instant. */
export interface Pass {
  readonly window: Window;
  readonly revision: number;
  readonly judgement: string;
  readonly at: Micros;
  readonly rules: readonly { readonly id: string; readonly version: number }[];
}

/**
 * Asks the rules about every open discrepancy of a revision; the first that matches decides. Accepted ones are stored as such; the window counts them itself. Answers null
 * where there is nobody to ask.
 */
export const resolveWindow = defineWorkflow<WindowToResolve, Resolved | null>()({
  name: 'resolveWindow',
  id: ({ window }) => `resolve/${reconciliationId(window)}`,
  activities: {
    /** Null: there are no rules for the process, or the window was judged again since. */
    begin: activity<(asked: WindowToResolve, at: Micros) => Promise<Pass | null>>({
      queue: 'control',
      local: true,
      startToClose: '10s',
      retry: { initialInterval: '200ms', maximumInterval: '5s', maximumAttempts: 20 },
      repeat: 'reads again',
    }),
    decide: activity<(pass: Pass) => Promise<Resolved>>({
      queue: 'bulk',
      startToClose: '6h',
      heartbeat: '30s',
      endsBeforeCancelled: true,
      retry: { initialInterval: '500ms', maximumInterval: '30s', maximumAttempts: 50 },
      repeat: 'begins anew: the same rules at the same instant decide the same, and write the same rows',
    }),
  },
});
