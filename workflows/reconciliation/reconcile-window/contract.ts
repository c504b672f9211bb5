import type { AlertToEscalate, Resolution } from '@holdfast/domains/alerting/core/alert';
import type { Verdict, Window, WindowState } from '@holdfast/domains/reconciliation/core/window';
import { reconciliationId } from '@holdfast/domains/reconciliation/core/window';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Micros } from '@holdfast/kernel';

/** What the workflow needs to know of its process, and of revisions that earlier runs wrote. */
export interface Plan {
  /** When the window is judged at the latest: its end and the grace. */
  readonly deadline: Micros;
  /** The newest verdict; null: there is none yet. */
  readonly last: Verdict | null;
  /** Whether a revision so far had gaps. */
  readonly hadGaps: boolean;
  /** Somebody ended the window as it was. */
  readonly cancelled: boolean;
  /** Somebody asked for a judgement that was not made yet. */
  readonly asked: boolean;
  /** The alert that a run before this one left open; '' for none. */
  readonly openAlert: string;
  /** The escalation policy that pages; none: nobody is paged. */
  readonly policy: string | null;
  /** When a window that is open still is escalated for that; null: never. */
  readonly resolveBy: Micros | null;
}

/** A step of the window's story, for people to see. */
export interface Transition {
  readonly seq: number;
  readonly at: Micros;
  readonly state: WindowState;
  readonly revision: number;
  /** The principal who did it; '' for the system. */
  readonly by: string;
  readonly alertId: string;
  /** When the window is judged at the latest. */
  readonly deadline: Micros;
}

/** One judgement: which revision it makes, and what came before. */
export interface Judgement {
  readonly window: Window;
  readonly revision: number;
  /** Whether a revision before it had gaps: then a window without any is healed. */
  readonly hadGaps: boolean;
}

/** A revision with gaps, and the alert that is out for the window. */
export interface Alarm {
  readonly window: Window;
  readonly revision: number;
  readonly alertId: string;
}

/** One window of one process: waits until its data is there, judges it, and follows it until nothing is open. */
export const reconcileWindow = defineWorkflow<Window, Verdict>()({
  name: 'reconcileWindow',
  id: (window) => `window/${reconciliationId(window)}`,
  activities: {
    plan: activity<(window: Window) => Promise<Plan>>({
      queue: 'control',
      local: true,
      startToClose: '10s',
      repeat: 'reads again',
    }),
    dataIsThere: activity<(window: Window) => Promise<boolean>>({
      queue: 'control',
      startToClose: '30s',
      repeat: 'reads again',
    }),
    judge: activity<(judgement: Judgement) => Promise<Verdict>>({
      queue: 'bulk',
      startToClose: '6h',
      heartbeat: '30s',
      endsBeforeCancelled: true, // else it could write the revision that the next run makes
      retry: { initialInterval: '500ms', maximumInterval: '30s' },
      repeat:
        'answers with the revision if it was written, else compares from the beginning; only a written revision makes discrepancies count',
    }),
    hasChanged: activity<(window: Window) => Promise<boolean>>({
      queue: 'control',
      local: true,
      startToClose: '30s',
      repeat: 'reads again',
    }),
    /** Whether the alert is over and the revision has open discrepancies that the one before did not have: then nobody knows of them. */
    isNews: activity<(alarm: Alarm) => Promise<boolean>>({
      queue: 'control',
      local: true,
      startToClose: '30s',
      repeat: 'reads again',
    }),
    raise: activity<(alert: AlertToEscalate) => Promise<void>>({
      queue: 'control',
      local: true,
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '10s' },
      repeat: 'raises the same alert again, which changes nothing',
    }),
    endAlert: activity<(alertId: string, resolution: Resolution) => Promise<void>>({
      queue: 'control',
      local: true,
      startToClose: '10s',
      retry: { initialInterval: '100ms', maximumInterval: '10s' },
      repeat: 'ends what has ended, which changes nothing',
    }),
    accept: activity<(acceptance: Acceptance) => Promise<Verdict>>({
      queue: 'control',
      startToClose: '60s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'answers with the revision if it was written, else accepts again what it accepted',
    }),
    /** Makes a revision of the newest judgement with what was accepted of it since; none when that changes nothing. */
    recount: activity<(recount: Recount) => Promise<Verdict>>({
      queue: 'control',
      startToClose: '60s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'answers with the revision if it was written, else counts again',
    }),
    record: activity<(window: Window, transition: Transition) => Promise<void>>({
      queue: 'control',
      local: true,
      startToClose: '10s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'writes the same row, which the table keeps once',
    }),
  },
});

/** What a person accepts, by reference: reason and selection are stored under the id. */
export interface Acceptance {
  readonly window: Window;
  readonly acceptanceId: string;
  /** The revision that the acceptance makes. */
  readonly revision: number;
}

/** The newest revision is counted again. */
export interface Recount {
  readonly window: Window;
  /** The revision that the recount makes. */
  readonly revision: number;
}

/** Something arrived that changes the window's digests. A window that was cancelled stays so. */
export const lateEvents = defineSignal('lateEvents');
/** Somebody wants the window judged again. */
export const judgeAgain = defineSignal<[by: string]>('judgeAgain');
/** Ends the window as it is. */
export const cancel = defineSignal<[by: string]>('cancel');
/**
 * Accepts discrepancies. Answers with the verdict after it.
 * @throws ApplicationFailure `no_gaps` or `revision_changed`, kind `conflict`
 */
export const accept = defineUpdate<Verdict, [acceptanceId: string, by: string]>('accept');
/** For decisions of people whose acceptances are stored already: counts them. Answers with the verdict after it; of a window without gaps with the one that it has. */
export const settle = defineUpdate<Verdict, [by: string]>('settle');
/** The live part: what the workflow is at; `deadline` is null until it has read its plan. */
export const progress = defineQuery<{
  readonly state: WindowState;
  readonly revision: number;
  readonly deadline: Micros | null;
}>('progress');
