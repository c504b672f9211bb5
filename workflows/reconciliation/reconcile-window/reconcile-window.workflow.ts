import {
  reconciliationId,
  type Verdict,
  type VerdictState,
  type Window,
  type WindowState,
} from '@holdfast/domains/reconciliation/core/window';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { escalateAlert, resolve, workflowIdOf } from '../../alerting/escalate-alert/contract';
import * as contract from './contract';

const { plan, dataIsThere, judge, accept, record } = activitiesOf(contract.reconcileWindow);

export const reconcileWindow: WorkflowOf<typeof contract.reconcileWindow> = async (window) => {
  const { deadline, policy, ...past } = await plan(window);
  const goesOn = wf.workflowInfo().continuedFromExecutionRunId !== undefined;
  let state: WindowState = goesOn ? 'judging' : 'waiting';
  let revision = past.lastRevision;
  let open = 0;
  let hadGaps = past.hadGaps;
  let alertId = past.openAlert;
  let cancelledBy: string | undefined;
  let judgeAgainBy: string | undefined;
  let lateEventsCame = false;
  let judging: wf.CancellationScope | undefined;
  let busy = false;
  let told = { seq: 0, state: '' };

  wf.setHandler(contract.progress, () => ({ state, revision, deadline }));
  wf.setHandler(contract.lateEvents, () => void (lateEventsCame = true));
  wf.setHandler(contract.judgeAgain, (by) => void (judgeAgainBy = by));
  wf.setHandler(contract.cancel, (by) => {
    cancelledBy = by;
    judging?.cancel();
  });
  wf.setHandler(contract.accept, acceptGaps, { validator: (_acceptanceId, _by) => mayHaveGaps() });

  if (!goesOn) {
    await tell('waiting');
    await untilDataIsThere();
  }
  do {
    await untilNothingIsOpen();
    await close();
  } while (judgeAgainBy !== undefined); // asked for while it was being closed
  return { state: state === 'cancelled' ? 'gaps' : (state as VerdictState), revision, open };

  /** Until every stage has moved past the window's end, at most until the grace is over. */
  async function untilDataIsThere(): Promise<void> {
    const called = (): boolean => cancelledBy !== undefined || judgeAgainBy !== undefined;
    while (!called() && Date.now() * 1000 < deadline && !(await dataIsThere(window))) {
      const left = deadline / 1000 - Date.now();
      await wf.condition(called, Math.max(1, Math.min(left, Math.max(LOOK_AGAIN, left / LOOKS))));
    }
  }

  /** Judges, and judges again when something arrived or somebody asks; until there are no gaps, or somebody cancels. */
  async function untilNothingIsOpen(): Promise<void> {
    while (cancelledBy === undefined) {
      await judgeNow();
      if (open === 0 || cancelledBy !== undefined) return;
      await Promise.all([page(), tell('gaps')]);
      await wf.condition(() => open === 0 || lateEventsCame || judgeAgainBy !== undefined || cancelledBy !== undefined);
      if (wf.workflowInfo().continueAsNewSuggested) await startOver();
      if (open === 0) return;
    }
  }

  async function judgeNow(): Promise<void> {
    await alone(async () => {
      await tellWhoAsked();
      lateEventsCame = false;
      if (cancelledBy !== undefined) return;
      state = 'judging';
      judging = new wf.CancellationScope();
      try {
        const verdict = await judging.run(() => judge({ window, revision: revision + 1, hadGaps }));
        ({ state, revision, open } = verdict);
        hadGaps ||= open > 0;
      } catch (error) {
        if (!isCalledOff()) throw error;
      } finally {
        judging = undefined;
      }
    });
  }

  /** One alert follows the window until it is closed; its own workflow pages. */
  async function page(): Promise<void> {
    if (policy === null || alertId !== '') return;
    const fingerprint = reconciliationId(window);
    alertId = `${fingerprint}.${revision}`;
    const alert = {
      alertId,
      fingerprint,
      process: window.process,
      subject: { kind: 'reconciliation', id: fingerprint },
      severity: 'critical',
      policy,
      facts: { open, revision },
    } as const;
    await wf.startChild(escalateAlert.name, {
      workflowId: escalateAlert.id(alert),
      args: [alert],
      parentClosePolicy: wf.ParentClosePolicy.ABANDON,
    });
  }

  async function acceptGaps(acceptanceId: string, by: string): Promise<Verdict> {
    await wf.condition(() => state !== 'judging' && state !== 'waiting');
    return alone(async () => {
      if (state !== 'gaps') throw noGaps();
      const verdict = await accept({ window, acceptanceId, revision: revision + 1 });
      ({ state, revision, open } = verdict);
      await tell(state, by);
      return verdict;
    });
  }

  function mayHaveGaps(): void {
    if (state === 'gaps' || (hadGaps && (state === 'judging' || state === 'waiting'))) return;
    throw noGaps();
  }

  async function close(): Promise<void> {
    await alone(async () => {
      const by = cancelledBy ?? '';
      if (open > 0 || state === 'judging' || state === 'waiting') state = 'cancelled';
      cancelledBy = undefined;
      if (told.state !== state) await tell(state, by);
      if (alertId !== '') await resolveAlert(by);
      alertId = '';
    });
    await wf.condition(wf.allHandlersFinished);
  }

  async function resolveAlert(by: string): Promise<void> {
    const reason = state === 'cancelled' || state === 'accepted' ? state : 'healed';
    try {
      await wf
        .getExternalWorkflowHandle(workflowIdOf(alertId))
        .signal(resolve, { by: by === '' ? 'holdfast' : by, reason, at: Date.now() * 1000 });
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      wf.log.info('the alert has ended already', { alertId }); // somebody resolved it
    }
  }

  /** A fresh history; what is known of the window comes from its plan again. Goes on here when there is nothing left to judge. */
  async function startOver(): Promise<void> {
    await wf.condition(wf.allHandlersFinished);
    if (open === 0 || isCalledOff()) return;
    await tellWhoAsked();
    if (!isCalledOff()) await wf.continueAsNew<typeof reconcileWindow>(window);
  }

  /** One at a time makes the next revision. Whoever waited looks again: of several that are woken at once, one goes first. */
  async function alone<T>(make: () => Promise<T>): Promise<T> {
    while (busy) await wf.condition(() => !busy);
    busy = true;
    try {
      return await make();
    } finally {
      busy = false;
    }
  }

  async function tellWhoAsked(): Promise<void> {
    if (judgeAgainBy === undefined) return;
    const by = judgeAgainBy;
    judgeAgainBy = undefined;
    await tell('judging', by);
  }

  function tell(what: WindowState, by = ''): Promise<void> {
    told = { seq: told.seq + 1, state: what };
    return record(window, {
      seq: told.seq,
      at: Date.now() * 1000,
      state: what,
      revision,
      by,
      alertId,
      deadline,
    });
  }

  /** As a function, because a handler may set it while the story above waits. */
  function isCalledOff(): boolean {
    return cancelledBy !== undefined;
  }
};

const noGaps = (): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable('the window has no open discrepancies', 'no_gaps', 'conflict');

/** How often data that is not there yet is looked for during the grace, and the shortest pause between looks in milliseconds. */
const LOOKS = 20;
const LOOK_AGAIN = 1_000;
