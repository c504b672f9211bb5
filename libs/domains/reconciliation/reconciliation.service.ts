import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { DomainError, invalid, newId } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import { noWorker, runToEnd, temporalUnavailable } from '@holdfast/platform/temporal';
import { type Opened, openWindow } from '@holdfast/workflows/reconciliation/open-window/contract';
import {
  accept,
  cancel,
  judgeAgain,
  reconcileWindow,
} from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { type Revision, revisionChanged } from './core/revision';
import { CLOSED, type DiscrepancyKind, holdsOpen, type Verdict, type Window, windowOf } from './core/window';
import { type DiscrepancyFilter, type DiscrepancyPlace, ReconciliationStore } from './reconciliation.store';

/** How long an acceptance may take until its answer says that nobody carries it out, in ms. */
const PATIENCE_MS = 20_000;

/** What the API and the CLI may ask of reconciliation. */
@Injectable()
export class ReconciliationService {
  constructor(
    private readonly temporal: Client,
    private readonly store: ReconciliationStore,
    private readonly catalog: CatalogService,
  ) {}

  /**
   * Opens the window and starts its workflow; a window that was opened before is answered as it is.
   * @throws DomainError `invalid` for a process that does not exist, `conflict` when another window shares time with it
   */
  async open(window: Window, by: string): Promise<Opened> {
    if ((await this.catalog.findProcesses([window.process])).length === 0) {
      throw invalid('unknown_process', 'there is no such process', [{ field: 'process', reason: 'does not exist' }]);
    }
    return runToEnd(this.temporal, openWindow, { ...window, by });
  }

  list(filter: Parameters<ReconciliationStore['windows']>[0]) {
    return this.store.windows(filter);
  }

  /** Everything about one window. @throws DomainError `not_found` */
  async get(id: string) {
    const [{ window, opened }, transitions, [verdict]] = await Promise.all([
      this.known(id),
      this.store.transitions(id),
      this.store.verdicts(id),
    ]);
    return { window, opened, transitions, verdict, last: transitions.at(-1) };
  }

  /** Newest first, of revisions below `before`. @throws DomainError `not_found` */
  async revisions(id: string, before: number, limit: number): Promise<Revision[]> {
    await this.known(id);
    return this.store.verdicts(id, before, limit);
  }

  /**
   * A page of a revision's discrepancies, the newest revision's without one.
   * @throws DomainError `not_found`
   */
  async discrepancies(
    id: string,
    revision: number | undefined,
    filter: DiscrepancyFilter,
    after: DiscrepancyPlace,
    limit: number,
  ) {
    await this.known(id);
    const verdict = revision === undefined ? (await this.store.verdicts(id))[0] : await this.revision(id, revision);
    if (!verdict) return [];
    const found = await this.store.discrepancies(id, verdict.judgement, filter, after, limit);
    const pasts = new Map(
      (await this.store.pasts(id, [...new Set(found.map(({ key }) => key))])).map((past) => [nameOf(past), past]),
    );
    return found.map(({ fact, ...one }) => {
      const past = pasts.get(nameOf({ ...one, fact }));
      const accepted = past && past.acceptance !== '' ? { by: past.acceptedBy, reason: past.reason } : undefined;
      const status = accepted ? ('accepted' as const) : holdsOpen(one.kind) ? ('open' as const) : ('told' as const);
      return { ...one, firstSeenAt: past?.firstSeenAt ?? verdict.judgedAt, status, accepted };
    });
  }

  /** Judges the window again: an open one at once, a closed one in a new run that goes on with the next revision. @throws DomainError `not_found` */
  async judgeAgain(id: string, by: string): Promise<void> {
    const { window } = await this.known(id);
    await this.unavailableIfNot(() =>
      this.temporal.workflow.signalWithStart(reconcileWindow.name, {
        workflowId: reconcileWindow.id(window),
        taskQueue: 'control',
        args: [window],
        signal: judgeAgain,
        signalArgs: [by],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      }),
    );
  }

  /** @throws DomainError `not_found`; `conflict` when it is closed already */
  async cancel(id: string, by: string): Promise<void> {
    const { window } = await this.known(id);
    const last = await this.store.lastTransition(id);
    if (last && CLOSED.has(last.state)) throw closed();
    await this.unavailableIfNot(() => this.temporal.workflow.getHandle(reconcileWindow.id(window)).signal(cancel, by));
  }

  /**
   * Accepts discrepancies with a reason, which is kept apart from the workflow.
   * @param selected none: whatever holds the window open
   * @param revision what the person saw; the newest without one
   * @returns the verdict after it
   * @throws DomainError `not_found`, also for a revision that is not there; `invalid` for a discrepancy that is not open; `conflict` when the window has no
   * gaps, or was judged again since that revision; `unavailable` when nobody carries it out in time: it may still take effect
   */
  async accept(
    id: string,
    selected: readonly { key: string; stage: string; kind: DiscrepancyKind }[] | undefined,
    reason: string,
    by: string,
    revision?: number,
  ): Promise<Verdict> {
    const { window } = await this.known(id);
    const [last] = await this.store.verdicts(id);
    if (last?.state !== 'gaps') throw noGaps();
    const seen = revision === undefined ? last : await this.revision(id, revision);
    if (seen.judgement !== last.judgement) throw revisionChanged(last.revision);
    if (selected) await this.mustBeThere(id, last, selected);
    const acceptanceId = newId();
    await this.store.proposeAcceptance(acceptanceId, id, seen, selected ?? [], reason, by, Date.now() * 1000);
    const handle = this.temporal.workflow.getHandle(reconcileWindow.id(window));
    try {
      return await this.temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
        handle.executeUpdate(accept, { args: [acceptanceId, by], updateId: acceptanceId }),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw noGaps();
      throw fromFailure(error) ?? noWorker(error);
    }
  }

  private async revision(id: string, revision: number): Promise<Revision> {
    const [found] = await this.store.verdicts(id, revision + 1);
    if (found?.revision !== revision)
      throw new DomainError('not_found', 'revision_not_found', 'the window has no such revision');
    return found;
  }

  private async mustBeThere(
    id: string,
    { judgement }: Revision,
    selected: readonly { key: string; stage: string; kind: string }[],
  ): Promise<void> {
    for (const [index, { key, stage, kind }] of selected.entries()) {
      const [found] = await this.store.discrepancies(
        id,
        judgement,
        { key, stage, kind, hop: '', rank: '', status: 'open' },
        { afterKey: '', afterStage: '', afterKind: '' },
        1,
      );
      if (!found)
        throw invalid('unknown_discrepancy', 'what is to be accepted is not in the newest revision', [
          { field: `discrepancies.${index}`, reason: 'is not open in the newest revision' },
        ]);
    }
  }

  private async known(id: string) {
    const window = windowOf(id);
    const opened = window && (await this.store.window(window));
    if (!opened) throw new DomainError('not_found', 'reconciliation_not_found', 'there is no such reconciliation');
    return { window, opened };
  }

  private async unavailableIfNot(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw closed();
      throw temporalUnavailable(error);
    }
  }
}

const nameOf = ({ key, stage, kind, fact }: Record<'key' | 'stage' | 'kind' | 'fact', string>): string =>
  JSON.stringify([key, stage, kind, fact]);
const closed = (): DomainError =>
  new DomainError('conflict', 'reconciliation_closed', 'the window is closed; judge it again to reopen it');
const noGaps = (): DomainError => new DomainError('conflict', 'no_gaps', 'the window has no open discrepancies');
