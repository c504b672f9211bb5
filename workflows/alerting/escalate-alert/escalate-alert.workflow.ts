import type {
  Acknowledgement,
  AlertState,
  AlertToEscalate,
  Happening,
  Page,
  PagePlace,
  Resolution,
  Transition,
} from '@holdfast/domains/alerting/core/alert';
import { climb, ladderOf, pagesOf, type Paging, type Step } from '@holdfast/domains/alerting/core/ladder';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import * as contract from './contract';

const { open, record, page: sendPage, followUp } = activitiesOf(contract.escalateAlert);

/** Pages until somebody acknowledges, waits until the alert is resolved, then closes every page. Not even its cancellation ends it halfway: that resolves the alert. */
export const escalateAlert: WorkflowOf<typeof contract.escalateAlert> = async (alert) => {
  const raisedAt = workflowInfo().startTime.getTime() * 1000;
  const { note, written } = journalOf(alert.alertId);
  const pager = pagerOf(alert, raisedAt, note);
  let acknowledgement: Acknowledgement | undefined;
  let resolution: Resolution | undefined;
  let opened = false;
  let current: Step | undefined;

  const answered = (): boolean => acknowledgement !== undefined || resolution !== undefined;
  const state = (): AlertState => (resolution ? 'resolved' : acknowledgement ? 'acknowledged' : 'open');

  setHandler(contract.acknowledge, (by) => void acknowledge(by));
  setHandler<AlertState, [Acknowledgement], typeof contract.acknowledgeNow>(
    contract.acknowledgeNow,
    (by) => acknowledge(by).then(state),
    { validator: mustBeUnanswered },
  );
  setHandler(contract.resolve, (by) => void resolve(by));
  setHandler<AlertState, [Resolution], typeof contract.resolveNow>(
    contract.resolveNow,
    (by) => resolve(by).then(state),
    { validator: mustBeUnresolved },
  );
  setHandler(contract.opened, () => condition(() => opened));
  setHandler(contract.live, () => ({
    state: state(),
    ...(current && !answered() && { at: { level: current.level, repeat: current.repeat } }),
    pagesUnderWay: pager.underWay(),
  }));
  CancellationScope.current().cancelRequested.catch(() => resolve({ by: '', reason: 'cancelled', at: now() }));

  return CancellationScope.nonCancellable(async () => {
    const opening = await open({ alert, raisedAt });
    opened = true;
    if (opening.is === 'open') {
      await climb(ladderOf(opening.policy), { answered, page, until: waitUntil, note: (what) => void note(what) });
      current = undefined;

      await condition(answered); // also when the ladder is at its end: pages that were never accepted are still tried
      await pager.end();
      if (acknowledgement) await pager.tellAll('acknowledge');

      await condition(() => resolution !== undefined);
      await pager.tellAll('resolve');
    }
    await condition(allHandlersFinished);
    await written();
    return { state: opening.is === 'open' ? 'resolved' : 'over' };
  });

  function page(step: Step): Paging {
    current = step;
    return pager.page(step);
  }

  /** Takes effect at once; the promise is that it can be read. Whoever comes later changes nothing. */
  async function acknowledge(by: Acknowledgement): Promise<void> {
    if (answered()) return;
    acknowledgement = by;
    pager.giveUp();
    const noted = note(
      {
        kind: 'acknowledged',
        by: by.by,
        via: by.via,
        code: by.event === 'resolved' ? 'incident_resolved' : '',
        deliveryId: by.deliveryId ?? '',
      },
      by.at,
    );
    // A test has nothing that could heal: to have been seen is all it is for.
    if (alert.subject.kind === 'test') void resolve({ by: by.by, reason: 'manual', at: by.at });
    return noted;
  }

  async function resolve({ by, reason, at }: Resolution): Promise<void> {
    if (resolution) return;
    resolution = { by, reason, at };
    pager.giveUp();
    return note({ kind: 'resolved', by, reason }, at);
  }

  function mustBeUnresolved(): void {
    if (resolution) throw tooLate('alert_resolved', 'the alert is resolved already');
  }

  function mustBeUnanswered(): void {
    mustBeUnresolved();
    if (acknowledgement) throw tooLate('alert_acknowledged', 'somebody has acknowledged the alert already');
  }
};

const waitUntil = (holds: () => boolean, seconds: number): Promise<boolean> => condition(holds, seconds * 1000);
const now = (): Micros => Date.now() * 1000;
const tooLate = (type: string, message: string): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nonRetryable: true, details: ['conflict'] });

type Note = (happening: Happening, at?: Micros) => Promise<void>;

/** Writes what happens in its order, without holding up what comes next. `open` wrote number 0. */
function journalOf(alertId: string): { note: Note; written: () => Promise<void> } {
  const waiting: Transition[] = [];
  let last = 0;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting.length > 0) await record({ alertId, transitions: waiting.splice(0) });
    writing = undefined;
  }
  return {
    note: (happening, at = now()) => {
      waiting.push({ ...happening, seq: (last += 1), at });
      // Signals run in the workflow's own scope, which may be cancelled.
      return (writing ??= CancellationScope.nonCancellable(write));
    },
    written: async () => writing,
  };
}

/** A page that PagerDuty has not accepted yet. */
interface PageUnderWay {
  readonly level: number;
  readonly scope: CancellationScope;
  givenUpBecause?: 'answered' | 'superseded';
}

/** Sends the pages of one alert, and knows which of them may have opened an incident. */
function pagerOf(alert: AlertToEscalate, raisedAt: Micros, note: Note) {
  const underWay = new Set<PageUnderWay>();
  const sent = new Map<string, Page>();

  function giveUp(because: 'answered' | 'superseded', level?: number): void {
    for (const one of underWay) {
      if (level !== undefined && one.level !== level) continue;
      one.givenUpBecause ??= because;
      one.scope.cancel();
    }
  }

  /** @returns whether PagerDuty accepted it */
  async function send({ level, repeat, target, dedupKey, routingKey }: PagePlace & Page): Promise<boolean> {
    const place = { level, repeat, target };
    const page = { dedupKey, routingKey };
    const mine: PageUnderWay = { level, scope: new CancellationScope() };
    underWay.add(mine);
    sent.set(dedupKey, page);
    try {
      const { acceptedAt } = await mine.scope.run(() => sendPage({ alert, place, page, raisedAt }));
      void note({ kind: 'paged', ...place, ...page }, acceptedAt);
      return true;
    } catch (error) {
      if (mine.givenUpBecause === undefined) sent.delete(dedupKey); // refused: there is nothing to close
      void note({ kind: 'page_failed', code: mine.givenUpBecause ?? codeOf(error), ...place, ...page });
      return false;
    } finally {
      underWay.delete(mine);
    }
  }

  return {
    underWay: () => underWay.size,
    giveUp: () => giveUp('answered'),

    /** A page of the level that was never accepted is given up first: after an outage nobody is to be notified once for each repeat. */
    page(step: Step): Paging {
      giveUp('superseded', step.level);
      let accepted = 0;
      let refused = 0;
      for (const page of pagesOf(alert.alertId, step))
        void send(page).then((taken) => (taken ? (accepted += 1) : (refused += 1)));
      return { accepted: () => accepted > 0, hopeless: () => refused === step.targets.length };
    },

    /** Until each page is accepted or given up: a trigger that came after its resolve would open a new incident. */
    async end(): Promise<void> {
      giveUp('answered');
      await condition(() => underWay.size === 0);
    },

    /** Tells PagerDuty about every page that may have opened an incident. */
    async tellAll(action: 'acknowledge' | 'resolve'): Promise<void> {
      await Promise.all(
        [...sent.values()].map(async (page) => {
          try {
            await followUp({ action, page });
          } catch (error) {
            void note({ kind: 'follow_up_failed', code: codeOf(error), ...page });
          }
        }),
      );
    },
  };
}

/** Why an activity failed for good: the code of its error. */
function codeOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? 'fault') : 'fault';
}
