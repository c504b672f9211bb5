import {
  reconciliationId,
  type Verdict,
  type Window,
  type WindowState,
} from '@holdfast/domains/reconciliation/core/window';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { escalateAlert, resolve } from '../../alerting/escalate-alert/contract';
import * as contract from './contract';

const { plan, dataIsThere, judge, accept, record } = activitiesOf(contract.reconcileWindow);

export const reconcileWindow: WorkflowOf<typeof contract.reconcileWindow> = async (window) => {
  const { deadline, policy, ...past } = await plan(window);
  let state: WindowState = 'waiting';
  let revision = past.lastRevision;
  let open = 0;
  let hadGaps = past.hadGaps;
  let alertId = past.openAlert;
  let cancelledBy: string | undefined;
  let judgeAgainBy: string | undefined;
  let lateEventsCame = false;
  let told = 0;
  let lastTold = '';
  let busy = false; // judging or accepting: one at a time makes the next revision

  wf.setHandler(contract.progress, () => ({ state, revision, deadline }));
  wf.setHandler(contract.lateEvents, () => void (lateEventsCame = true));
  wf.setHandler(contract.judgeAgain, (by) => void (judgeAgainBy = by));
  wf.setHandler(contract.cancel, (by) => void (cancelledBy = by));
  wf.setHandler(contract.accept, acceptGaps, { validator: (_acceptanceId, _by) => mustHaveGaps() });

  await Promise.all([tell('waiting'), untilDataIsThere()]);
  while (cancelledBy === undefined) {
    const verdict = await judgeNow();
    if (verdict === undefined) break;
    if (verdict.open > 0) {
      await Promise.all([page(verdict), tell('gaps', judgeAgainBy)]);
      await wf.condition(
        () => !busy && (open === 0 || lateEventsCame || judgeAgainBy !== undefined || cancelledBy !== undefined),
      );
    }
    if (open === 0) return close(state as Verdict['state']);
    if (wf.workflowInfo().continueAsNewSuggested) await startOver();
  }
  return close('cancelled');

  /** Until every stage has moved past the window's end, at most until the grace is over. */
  async function untilDataIsThere(): Promise<void> {
    const called = (): boolean => cancelledBy !== undefined || judgeAgainBy !== undefined;
    while (!called() && Date.now() * 1000 < deadline && !(await dataIsThere(window))) {
      const left = deadline / 1000 - Date.now();
      await wf.condition(called, Math.max(1, Math.min(left, Math.max(LOOK_AGAIN, left / LOOKS))));
    }
  }

  /** Undefined when somebody cancelled meanwhile. */
  async function judgeNow(): Promise<Verdict | undefined> {
    busy = true;
    state = 'judging';
    lateEventsCame = false;
    judgeAgainBy = undefined;
    const judging = new wf.CancellationScope();
    const stop = wf.condition(() => cancelledBy !== undefined || !busy).then(() => judging.cancel());
    try {
      const verdict = await judging.run(() => judge({ window, revision: revision + 1, hadGaps }));
      ({ state, revision, open } = verdict);
      hadGaps ||= open > 0;
      return verdict;
    } catch (error) {
      if (wf.isCancellation(error) && cancelledBy !== undefined) return undefined;
      throw error;
    } finally {
      busy = false;
      await stop;
    }
  }

  /** One alert follows the window until it is closed; its own workflow pages. */
  async function page({ revision, open }: Verdict): Promise<void> {
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
    await wf.condition(() => !busy);
    mustHaveGaps();
    busy = true;
    try {
      const verdict = await accept({ window, acceptanceId, revision: revision + 1 });
      ({ state, revision, open } = verdict);
      await tell(state, by);
      return verdict;
    } finally {
      busy = false;
    }
  }

  function mustHaveGaps(): void {
    if (state === 'gaps' || (state === 'judging' && hadGaps)) return;
    throw wf.ApplicationFailure.nonRetryable('the window has no open discrepancies', 'no_gaps', 'conflict');
  }

  async function close(last: WindowState): Promise<Verdict> {
    state = last;
    if (lastTold !== `${state} ${revision}`) await tell(last, cancelledBy); // who accepted the last discrepancy has told it
    if (alertId !== '') await resolveAlert(last);
    await wf.condition(wf.allHandlersFinished);
    return { state: last === 'cancelled' ? 'gaps' : (last as Verdict['state']), revision, open };
  }

  async function resolveAlert(last: WindowState): Promise<void> {
    const reason = last === 'cancelled' ? 'cancelled' : last === 'accepted' ? 'accepted' : 'healed';
    try {
      await wf
        .getExternalWorkflowHandle(`alert/${alertId}`)
        .signal(resolve, { by: cancelledBy ?? '', reason, at: Date.now() * 1000 });
    } catch (error) {
      wf.log.info('the alert has ended already', { alertId }); // somebody resolved it
      if (wf.isCancellation(error)) throw error;
    }
  }

  /** A fresh history; what is known of the window comes from its plan again. */
  async function startOver(): Promise<never> {
    await wf.condition(wf.allHandlersFinished);
    return wf.continueAsNew<typeof reconcileWindow>(window);
  }

  function tell(what: WindowState, by = ''): Promise<void> {
    lastTold = `${what} ${revision}`;
    return record(window, { seq: (told += 1), at: Date.now() * 1000, state: what, revision, by, alertId, deadline });
  }
};

/** How often data that is not there yet is looked for during the grace, and the shortest pause between looks in milliseconds. */
const LOOKS = 20;
const LOOK_AGAIN = 1_000;
