import type { HoldState, HoldStep } from '@holdfast/domains/holds/core/hold';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';
import { defineSignal, defineUpdate } from '@temporalio/workflow';

/** A hold by its id: what it says stands in ClickHouse. */
export interface HoldToKeep {
  readonly hold: string;
}

/** What somebody does to a hold. */
export interface HoldChange {
  readonly step: HoldStep;
  /** The version that they saw. */
  readonly version: number;
  /** Names what they said. */
  readonly proposal: string;
  readonly by: string;
  readonly at: Micros;
}

export interface ChangedHold {
  readonly version: number;
  readonly state: HoldState;
  /** Deletions that had begun before it was in force so; null rows: unknown. */
  readonly met: readonly {
    readonly table: string;
    readonly partition: string;
    readonly class: string;
    readonly rows: number | null;
  }[];
}

/** What a hold needs done. */
export interface HoldCare {
  readonly state: HoldState;
  /** When somebody has to be told something next; null: nobody does. */
  readonly next: Micros | null;
}

/** One legal hold, from its first day to its release: changes one after the other, notices and reminders to custodians until they have answered, reminders of its review. */
export const legalHold = defineWorkflow<HoldToKeep, HoldState>()({
  name: 'legalHold',
  id: ({ hold }) => `hold/${hold}`,
  activities: {
    change: activity<(hold: string, change: HoldChange) => Promise<ChangedHold>>({
      queue: 'control',
      startToClose: '1m',
      retry: { initialInterval: '100ms', maximumInterval: '5s', maximumAttempts: 20 },
      repeat: 'finds the version that it made by what was said, and waits again for deletions that it meets',
    }),
    care: activity<(hold: string, at: Micros) => Promise<HoldCare>>({
      queue: 'outbound',
      startToClose: '10m',
      heartbeat: '1m',
      retry: { initialInterval: '1s', maximumInterval: '5m' },
      repeat: 'sends what is due and was not noted as sent; where a note was lost, custodians get a notice twice',
    }),
  },
});

/** Changes the hold. Answers once the new version is in force. All who come at once are answered one after the other. */
export const changeHold = defineUpdate<ChangedHold, [change: HoldChange]>('change');
/** Somebody acknowledged: there may be nobody left to remind. */
export const acknowledged = defineSignal('acknowledged');
