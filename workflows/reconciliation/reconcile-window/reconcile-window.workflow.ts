import {
  type Verdict,
  type VerdictState,
  type Window,
  type WindowState,
} from '@holdfast/domains/reconciliation/core/window';
import type { Micros } from '@holdfast/kernel';
import type { Resolved } from '@holdfast/domains/resolution/core/decided';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { resolveWindow, type WindowToResolve } from '../../resolution/resolve-window/contract';
import { resolveAlert, tellOfDelay, tellOfGaps, wakesAt } from './alerts.workflow';
import * as contract from './contract';
import { type Asked, listen } from './listening.workflow';

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
  wf.setHandler<Verdict, [string], typeof contract.settle>(contract.settle, async (by) => {
    await wf.condition(() => at.planned && !isUndecided(at));
    return alone(() => countAccepted(window, at, by, story));
  });

  const past = await plan(window);
  takeUp(at, past);
  const goesOn = wf.workflowInfo().continuedFromExecutionRunId !== undefined;
  let due = past.asked || (await judgementIsDue(window, at, asked));
  if (due && !goesOn) await waitForData(window, at, asked, story);
  while (due || at.state === 'gaps') {
    await untilNothingIsOpen();
    await alone(() => close(at, asked, story));
    await wf.condition(wf.allHandlersFinished);
    due = (asked.late() || asked.toJudge()) && (await judgementIsDue(window, at, asked)); // what came while it was being closed
  }
  await wf.condition(wf.allHandlersFinished);
  return verdictOf(at);

  /** Judges, and judges again when something arrived or somebody asks; until there are no gaps, or somebody cancels. */
  async function untilNothingIsOpen(): Promise<void> {
    while (!asked.toCancel()) {
      const before = at.revision;
      if (due) await alone(judgeNow);
      if (at.open === 0 || asked.toCancel()) return;
      const resolved = await alone(ask);
      if (at.open === 0 || asked.toCancel()) return;
      await tellOfGaps(window, past, resolved, at, isNews, at.revision !== before, () => story.tell('gaps'));
      await calledOr(wakesAt(resolved, past, at), () => at.open === 0 || asked.toAct());
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
      const judged = judging.run(() => judge({ window, revision: revision + 1, hadGaps }));
      const verdict = await tellOfDelay(window, past, at, judged, () => story.tell('judging'));
      Object.assign(at, verdict, { hadGaps: hadGaps || verdict.open > 0, acceptedBy: '' });
    } catch (error) {
      if (!asked.toCancel()) throw error;
    } finally {
      judging = undefined;
      at.took = Date.now() - began;
    }
  }

  async function ask(): Promise<Resolved> {
    judging = new wf.CancellationScope();
    try {
      return await askRules(window, at, judging, asked);
    } finally {
      judging = undefined;
    }
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

/** What the rules say of what is open; what they accept makes a revision. Rules that fail leave everything to people. */
async function askRules(window: Window, at: Standing, scope: wf.CancellationScope, asked: Asked): Promise<Resolved> {
  const unruled = { tallies: [], undecided: at.open, wakeAt: null, escalate: null };
  try {
    const asks = { window, revision: at.revision };
    const resolved = await scope.run(() =>
      wf.executeChild<(asks: WindowToResolve) => Promise<Resolved | null>>(resolveWindow.name, {
        workflowId: resolveWindow.id(asks),
        args: [asks],
      }),
    );
    if (resolved?.tallies.some(({ action }) => action === 'accept'))
      Object.assign(at, await recount({ window, revision: at.revision + 1 }), { acceptedBy: '' });
    return resolved ?? unruled;
  } catch (error) {
    if (!asked.toCancel()) wf.log.warn('the rules could not be asked', { error: String(error) });
    return unruled;
  }
}

/** Makes a revision with what somebody's decision accepted, which is stored already. */
async function countAccepted(window: Window, at: Standing, by: string, story: Story): Promise<Verdict> {
  if (at.state !== 'gaps') return verdictOf(at);
  const verdict = await recount({ window, revision: at.revision + 1 });
  if (verdict.revision === at.revision) return verdict;
  Object.assign(at, verdict, { acceptedBy: by });
  await story.tell(verdict.state, by);
  return verdict;
}

/** Until somebody calls, or the time has come. */
async function calledOr(wakeAt: Micros | undefined, isCalled: () => boolean): Promise<void> {
  if (wakeAt === undefined) await wf.condition(isCalled);
  else await wf.condition(isCalled, Math.max(SHORTEST_PAUSE, wakeAt / 1000 - Date.now()));
}

const verdictOf = ({ state, revision, open }: Standing): Verdict => ({
  state: state === 'cancelled' ? 'gaps' : (state as VerdictState),
  revision,
  open,
});

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

/** Until the data of a window is there, unless somebody has called already. */
async function waitForData(window: Window, at: Standing, asked: Asked, story: Story): Promise<void> {
  const called = (): boolean => asked.toCancel() || asked.toJudge();
  at.state = 'waiting';
  if (called()) return;
  await story.tell('waiting');
  await untilDataIsThere(window, at.deadline, called);
}

/** Until every stage has moved past the window's end, at most until the grace is over or somebody calls. */
async function untilDataIsThere(window: Window, deadline: Micros, called: () => boolean): Promise<void> {
  const since = Math.max(Date.now(), window.to / 1000);
  while (!called() && Date.now() * 1000 < deadline && !(await dataIsThere(window))) {
    const waited = Date.now() - since;
    const pause = waited < 0 ? -waited : Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, waited * GROWTH));
    await wf.condition(called, Math.max(1, Math.min(pause, deadline / 1000 - Date.now())));
  }
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

const isUndecided = ({ state }: Standing): boolean => state === 'judging' || state === 'waiting';

function mayHaveGaps(at: Standing): void {
  if (at.planned && at.state !== 'gaps' && !(at.hadGaps && isUndecided(at))) throw noGaps();
}

const noGaps = (): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable('the window has no open discrepancies', 'no_gaps', 'conflict');
