import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import { noWorker, temporalUnavailable } from '@holdfast/platform/temporal';
import { judgeAgain, reconcileWindow, settle } from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Discrepancy } from './core/compare';
import type { Revision } from './core/revision';
import { runsOf } from './core/follow-up';
import { reconciliationId, windowOf } from './core/window';
import { EvidenceStore } from './evidence.store';
import { FollowUpStore } from './follow-up.store';
import { type DiscrepancyPlace, ReconciliationStore } from './reconciliation.store';
import { type Fact, SettlementStore, type StandingWindow, type Where, type WindowPlace } from './settlement.store';

export type { DiscrepancyPlace, Fact, StandingWindow, Where, WindowPlace };

/** Before every window, and before every discrepancy. */
export const FIRST_WINDOW: WindowPlace = { afterFrom: 0, afterId: '' };
export const FIRST_DISCREPANCY: DiscrepancyPlace = { afterKey: '', afterStage: '', afterKind: '' };

/** A discrepancy with what is known of it from before. */
export interface KnownDiscrepancy extends Discrepancy {
  readonly fact: string;
  readonly firstSeenAt: Micros;
  /** What accepted it; '' while it is open. */
  readonly acceptance: string;
}

/** By whom, when and why something was accepted, in the revision that they saw. */
export interface Acceptance {
  readonly acceptance: string;
  readonly revision: number;
  readonly reason: string;
  readonly by: string;
  readonly at: Micros;
}

/** How long a window may take to count what was accepted, in ms. */
const PATIENCE_MS = 60_000;
const ANY = { kind: '', stage: '', hop: '', rank: '', key: '', status: '' } as const;
/** Windows whose standing is read at once. */
const PAGE = 2_000;

/** What other domains need to settle discrepancies of windows: pages of them, acceptances, and that windows count those. */
@Injectable()
export class SettlementService {
  constructor(
    private readonly store: SettlementStore,
    private readonly windows: ReconciliationStore,
    private readonly evidence: EvidenceStore,
    private readonly followUp: FollowUpStore,
    private readonly temporal: Client,
  ) {}

  /** The newest revision, undefined before the first. */
  async newest(id: string): Promise<Revision | undefined> {
    return (await this.windows.verdicts(id))[0];
  }

  /** Newest first, of revisions below `before`. */
  revisions(id: string, before: number, limit: number): Promise<Revision[]> {
    return this.windows.verdicts(id, before, limit);
  }

  /** A page of a judgement's discrepancies by key, stage and kind. */
  async discrepancies(
    id: string,
    judgement: string,
    after: DiscrepancyPlace,
    limit: number,
  ): Promise<KnownDiscrepancy[]> {
    const found = await this.windows.discrepancies(id, judgement, ANY, after, limit);
    const pasts = await this.windows.pasts(id, [...new Set(found.map(({ key }) => key))]);
    const known = new Map(pasts.map((past) => [nameOf(past), past]));
    return found.map((one) => {
      const past = known.get(nameOf(one));
      return { ...one, firstSeenAt: past?.firstSeenAt ?? 0, acceptance: past?.acceptance ?? '' };
    });
  }

  /** Who accepted, when, in which revision and why; in the order of ids. */
  async acceptances(ids: readonly string[]): Promise<Acceptance[]> {
    return ids.length === 0 ? [] : this.store.acceptances(ids);
  }

  /** How far each stage of a process has come since `from`. */
  async reached(process: string, from: Micros): Promise<ReadonlyMap<string, Micros>> {
    const marks = await this.evidence.watermarks(process, from);
    return new Map(marks.map(({ stage, reached }) => [stage, reached]));
  }

  /** Keeps who accepts and why; before the first discrepancy is accepted by it. A repeat replaces the same row. */
  async explain(acceptance: string, id: string, seen: Revision, reason: string, by: string, at: Micros): Promise<void> {
    await this.windows.proposeAcceptance(acceptance, id, seen, [], reason, by, at);
  }

  /** Accepts these discrepancies; the window does not know yet. */
  accept(id: string, acceptance: string, facts: readonly Fact[]): Promise<void> {
    return this.store.accept(id, acceptance, facts);
  }

  /** Accepts what is selected of the judgement that was seen and is in the newest as it was. @returns how many the acceptance has accepted in all */
  async acceptWhere(id: string, acceptance: string, seen: string, newest: string, where: Where): Promise<number> {
    await this.store.acceptWhere(id, acceptance, seen, newest, where);
    return this.store.countAcceptedBy(id, acceptance);
  }

  /** How many discrepancies stand accepted by these in the newest revision of each window. */
  async standing(
    of: readonly { readonly reconciliation: string; readonly acceptance: string }[],
  ): Promise<ReadonlyMap<string, number>> {
    if (of.length === 0) return new Map();
    const rows = await this.store.standing(of);
    return new Map(rows.map(({ reconciliation, discrepancies }) => [reconciliation, discrepancies]));
  }

  /** Those of the windows of which something arrived that their newest verdict does not know. */
  async changed(windows: readonly StandingWindow[]): Promise<ReadonlySet<string>> {
    const judged = await this.followUp.standings(windows.map(({ reconciliation }) => reconciliation));
    const known = new Map(judged.map(({ reconciliation, fingerprint }) => [windowOf(reconciliation)!, fingerprint]));
    const changed = new Set<string>();
    for (const run of runsOf([...known.keys()])) {
      const now = await this.followUp.fingerprints(run);
      run.forEach((window, index) => {
        if (now[index] !== known.get(window)) changed.add(reconciliationId(window));
      });
    }
    return changed;
  }

  countWhere(id: string, judgement: string, where: Where): Promise<number> {
    return this.store.countWhere(id, judgement, where);
  }

  /** Takes an acceptance back and has the window judged again, unless somebody has cancelled it. */
  async release(id: string, acceptance: string): Promise<void> {
    await this.store.release(id, acceptance);
    if (!(await this.isCancelled(id))) await this.judgeAgain(id);
  }

  /** Somebody ended the window as it was. */
  async isCancelled(id: string): Promise<boolean> {
    return (await this.windows.lastTransition(id))?.state === 'cancelled';
  }

  /** @throws DomainError `unavailable` */
  async judgeAgain(id: string): Promise<void> {
    const window = windowOf(id)!;
    try {
      await this.temporal.workflow.signalWithStart(reconcileWindow.name, {
        workflowId: reconcileWindow.id(window),
        taskQueue: 'control',
        args: [window],
        signal: judgeAgain,
        signalArgs: [''],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    } catch (error) {
      throw temporalUnavailable(error);
    }
  }

  /** Has the window count what was accepted of it. One that is closed needs not. @param key of this call: the same again is the same. @throws DomainError `unavailable` */
  async count(id: string, by: string, key: string): Promise<void> {
    const handle = this.temporal.workflow.getHandle(reconcileWindow.id(windowOf(id)!));
    try {
      await this.temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
        handle.executeUpdate(settle, { args: [by], updateId: key }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw fromFailure(error) ?? noWorker(error);
    }
  }

  /** Windows of a process that share time with [from, to), as they stand, in order. Memory holds a page of them. */
  async *windowsWithin(process: string, from: Micros, to: Micros): AsyncGenerator<StandingWindow> {
    for (let place = FIRST_WINDOW; ;) {
      const page = await this.store.windowsWithin(process, from, to, place, PAGE);
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      place = { afterFrom: last.from, afterId: last.reconciliation };
    }
  }

  /** A page of the same. */
  pageWithin(process: string, from: Micros, to: Micros, after: WindowPlace, limit: number): Promise<StandingWindow[]> {
    return this.store.windowsWithin(process, from, to, after, limit);
  }

  /** Which of these windows had more open discrepancies in a later revision, with the first such revision. */
  reopened(stated: Parameters<SettlementStore['reopened']>[0]) {
    return this.store.reopened(stated);
  }
}

const nameOf = ({ key, stage, kind, fact }: Record<'key' | 'stage' | 'kind' | 'fact', string>): string =>
  JSON.stringify([key, stage, kind, fact]);
