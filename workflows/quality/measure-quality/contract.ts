import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Ids of documents whose turn it is. */
export interface DueQuality {
  readonly objectives: readonly string[];
  readonly references: readonly string[];
}
/** What a run came to: hours measured, and documents that were seen to or not. */
export interface MeasuredQuality {
  readonly hours: number;
  readonly done: number;
  readonly failed: number;
}

/** Brings KPIs up to date, and has objectives evaluated and references checked. Started by a Schedule that lets no two run at once. */
export const measureQuality = defineWorkflow<undefined, MeasuredQuality>()({
  name: 'measureQuality',
  id: () => 'measure-quality',
  activities: {
    refresh: activity<(at: Micros) => Promise<number>>({
      queue: 'inspection',
      startToClose: '2h',
      heartbeat: '2m',
      retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5 },
      repeat: 'goes on behind the mark; an hour that is measured again has the same rows',
    }),
    due: activity<(at: Micros) => Promise<DueQuality>>({
      queue: 'control',
      startToClose: '30s',
      retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 10 },
      repeat: 'reads again',
    }),
  },
});
