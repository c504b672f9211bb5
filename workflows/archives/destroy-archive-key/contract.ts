import type { DestructionState } from '@holdfast/domains/archives/core/archive';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';
import { defineUpdate } from '@temporalio/workflow';

/** Why, and what it would take away, stands in ClickHouse under the key's id. */
export interface KeyToDestroy {
  readonly keyId: string;
  readonly requestedBy: string;
  readonly approveBy: Micros;
}

const short = {
  queue: 'control',
  startToClose: '1m',
  retry: { initialInterval: '500ms', maximumInterval: '1m' },
} as const;

/** Destroys the key of a class and period, once somebody else has approved it: forward only, since nobody brings it back. */
export const destroyArchiveKey = defineWorkflow<KeyToDestroy, DestructionState>()({
  name: 'destroyArchiveKey',
  id: ({ keyId }) => `destroy-archive-key/${keyId}`,
  activities: {
    record: activity<(keyId: string, state: DestructionState, by: string, at: Micros) => Promise<void>>({
      ...short,
      repeat: 'writes the same state, which counts once',
    }),
    destroy: activity<(keyId: string, at: Micros) => Promise<void>>({
      ...short,
      repeat: 'goes on where the first was cut short',
    }),
  },
});

/**
 * Somebody approves or refuses. Answers once it is recorded.
 * @throws ApplicationFailure `destruction_closed` or `own_request`, kind `conflict`
 */
export const answerDestruction = defineUpdate<DestructionState, [answer: 'approved' | 'refused', by: string]>('answer');
