import { dueAt, type Escalation, mayPage, type Step } from '@holdfast/domains/alerting/core/escalation';
import type { PageTarget } from '@holdfast/domains/alerting/core/escalation-policy';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import { type Answered, listen } from './answers.workflow';
import * as contract from './contract';
import { FollowUps } from './follow-ups.workflow';
import { followGroup } from './group.workflow';
import { journalOf } from './journal.workflow';
import { Machine } from './machine.workflow';
import { LookUps } from './look-ups.workflow';
import { Pager } from './pager.workflow';

const { open } = activitiesOf(contract.escalateAlert);

/** Events of a history after which a new run goes on: well below what Temporal warns of, for alerts that nobody ends for months. */
const LONG_HISTORY = 1_000;

/**
 * Drives the machine of core/escalation.ts: what it decides there is done here. Waits until the alert is resolved, then closes every page. Not even its
 * cancellation ends it halfway: that resolves the alert.
 */
export const escalateAlert: WorkflowOf<typeof contract.escalateAlert> = async ({ goesOn, ...alert }) => {
  const raisedAt = goesOn?.raisedAt ?? wf.workflowInfo().startTime.getTime() * 1000;
  const at: Answered = { alert, by: '' };
  const journal = journalOf(alert.alertId, goesOn?.lastSeq ?? 0);
  const followUps = new FollowUps(alert.alertId, journal, goesOn?.sent ?? []);
  const pager: Pager = new Pager(
    () => at.alert,
    raisedAt,
    followUps,
    journal,
    {
      accepted: (step) => machine.happens({ is: 'accepted', step }),
      refused: (step) => machine.happens({ is: 'refused', step }),
    },
    goesOn?.numbered ?? {},
  );
  const machine = new Machine(journal, (because, level) => pager.giveUp(because, level), goesOn?.escalation);
  const lookUps = new LookUps(machine, at, raisedAt);
  // Handlers before anything is waited for: what comes with the first task finds them.
  const { resolve } = listen(machine, at, journal, (targets) => pageMore(targets));
  const group = alert.subject.kind === 'group' ? followGroup(machine, at, goesOn?.newestAt ?? 0, resolve) : undefined;
  wf.setHandler(contract.opened, () => wf.condition(() => machine.escalation !== undefined));
  wf.setHandler(contract.live, () => standing(machine, pager));
  wf.CancellationScope.current().cancelRequested.catch(() => resolve({ by: '', reason: 'cancelled', at: now() }));

  return wf.CancellationScope.nonCancellable(async () => {
    if (!machine.escalation) {
      const opening = await open({ alert, raisedAt });
      const policy = opening.is === 'open' ? opening.policy : undefined;
      machine.begin(policy, group ? (policy?.group?.waitSeconds ?? 0) : 0);
      if (!policy) {
        await wf.condition(wf.allHandlersFinished);
        return { state: 'over' };
      }
    }
    const following = [group?.follow() ?? Promise.resolve(), tellChannels(machine, pager, followUps, at)];
    while (!machine.isResolved) {
      for (const { step, targets, handover } of machine.takePages()) void page(step, targets, handover);
      await untilDue(machine);
      if (wf.workflowInfo().historyLength > LONG_HISTORY) await startOver();
    }
    await Promise.all(following);
    await wf.condition(wf.allHandlersFinished);
    await journal.written();
    await group?.beginAgain(alert);
    return { state: 'resolved' };
  });

  async function page(step: Step, targets: readonly PageTarget[], handover: boolean): Promise<void> {
    const found = await lookUps.of(targets, step.level === 0);
    if (!machine.escalation || !mayPage(machine.escalation, step, handover)) return;
    if (found.is === 'loud') {
      const pages = pager.page(step, found, handover ? 'handover' : 'level');
      machine.happens({ is: 'prepared', step, pages, handoverAt: found.handoverAt });
    } else if (handover) machine.happens({ is: 'prepared', step, pages: 0, handoverAt: found.until });
    else machine.happens({ ...found, step });
  }

  /** Pages whom somebody names, beside the ladder. */
  async function pageMore(targets: readonly PageTarget[]): Promise<void> {
    const found = await lookUps.of(targets, true);
    if (found.is === 'loud' && !machine.isResolved)
      pager.page({ level: 0, repeat: machine.escalation?.repeat ?? 0 }, found, 'more');
  }

  /** A fresh history, as soon as nothing is under way in this one. */
  async function startOver(): Promise<void> {
    const isBusy = (): boolean =>
      lookUps.isUnderWay ||
      !machine.isIdle ||
      machine.isResolved ||
      pager.countUnderWay > 0 ||
      !followUps.isIdle ||
      !wf.allHandlersFinished();
    if (isBusy()) return;
    await journal.written();
    if (isBusy() || !machine.escalation) return;
    await wf.continueAsNew<typeof escalateAlert>({
      ...at.alert,
      goesOn: {
        escalation: machine.escalation,
        raisedAt,
        lastSeq: journal.lastSeq(),
        sent: followUps.all(),
        numbered: pager.numbered,
        newestAt: group?.newestAt() ?? 0,
      },
    });
  }
};

const now = (): Micros => Date.now() * 1000;

/** Until something happens, or the time has come when something has to be done by itself. */
async function untilDue(machine: Machine): Promise<void> {
  const seen = machine.changes;
  const due = machine.escalation && dueAt(machine.escalation);
  const isNews = (): boolean => machine.changes !== seen;
  if (due === undefined) await wf.condition(isNews);
  else if (due > now()) await wf.condition(isNews, Math.ceil((due - now()) / 1000));
  if (due !== undefined && due <= now()) machine.happens({ is: 'time' });
}

/** Tells channels what has become of the pages that they took. */
async function tellChannels(
  machine: Machine,
  pager: Pager,
  followUps: FollowUps,
  at: Readonly<Answered>,
): Promise<void> {
  const isAcknowledged = (): boolean => machine.escalation?.phase.is === 'acknowledged';
  while (!machine.isResolved) {
    await wf.condition(() => machine.isResolved || (isAcknowledged() && followUps.hasUntold));
    await pager.settled();
    if (isAcknowledged())
      await Promise.race([followUps.tellAll('acknowledge', at.by), wf.condition(() => machine.isResolved)]);
  }
  await pager.settled();
  await followUps.tellAll('resolve', at.by);
}

function standing(machine: Machine, pager: Pager): contract.LiveEscalation {
  const { escalation, state } = machine;
  const until = escalation && dueAt(escalation);
  return {
    state,
    phase: escalation?.phase.is ?? 'preparing',
    ...(escalation && isClimbing(escalation) && { at: { level: escalation.level, repeat: escalation.repeat } }),
    ...(escalation && escalation.given.length > 0 && { given: escalation.given }),
    ...(until !== undefined && { until }),
    pagesUnderWay: pager.countUnderWay,
  };
}

const isClimbing = ({ phase: { is } }: Escalation): boolean =>
  is === 'delayed' || is === 'preparing' || is === 'held' || is === 'paging';
