import {
  reconciliationId,
  type Verdict,
  type VerdictState,
  type Window,
  type WindowState,
} from '@holdfast/domains/reconciliation/core/window';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { escalateAlert, resolve, workflowIdOf } from '../../alerting/escalate-alert/contract';
import * as contract from './contract';

const { plan, dataIsThere, judge, accept, record } = activitiesOf(contract.reconcileWindow);

/** Where a window stands. */
interface Standing {
  state: WindowState;
  revision: number;
  open: number;
  /** Whether a revision had gaps. */
  hadGaps: boolean;
  alertId: string;
}

export const reconcileWindow: WorkflowOf<typeof contract.reconcileWindow> = async (window) => {
  const { deadline, policy, ...past } = await plan(window);
  const goesOn = wf.workflowInfo().continuedFromExecutionRunId !== undefined;
  const at: Standing = {
    state: goesOn ? 'judging' : 'waiting',
    revision: past.lastRevision,
    open: 0,
    hadGaps: past.hadGaps,
    alertId: past.openAlert,
  };
  const story = storyOf(window, deadline, at);
  const alone = oneAtATime();
  let judging: wf.CancellationScope | undefined;
  const asked = listen(() => judging?.cancel());
  const cancelled = (): boolean => asked.cancelledBy !== undefined;
  const wanted = (): boolean => asked.judgeAgainBy !== undefined;

  wf.setHandler(contract.progress, () => ({ state: at.state, revision: at.revision, deadline }));
  wf.setHandler<Verdict, [string, string], typeof contract.accept>(contract.accept, acceptGaps, {
    validator: () => mayHaveGaps(at),
  });

  if (!goesOn) {
    await story.tell('waiting');
    await untilDataIsThere(window, deadline, () => cancelled() || wanted());
  }
  do {
    await untilNothingIsOpen();
    await close();
  } while (wanted()); // asked for while it was being closed
  const { state, revision, open } = at;
  return { state: state === 'cancelled' ? 'gaps' : (state as VerdictState), revision, open };

  /** Judges, and judges again when something arrived or somebody asks; until there are no gaps, or somebody cancels. */
  async function untilNothingIsOpen(): Promise<void> {
    while (!cancelled()) {
      await alone(judgeNow);
      if (at.open === 0 || cancelled()) return;
      await Promise.all([raiseAlert(window, policy, at), story.tell('gaps')]);
      await wf.condition(() => at.open === 0 || asked.lateEventsCame || wanted() || cancelled());
      if (wf.workflowInfo().continueAsNewSuggested) await startOver();
      if (at.open === 0) return;
    }
  }

  async function judgeNow(): Promise<void> {
    await tellWhoAsked();
    if (cancelled()) return;
    asked.lateEventsCame = false;
    at.state = 'judging';
    judging = new wf.CancellationScope();
    try {
      const { revision, hadGaps } = at;
      const verdict = await judging.run(() => judge({ window, revision: revision + 1, hadGaps }));
      Object.assign(at, verdict, { hadGaps: hadGaps || verdict.open > 0 });
    } catch (error) {
      if (!cancelled()) throw error;
    } finally {
      judging = undefined;
    }
  }

  async function acceptGaps(acceptanceId: string, by: string): Promise<Verdict> {
    await wf.condition(() => !isUndecided(at)); // of a window with gaps that is judged again nobody knows yet
    return alone(async () => {
      if (at.state !== 'gaps') throw noGaps();
      const verdict = await accept({ window, acceptanceId, revision: at.revision + 1 });
      Object.assign(at, verdict);
      await story.tell(verdict.state, by);
      return verdict;
    });
  }

  async function close(): Promise<void> {
    await alone(() => {
      const by = asked.cancelledBy ?? '';
      asked.cancelledBy = undefined;
      if (at.open > 0 || isUndecided(at)) at.state = 'cancelled';
      const told = story.last() === at.state ? undefined : story.tell(at.state, by);
      return Promise.all([told, resolveAlert(at, by)]);
    });
    await wf.condition(wf.allHandlersFinished);
  }

  /** A fresh history; what is known of the window comes from its plan again. Goes on here when nothing is left to judge. */
  async function startOver(): Promise<void> {
    do {
      await tellWhoAsked();
      await wf.condition(wf.allHandlersFinished); // an acceptance may have begun meanwhile: it would be lost
    } while (wanted());
    if (at.open > 0 && !cancelled()) await wf.continueAsNew<typeof reconcileWindow>(window);
  }

  async function tellWhoAsked(): Promise<void> {
    const by = asked.judgeAgainBy;
    asked.judgeAgainBy = undefined;
    if (by !== undefined) await story.tell('judging', by);
  }
};

/** Pauses between looks for data that is not there yet grow with what has been waited, so that it is noticed in proportion to how late it is. Milliseconds. */
const SHORTEST_PAUSE = 1_000;
const LONGEST_PAUSE = 3_600_000;
const GROWTH = 0.25;

/** Until every stage has moved past the window's end, at most until the grace is over or somebody calls. */
async function untilDataIsThere(window: Window, deadline: Micros, called: () => boolean): Promise<void> {
  const since = Math.max(Date.now(), window.to / 1000);
  while (!called() && Date.now() * 1000 < deadline && !(await dataIsThere(window))) {
    const waited = Date.now() - since;
    const pause = waited < 0 ? -waited : Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, waited * GROWTH));
    await wf.condition(called, Math.max(1, Math.min(pause, deadline / 1000 - Date.now())));
  }
}

/** What others ask of the window while it runs; the newest of each is kept until it is answered. */
function listen(onCancel: () => void) {
  const asked = {
    cancelledBy: undefined as string | undefined,
    judgeAgainBy: undefined as string | undefined,
    lateEventsCame: false,
  };
  wf.setHandler(contract.lateEvents, () => void (asked.lateEventsCame = true));
  wf.setHandler(contract.judgeAgain, (by) => void (asked.judgeAgainBy = by));
  wf.setHandler(contract.cancel, (by) => {
    asked.cancelledBy = by;
    onCancel();
  });
  return asked;
}

/** What is told of a run, for people to see. */
function storyOf(window: Window, deadline: Micros, at: Readonly<Standing>) {
  let seq = 0;
  let last: WindowState | undefined;
  return {
    last: () => last,
    tell(state: WindowState, by = ''): Promise<void> {
      const { revision, alertId } = at;
      last = state;
      return record(window, { seq: (seq += 1), at: Date.now() * 1000, state, revision, by, alertId, deadline });
    },
  };
}

/** Lets one at a time make the next revision. Whoever waited looks again: of several that are woken at once, one goes first. */
function oneAtATime() {
  let busy = false;
  return async <T>(make: () => Promise<T>): Promise<T> => {
    while (busy) await wf.condition(() => !busy);
    busy = true;
    try {
      return await make();
    } finally {
      busy = false;
    }
  };
}

/** One alert follows the window until it is closed; its own workflow pages. */
async function raiseAlert(window: Window, policy: string | null, at: Standing): Promise<void> {
  if (policy === null || at.alertId !== '') return;
  const { open, revision } = at;
  const fingerprint = reconciliationId(window);
  at.alertId = `${fingerprint}.${revision}`;
  const alert = {
    alertId: at.alertId,
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

async function resolveAlert(at: Standing, by: string): Promise<void> {
  const { alertId, state } = at;
  at.alertId = '';
  if (alertId === '') return;
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

const isUndecided = ({ state }: Standing): boolean => state === 'judging' || state === 'waiting';

function mayHaveGaps(at: Standing): void {
  if (at.state !== 'gaps' && !(at.hadGaps && isUndecided(at))) throw noGaps();
}

const noGaps = (): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable('the window has no open discrepancies', 'no_gaps', 'conflict');
