import type { ChangeState } from '@holdfast/domains/suppression/core/change';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** One state of a change, which can be read when this is started. */
export interface ToldState {
  readonly change: string;
  readonly state: ChangeState;
}

/** Hands one state of a change on to PagerDuty, as a change event. */
export const announceChange = defineWorkflow<ToldState, undefined>()({
  name: 'announceChange',
  id: ({ change, state }) => `announce-change/${change}/${state}`,
  activities: {
    announce: activity<(told: ToldState) => Promise<undefined>>({
      queue: 'outbound',
      startToClose: '40s',
      retry: { initialInterval: '1s', maximumInterval: '5m' },
      repeat:
        'sends nothing when the state was sent before; where PagerDuty took it and its answer got lost it shows the state twice, since it has no key for changes',
    }),
  },
});
