import type { Change } from '@holdfast/domains/register/core/document';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Makes the next version of one document. Its id lets one writer at a time at a document: ClickHouse has no compare-and-set. */
export const changeDocument = defineWorkflow<Change, number>()({
  name: 'changeDocument',
  id: ({ kind, id }) => `change/${kind}/${id}`,
  activities: {
    commit: activity<(change: Change) => Promise<number>>({
      queue: 'control',
      local: true,
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '2s', maximumAttempts: 10 },
      repeat: 'answers with the version that the proposal became',
    }),
  },
});
