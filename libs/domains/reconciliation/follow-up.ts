import { Injectable, Logger } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { lateEvents, reconcileWindow } from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { Client } from '@temporalio/client';
import { Damper, howFollowed, runsOf, type Followed } from './core/follow-up';
import { windowOf, type Window } from './core/window';
import { FollowUpStore, type Span } from './follow-up.store';

/** Windows of one page of a walk. */
const PAGE = 2_000;
/** Rounds from one lap that looks at closed windows too to the next. */
const ROUNDS_BETWEEN_CLOSED = 10;
/** Open windows that are looked at in every round; of more than that each is met once in a lap. */
const MOST_OPEN = 10_000;
/** Windows that ended since then are walked apart from older ones: a lap over them is short however long the history is. */
const YOUNG: Micros = 45 * 86_400_000_000;
/** After every window: the year 2255. */
const NEVER: Micros = 9_000_000_000_000_000;
/** Signals that are sent at once, and how long one may take, in ms. */
const SIGNALS_AT_ONCE = 20;
const SIGNAL_MS = 10_000;

/** Before every window. */
const NOWHERE: Window = { process: '', from: 0, to: 0 };

/** Goes through windows page by page, lap after lap. */
class Walk {
  private place: Window = NOWHERE;
  private rounds = ROUNDS_BETWEEN_CLOSED;
  /** Whether this lap looks at closed windows too. */
  closed = false;

  constructor(private readonly store: FollowUpStore) {}

  async next(span: Span): Promise<string[]> {
    this.rounds += 1;
    if (this.place.process === '') {
      this.closed = this.rounds > ROUNDS_BETWEEN_CLOSED;
      if (this.closed) this.rounds = 1;
    }
    const page = await this.store.ended(span, this.place, PAGE);
    this.place = page.length < PAGE ? NOWHERE : page.at(-1)!;
    return page.map(({ reconciliation }) => reconciliation);
  }
}

/**
 * Tells windows that events arrived which they were not judged by: compares the digests that are there with those of the newest verdict, so that a crash at any
 * point costs a round and nothing else. A round looks at the windows that are known to be open, at one page of those that ended lately and at one of older ones,
 * closed ones less often: what it reads does not grow with history, only the time until an old window's turn does.
 */
@Injectable()
export class FollowUp {
  private readonly log = new Logger(FollowUp.name);
  private readonly damper = new Damper(2 * MOST_OPEN);
  private readonly young: Walk;
  private readonly old: Walk;
  private open = new Set<string>();

  constructor(
    private readonly store: FollowUpStore,
    private readonly temporal: Client,
  ) {
    this.young = new Walk(store);
    this.old = new Walk(store);
  }

  async round(now: Micros): Promise<void> {
    const border = now - YOUNG;
    const young = await this.young.next({ since: border, before: NEVER });
    const old = await this.old.next({ since: 0, before: border });
    const standings = await this.store.standings([...new Set([...this.open, ...young, ...old])]);
    const closed = new Set([...(this.young.closed ? young : []), ...(this.old.closed ? old : [])]);
    const due = standings.filter((one) => {
      const how = howFollowed(one, now);
      return how === 'open' || (how === 'closed' && closed.has(one.reconciliation));
    });
    this.open = new Set(
      due
        .filter(({ state }) => state === 'gaps')
        .slice(0, MOST_OPEN)
        .map(({ reconciliation }) => reconciliation),
    );
    await this.compare(due, now);
  }

  private async compare(due: readonly Followed[], now: Micros): Promise<void> {
    const known = new Map<Window, Followed>();
    for (const one of due) {
      const window = windowOf(one.reconciliation);
      if (window) known.set(window, one);
    }
    for (const run of runsOf([...known.keys()])) {
      const fingerprints = await this.store.fingerprints(run);
      const changed = run.flatMap((window, index) => {
        const { reconciliation, revision, fingerprint } = known.get(window)!;
        const is = fingerprints[index]!;
        const tells = is !== fingerprint && this.damper.mayTell(reconciliation, revision, is, now);
        return tells ? [{ window, reconciliation, revision, fingerprint: is }] : [];
      });
      for (let at = 0; at < changed.length; at += SIGNALS_AT_ONCE)
        await Promise.all(
          changed.slice(at, at + SIGNALS_AT_ONCE).map(async ({ window, reconciliation, revision, fingerprint }) => {
            if (await this.tell(window)) this.damper.tell(reconciliation, revision, fingerprint, now);
          }),
        );
    }
  }

  /** Wakes the window's workflow, or starts it where the window was closed. One that cannot be told does not keep the others waiting. */
  private async tell(window: Window): Promise<boolean> {
    const workflowId = reconcileWindow.id(window);
    try {
      await this.temporal.withDeadline(Date.now() + SIGNAL_MS, () =>
        this.temporal.workflow.signalWithStart(reconcileWindow.name, {
          workflowId,
          taskQueue: 'control',
          args: [window],
          signal: lateEvents,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        }),
      );
      return true;
    } catch (error) {
      this.log.warn(`${workflowId}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }
}
