import type { BackfillProgress, BackfillState, BackfillTerms } from '@holdfast/domains/reconciliation/core/backfill';
import type { Window } from '@holdfast/domains/reconciliation/core/window';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';
import { defineQuery, defineSignal } from '@temporalio/workflow';

/** A back-fill, and where it is when it goes on as a new run. */
export interface Backfill extends BackfillTerms {
  /** Windows that begin before are opened. */
  readonly place: Micros;
  /** Windows that are being judged. */
  readonly underWay: readonly Window[];
  readonly progress: BackfillProgress;
  /** Numbers what is recorded. */
  readonly seq: number;
}

/** Opens the windows of a span of the past and has so many at once judged, until all are or somebody stops it. */
export const backfillWindows = defineWorkflow<Backfill, BackfillProgress>()({
  name: 'backfillWindows',
  id: ({ backfill }) => `backfill/${backfill}`,
  activities: {
    /** Windows from a place on that nobody has opened, and how many were passed over until there; the span is at its end where it says so. */
    next: activity<
      (
        terms: BackfillTerms,
        place: Micros,
        limit: number,
      ) => Promise<{
        windows: Window[];
        passed: number;
        place: Micros;
        isAtEnd: boolean;
      }>
    >({
      queue: 'control',
      startToClose: '30s',
      repeat: 'reads again',
    }),
    /** Those of the windows that have a verdict, or were cancelled. */
    judged: activity<(windows: readonly Window[]) => Promise<{ readonly window: Window; readonly hasGaps: boolean }[]>>(
      {
        queue: 'control',
        local: true,
        startToClose: '30s',
        repeat: 'reads again',
      },
    ),
    record: activity<
      (backfill: string, seq: number, state: BackfillState, progress: BackfillProgress) => Promise<void>
    >({
      queue: 'control',
      local: true,
      startToClose: '10s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'writes the same row, which the table keeps once',
    }),
  },
});

/** Opens no further window; those that are being judged go on by themselves. */
export const stop = defineSignal('stop');
/** The live part. */
export const progress = defineQuery<BackfillProgress>('progress');
