import type { Micros } from '@holdfast/kernel';

/** What a back-fill covers: windows of a process that begin in [from, to), as its document cuts time. */
export interface BackfillTerms {
  readonly backfill: string;
  readonly process: string;
  readonly from: Micros;
  readonly to: Micros;
  /** Windows that may be judged at a time. */
  readonly atOnce: number;
  readonly by: string;
}

export type BackfillState = 'running' | 'done' | 'stopped';
export const BACKFILL_STATES = ['running', 'done', 'stopped'] as const satisfies readonly BackfillState[];

/** Counts of windows. */
export interface BackfillProgress {
  readonly opened: number;
  /** Opened and judged. */
  readonly judged: number;
  /** Of those that were judged. */
  readonly withGaps: number;
  /** Passed over, since somebody had opened them or a window that shares time with them. */
  readonly passed: number;
}

export const NO_PROGRESS: BackfillProgress = { opened: 0, judged: 0, withGaps: 0, passed: 0 };

/** A back-fill as far as it is recorded. */
export interface RecordedBackfill extends BackfillTerms, BackfillProgress {
  readonly askedAt: Micros;
  readonly state: BackfillState;
  readonly updatedAt: Micros;
}
