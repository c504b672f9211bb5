import type { ResolveReason } from '@holdfast/domains/alerting/core/alert';
import {
  reconciliationId,
  type Verdict,
  type VerdictState,
  type Window,
  type WindowState,
} from '@holdfast/domains/reconciliation/core/window';
import type { Micros } from '@holdfast/kernel';
import type { Resolved } from '@holdfast/domains/resolution/core/decided';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { escalateAlert, resolve, workflowIdOf } from '../../alerting/escalate-alert/contract';
import { resolveWindow, type WindowToResolve } from '../../resolution/resolve-window/contract';
import * as contract from './contract';

const { plan, dataIsThere, judge, hasChanged, isNews, accept, recount, record } = activitiesOf(
  contract.reconcileWindow,
);

/** Where a window stands. */
interface Standing {
  /** False until what earlier runs came to is known. */
  planned: boolean;
  state: WindowState;
  revision: number;
  open: number;
  /** Whether a revision had gaps. */
  hadGaps: boolean;
  alertId: string;
  deadline: Micros;
  /** Who accepted what was open last; '' when a judgement came since. */
  acceptedBy: string;
  /** How long the last judgement took, in ms. */
  took: number;
}

export const reconcileWindow: WorkflowOf<typeof contract.reconcileWindow> = async (window) => {
  const at = nothingKnown();
  const story = storyOf(window, at);
  const alone = oneAtATime();
  let judging: wf.CancellationScope | undefined;
  // Handlers before anything is waited for: what comes with the first task finds them.
  const asked = listen(at, () => judging?.cancel());
  wf.setHandler<Verdict, [string, string], typeof contract.accept>(contract.accept, acceptGaps, {
    validator: () => mayHaveGaps(at),
  });
  wf.setHandler<Verdict, [string], typeof contract.settle>(contract.settle, settle);

  const past = await plan(window);
  takeUp(at, past);
  const goesOn = wf.workflowInfo().continuedFromExecutionRunId !== undefined;
  let due = past.asked || (await judgementIsDue(window, at, asked));
  if (due && !goesOn) {
    at.state = 'waiting';
    await story.tell('waiting');
    await untilDataIsThere(window, at.deadline, () => asked.toCancel() || asked.toJudge());
  }
  while (due || at.state === 'gaps') {
    await untilNothingIsOpen();
    await alone(() => close(at, asked, story));
    await wf.condition(wf.allHandlersFinished);
    due = (asked.late() || asked.toJudge()) && (await judgementIsDue(window, at, asked)); // what came while it was being closed
  }
  await wf.condition(wf.allHandlersFinished);
  const { state, revision, open } = at;
  return { state: state === 'cancelled' ? 'gaps' : (state as VerdictState), revision, open };

  /** Judges, and judges again when something arrived or somebody asks; until there are no gaps, or somebody cancels. */
  async function untilNothingIsOpen(): Promise<void> {
    while (!asked.toCancel()) {
      const before = at.revision;
      if (due) await alone(judgeNow);
      if (at.open === 0 || asked.toCancel()) return;
      const resolved = await alone(askRules);
      if (at.open === 0 || asked.toCancel()) return;
      await tellOfGaps(window, past, resolved, at, story, at.revision !== before);
      const wakeAt = wakesAt(resolved, past, at);
      const isCalled = (): boolean => at.open === 0 || asked.late() || asked.toJudge() || asked.toCancel();
      if (wakeAt === undefined) await wf.condition(isCalled);
      else await wf.condition(isCalled, Math.max(1_000, wakeAt / 1000 - Date.now()));
      if (wf.workflowInfo().continueAsNewSuggested) await startOver();
      if (at.open === 0 || asked.toCancel()) return;
      due = await judgementIsDue(window, at, asked);
    }
  }

  async function judgeNow(): Promise<void> {
    await tellWhoAsked(asked, story);
    if (asked.toCancel()) return;
    asked.takeLate();
    at.state = 'judging';
    judging = new wf.CancellationScope();
    const began = Date.now();
    try {
      const { revision, hadGaps } = at;
      const verdict = await judging.run(() => judge({ window, revision: revision + 1, hadGaps }));
      Object.assign(at, verdict, { hadGaps: hadGaps || verdict.open > 0, acceptedBy: '' });
    } catch (error) {
      if (!asked.toCancel()) throw error;
    } finally {
      judging = undefined;
      at.took = Date.now() - began;
    }
  }

  /** What the rules say of what is open. Rules that fail leave everything to people. */
  async function askRules(): Promise<Resolved> {
    const unruled = { tallies: [], undecided: at.open, wakeAt: null, escalate: null };
    judging = new wf.CancellationScope();
    try {
      const asks = { window, revision: at.revision };
      const resolved = await judging.run(() =>
        wf.executeChild<(asks: WindowToResolve) => Promise<Resolved | null>>(resolveWindow.name, {
          workflowId: resolveWindow.id(asks),
          args: [asks],
        }),
      );
      if (!resolved) return unruled;
      if (resolved.tallies.some(({ action }) => action === 'accept'))
        Object.assign(at, await recount({ window, revision: at.revision + 1 }), { acceptedBy: '' });
      return resolved;
    } catch (error) {
      if (!asked.toCancel()) wf.log.warn('the rules could not be asked', { error: String(error) });
      return unruled;
    } finally {
      judging = undefined;
    }
  }

  async function settle(by: string): Promise<Verdict> {
    await wf.condition(() => at.planned && !isUndecided(at));
    return alone(async () => {
      const { state, revision, open } = at;
      if (state !== 'gaps') return { state: state === 'cancelled' ? 'gaps' : (state as VerdictState), revision, open };
      const verdict = await recount({ window, revision: revision + 1 });
      if (verdict.revision === revision) return verdict;
      Object.assign(at, verdict, { acceptedBy: by });
      await story.tell(verdict.state, by);
      return verdict;
    });
  }

  async function acceptGaps(acceptanceId: string, by: string): Promise<Verdict> {
    await wf.condition(() => at.planned);
    mayHaveGaps(at);
    await wf.condition(() => !isUndecided(at)); // of a window with gaps that is judged again nobody knows yet
    return alone(async () => {
      if (at.state !== 'gaps') throw noGaps();
      const verdict = await accept({ window, acceptanceId, revision: at.revision + 1 });
      Object.assign(at, verdict, { acceptedBy: by });
      await story.tell(verdict.state, by);
      return verdict;
    });
  }

  /** A fresh history; what is known of the window comes from its plan again. Goes on here when nothing is left to judge. */
  async function startOver(): Promise<void> {
    do {
      await tellWhoAsked(asked, story);
      await wf.condition(wf.allHandlersFinished); // an acceptance may have begun meanwhile: it would be lost
    } while (asked.toJudge());
    if (at.open > 0 && !asked.toCancel()) await wf.continueAsNew<typeof reconcileWindow>(window);
  }
};

const nothingKnown = (): Standing => ({
  planned: false,
  state: 'waiting',
  revision: 0,
  open: 0,
  hadGaps: false,
  alertId: '',
  deadline: 0,
  acceptedBy: '',
  took: 0,
});

/** Goes on from what earlier runs came to. */
function takeUp(at: Standing, { deadline, last, hadGaps, cancelled, openAlert }: contract.Plan): void {
  const state = cancelled ? 'cancelled' : (last?.state ?? 'waiting');
  Object.assign(at, { ...last, planned: true, state, hadGaps, alertId: openAlert, deadline });
}

/** A judgement that took longer is followed by a pause as long before late events start the next: at most half of the time goes into judging. Milliseconds. */
const LONG_JUDGEMENT = 1_000;

/** Whether the next revision could say anything else than the last, or somebody asks for it. */
async function judgementIsDue(window: Window, at: Readonly<Standing>, asked: Asked): Promise<boolean> {
  const { open } = at;
  do {
    if (asked.toJudge()) return true;
    asked.takeLate();
    if (at.state === 'cancelled') continue; // stays so, whatever arrives
    if (at.revision === 0) return true;
    if (!(await hasChanged(window))) continue;
    if (at.took > LONG_JUDGEMENT)
      await wf.condition(() => asked.toJudge() || asked.toCancel() || at.open !== open, at.took);
    return true;
  } while (asked.late() || asked.toJudge());
  return false;
}

/**
 * One alert follows the window until it is closed. When somebody has resolved it by hand, what was not there before raises the next. A rule that pages, and a
 * window that is open past its deadline, take its place by one of their own, which pages from the first level on.
 */
async function tellOfGaps(
  window: Window,
  { policy, resolveBy }: contract.Plan,
  { undecided, escalate }: Resolved,
  at: Standing,
  story: Story,
  isNewRevision: boolean,
): Promise<void> {
  const { alertId, revision } = at;
  const isOverdue = resolveBy !== null && Date.now() * 1000 >= resolveBy;
  const pager = escalate?.policy ?? policy;
  const raised: Promise<void>[] = [];
  if (policy !== null && isOverdue && !alertId.endsWith(OVERDUE))
    raised.push(replaceAlert(window, policy, OVERDUE, at));
  else if (escalate && pager !== null && !alertId.endsWith(OVERDUE) && !alertId.endsWith(`.${escalate.rule}`))
    raised.push(replaceAlert(window, pager, `.${escalate.rule}`, at));
  else if (undecided > 0 && policy !== null && (alertId === '' || (await isNews({ window, revision, alertId }))))
    raised.push(raiseAlert(window, policy, at));
  const hasNews = isNewRevision || raised.length > 0; // a later run reads the alert's id from the story
  await Promise.all([...raised, hasNews && story.tell('gaps')]);
}

/** Ends the id of an alert that says that the window was open for too long. No rule has an id of this form. */
const OVERDUE = '.overdue~';

/** When the window has to be looked at again although nothing comes; undefined: never. */
function wakesAt({ wakeAt }: Resolved, { policy, resolveBy }: contract.Plan, at: Standing): Micros | undefined {
  const overdue = resolveBy !== null && policy !== null && !at.alertId.endsWith(OVERDUE) ? resolveBy : undefined;
  return wakeAt === null ? overdue : Math.min(wakeAt, overdue ?? wakeAt);
}

async function replaceAlert(window: Window, policy: string, suffix: string, at: Standing): Promise<void> {
  const before = at.alertId;
  const raised = raiseAlert(window, policy, at, suffix);
  await Promise.all([raised, endAlert(before, '', 'escalated')]);
}

async function close(at: Standing, asked: Asked, story: Story): Promise<void> {
  const cancelledBy = asked.takeCancel() ?? '';
  if (at.open > 0 || isUndecided(at)) at.state = 'cancelled';
  const by = at.state === 'cancelled' ? cancelledBy : at.acceptedBy;
  const told = story.last() === at.state ? undefined : story.tell(at.state, by);
  await Promise.all([told, resolveAlert(at, by)]);
}

async function tellWhoAsked(asked: Asked, story: Story): Promise<void> {
  const by = asked.takeJudge();
  if (by !== undefined) await story.tell('judging', by);
}

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

type Asked = ReturnType<typeof listen>;

/** What others ask of the window while it runs; the newest of each is kept until it is taken. */
function listen(at: Readonly<Standing>, onCancel: () => void) {
  let cancelledBy: string | undefined;
  let judgeBy: string | undefined;
  let late = false;
  wf.setHandler(contract.lateEvents, () => void (late = true));
  wf.setHandler(contract.judgeAgain, (by) => void (judgeBy = by));
  wf.setHandler(contract.cancel, (by) => {
    cancelledBy = by;
    onCancel();
  });
  wf.setHandler(contract.progress, () => ({
    state: at.state,
    revision: at.revision,
    deadline: at.planned ? at.deadline : null,
  }));
  return {
    toCancel: () => cancelledBy !== undefined,
    toJudge: () => judgeBy !== undefined,
    late: () => late,
    takeLate: () => void (late = false),
    takeCancel() {
      const by = cancelledBy;
      cancelledBy = undefined;
      return by;
    },
    takeJudge() {
      const by = judgeBy;
      judgeBy = undefined;
      return by;
    },
  };
}

type Story = ReturnType<typeof storyOf>;

/** What is told of a run, for people to see. */
function storyOf(window: Window, at: Readonly<Standing>) {
  let seq = 0;
  let last: WindowState | undefined;
  return {
    last: () => last,
    tell(state: WindowState, by = ''): Promise<void> {
      const { revision, alertId, deadline } = at;
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

/** An alert has a workflow of its own, which pages. */
async function raiseAlert(window: Window, policy: string, at: Standing, suffix = ''): Promise<void> {
  const { open, revision } = at;
  const fingerprint = reconciliationId(window);
  at.alertId = `${fingerprint}.${revision}${suffix}`;
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
  await endAlert(alertId, by, state === 'cancelled' || state === 'accepted' ? state : 'healed');
}

async function endAlert(alertId: string, by: string, reason: ResolveReason): Promise<void> {
  if (alertId === '') return;
  try {
    await wf.getExternalWorkflowHandle(workflowIdOf(alertId)).signal(resolve, { by, reason, at: Date.now() * 1000 });
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    wf.log.info('the alert has ended already', { alertId }); // somebody resolved it
  }
}

const isUndecided = ({ state }: Standing): boolean => state === 'judging' || state === 'waiting';

function mayHaveGaps(at: Standing): void {
  if (at.planned && at.state !== 'gaps' && !(at.hadGaps && isUndecided(at))) throw noGaps();
}

const noGaps = (): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable('the window has no open discrepancies', 'no_gaps', 'conflict');
