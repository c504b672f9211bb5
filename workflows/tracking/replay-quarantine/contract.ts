import type { QueuePosition, ReplayedPage, ReplayProgress } from '@holdfast/domains/tracking/core/quarantine';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';
import { defineQuery, defineSignal } from '@temporalio/workflow';

/** A replay by its id: what it selects stands in ClickHouse. Progress is carried over when the workflow goes on as a new run. */
export interface Replay {
  readonly replay: string;
  readonly from: QueuePosition;
  readonly progress: ReplayProgress;
  readonly pages: number;
}
export type ReplayState = 'running' | 'done' | 'stopped';

/** Takes mended records of the quarantine in again, page by page, until all are through or somebody stops it. */
export const replayQuarantine = defineWorkflow<Replay, ReplayProgress>()({
  name: 'replayQuarantine',
  id: ({ replay }) => `replay/${replay}`,
  activities: {
    replayPage: activity<(replay: string, from: QueuePosition) => Promise<ReplayedPage>>({
      queue: 'intake',
      startToClose: '5m',
      heartbeat: '5s',
      retry: { initialInterval: '500ms', maximumInterval: '30s' },
      repeat: 'takes in what the first time did not: a record leaves quarantine once',
    }),
    record: activity<(replay: string, seq: number, state: ReplayState, progress: ReplayProgress) => Promise<void>>({
      queue: 'intake',
      startToClose: '10s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'writes the same row, which the table keeps once',
    }),
  },
});

/** Ends the replay after the page that is under way. What was released stays so. */
export const stop = defineSignal('stop');
/** The live part. */
export const progress = defineQuery<ReplayProgress>('progress');
