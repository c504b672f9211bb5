import type { Window } from '@holdfast/domains/reconciliation/core/window';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** What a rule decided to have sent again; the keys stand in ClickHouse under the decision. */
export interface Replay {
  readonly window: Window;
  readonly decision: string;
  readonly rule: string;
  readonly version: number;
  /** Where a run goes on that followed another one. */
  readonly progress?: ReplayProgress;
}
export interface ReplayProgress {
  /** The hash of the last key of the batch before: histories hold no keys. */
  readonly after: string;
  readonly batches: number;
  readonly keys: number;
}
export interface ReplayedBatch {
  readonly keys: number;
  /** Where the next batch begins; null: there is none. */
  readonly next: string | null;
  readonly settleSeconds: number;
}
export type ReplayOutcome = 'sent' | 'failed';

/** Asks a source to send keys again, batch by batch, and has the window judged again when that has settled. */
export const replayFromSource = defineWorkflow<Replay, ReplayOutcome>()({
  name: 'replayFromSource',
  id: ({ decision }) => `replay-from-source/${decision}`,
  activities: {
    send: activity<(replay: Replay, after: string) => Promise<ReplayedBatch>>({
      queue: 'outbound',
      startToClose: '100s',
      heartbeat: '20s',
      retry: { initialInterval: '1s', maximumInterval: '60s', maximumAttempts: 20 },
      repeat: 'sends the same batch under the same Idempotency-Key, by which the source knows it',
    }),
    record: activity<(replay: Replay, outcome: ReplayOutcome) => Promise<void>>({
      queue: 'control',
      startToClose: '10s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'writes the same row, which the table keeps once',
    }),
  },
});
