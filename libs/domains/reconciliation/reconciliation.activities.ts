import { Inject } from '@nestjs/common';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { AlertingService } from '@holdfast/domains/alerting/alerting.service';
import type { AlertToEscalate, Resolution } from '@holdfast/domains/alerting/core/alert';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { comparedStages, type Process } from '@holdfast/domains/catalog/core/process';
import { DomainError } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import {
  type Acceptance,
  type Alarm,
  type Judgement,
  type Plan,
  type Recount,
  reconcileWindow,
  type Transition,
} from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { CancelledFailure, Context } from '@temporalio/activity';
import { AlertContextService } from './alert-context.service';
import { fingerprintOf } from './core/digests';
import { type Revision, revisionChanged } from './core/revision';
import { CLOSED, holdsOpen, reconciliationId, type Verdict, verdictState, type Window } from './core/window';
import { hasReached } from './core/watermark';
import { EvidenceStore } from './evidence.store';
import { Judge, type JudgementProgress } from './judge';
import { ReconciliationStore } from './reconciliation.store';

const SECOND = 1_000_000;
/** A heartbeat is how a judgement hears that it is called off. */
const HEARTBEAT_MS = 1_000;

/** The steps of a reconciliation window that touch the world. */
@Implements(reconcileWindow)
export class ReconciliationActivities implements ActivitiesOf<typeof reconcileWindow> {
  constructor(
    @Inject(ReconciliationStore) private readonly store: ReconciliationStore,
    private readonly evidence: EvidenceStore,
    private readonly judging: Judge,
    private readonly catalog: CatalogService,
    private readonly alerting: AlertingService,
    private readonly alerts: AlertRaiser,
    private readonly contexts: AlertContextService,
  ) {}

  async plan(window: Window): Promise<Plan> {
    const id = reconciliationId(window);
    const [process, [last], past] = await Promise.all([
      this.process(window),
      this.store.verdicts(id),
      this.store.lastTransition(id),
    ]);
    return {
      deadline: deadlineOf(window, process),
      last: last ? verdictOf(last) : null,
      hadGaps: last !== undefined && last.state !== 'matched',
      cancelled: past?.state === 'cancelled',
      asked: past?.state === 'judging',
      openAlert: past && !CLOSED.has(past.state) ? past.alertId : '',
      policy: process.escalationPolicy ?? null,
      resolveBy:
        process.resolveWithinSeconds === undefined
          ? null
          : deadlineOf(window, process) + process.resolveWithinSeconds * SECOND,
    };
  }

  /** Every stage has an event of a fact at or after the window's end; where the process says so, of each source that is not idle. */
  async dataIsThere(window: Window): Promise<boolean> {
    const process = await this.process(window);
    if (process.watermark) {
      const sources = await this.evidence.sourceWatermarks(window.process);
      const idle = process.watermark.idleSeconds * SECOND;
      const now = Date.now() * 1000;
      return comparedStages(process).every((stage) => hasReached(sources, stage, window.to, idle, now));
    }
    const marks = await this.evidence.watermarks(window.process, window.to);
    const reached = new Set(marks.filter((mark) => mark.reached >= window.to).map(({ stage }) => stage));
    return comparedStages(process).every((id) => reached.has(id));
  }

  async judge({ window, revision, hadGaps }: Judgement): Promise<Verdict> {
    const id = reconciliationId(window);
    const { cancellationSignal, info } = Context.current();
    const [[written], process] = await Promise.all([
      info.attempt > 1 ? this.store.verdicts(id) : [],
      this.process(window),
    ]);
    if (written && written.revision >= revision) return verdictOf(written);
    const context = Context.current();
    let progress = takenUp(info.heartbeatDetails, revision, process.version);
    const beating = setInterval(() => context.heartbeat(progress), HEARTBEAT_MS);
    try {
      const finding = await this.judging.judge(window, id, process, deadlineOf(window, process), {
        signal: cancellationSignal,
        from: progress,
        save(next) {
          progress = { ...next, revision, processVersion: process.version };
          context.heartbeat(progress);
        },
      });
      const { lookedAtKeys, ...evidence } = finding;
      const counts = lookedAtKeys ? await this.count(id, finding.judgement) : NOTHING;
      const depth = !lookedAtKeys ? 'digest' : counts.kinds['mutated'] ? 'field' : 'key';
      const state = verdictState(counts.open, counts.accepted, hadGaps);
      const judgedAt = Date.now() * 1000;
      const verdict = {
        ...evidence,
        ...counts,
        judgedAt,
        depth,
        revision,
        state,
        processVersion: process.version,
      } as const;
      cancellationSignal.throwIfAborted();
      return verdictOf(await this.store.addVerdict(id, verdict));
    } catch (error) {
      if (cancellationSignal.aborted) throw new CancelledFailure('called off'); // a query that was broken off looks like an outage
      throw error;
    } finally {
      clearInterval(beating);
    }
  }

  async hasChanged(window: Window): Promise<boolean> {
    const [[last], digests] = await Promise.all([
      this.store.verdicts(reconciliationId(window)),
      this.evidence.digests(window),
    ]);
    return fingerprintOf(digests) !== last?.fingerprint;
  }

  async isNews({ window, revision, alertId }: Alarm): Promise<boolean> {
    const id = reconciliationId(window);
    const [last, before] = await this.store.verdicts(id, revision + 1, 2);
    if (!last || !(await this.alerting.isOver(alertId))) return false;
    return (await this.store.countNew(id, last.judgement, before?.judgement ?? '')) > 0;
  }

  async raise(alert: AlertToEscalate): Promise<void> {
    await this.alerts.raise([{ alert, context: await this.contexts.ofWindow(alert.subject.id) }]);
  }

  endAlert(alertId: string, resolution: Resolution): Promise<void> {
    return this.alerts.end(alertId, resolution);
  }

  async accept({ window, acceptanceId, revision }: Acceptance): Promise<Verdict> {
    const id = reconciliationId(window);
    const [[last], proposal] = await Promise.all([this.store.verdicts(id), this.store.acceptance(acceptanceId)]);
    if (!last || proposal?.reconciliation !== id)
      throw new DomainError('not_found', 'acceptance_not_found', 'what was to be accepted is not in the store');
    if (last.revision >= revision) return verdictOf(last);
    const everything = proposal.selected.length === 0;
    const { judgement: seen } = proposal;
    if (
      seen !== last.judgement &&
      (everything || (await this.store.changedSince(id, acceptanceId, seen, last.judgement)) > 0)
    )
      throw revisionChanged(last.revision);
    await this.store.accept(id, last.judgement, acceptanceId, everything);
    const counts = await this.count(id, last.judgement);
    const verdict = {
      ...last,
      ...counts,
      revision,
      judgedAt: Date.now() * 1000,
      state: verdictState(counts.open, counts.accepted, true),
    };
    return verdictOf(await this.store.addVerdict(id, verdict));
  }

  async recount({ window, revision }: Recount): Promise<Verdict> {
    const id = reconciliationId(window);
    const [last] = await this.store.verdicts(id);
    if (!last) throw new DomainError('not_found', 'revision_not_found', 'the window was not judged yet');
    if (last.revision >= revision) return verdictOf(last);
    const counts = await this.count(id, last.judgement);
    if (counts.open === last.open && counts.accepted === last.accepted) return verdictOf(last);
    const state = verdictState(counts.open, counts.accepted, true);
    return verdictOf(
      await this.store.addVerdict(id, { ...last, ...counts, revision, judgedAt: Date.now() * 1000, state }),
    );
  }

  async record(window: Window, transition: Transition): Promise<void> {
    await this.store.addTransition(
      reconciliationId(window),
      Context.current().info.workflowExecution?.runId ?? '',
      transition,
    );
  }

  /** Discrepancies by kind; how many of them hold the window open, and how many of those somebody accepted. */
  private async count(id: string, judgement: string): Promise<typeof NOTHING> {
    const counts = await this.store.countDiscrepancies(id, judgement);
    const holding = counts.filter(({ kind }) => holdsOpen(kind));
    const accepted = holding.reduce((sum, one) => sum + one.accepted, 0);
    const kinds = Object.fromEntries(counts.map(({ kind, found }) => [kind, found]));
    return { kinds, accepted, open: holding.reduce((sum, one) => sum + one.found, 0) - accepted };
  }

  private async process({ process }: Window): Promise<Process> {
    const found = await this.catalog.findProcess(process);
    if (!found) throw new DomainError('not_found', 'process_not_found', 'there is no such process');
    return found;
  }
}

const NOTHING: { readonly kinds: Record<string, number>; readonly open: number; readonly accepted: number } = {
  kinds: {},
  open: 0,
  accepted: 0,
};
/** How far a judgement has come, as its heartbeats tell the next attempt. */
type Heartbeat = JudgementProgress & { readonly revision: number; readonly processVersion: number };
/** Of a process that was changed meanwhile nothing is taken up: half of a verdict would be by another document. */
const takenUp = (details: unknown, revision: number, processVersion: number): Heartbeat | undefined => {
  const told = details as Heartbeat | undefined;
  return told?.revision === revision && told.processVersion === processVersion ? told : undefined;
};

const deadlineOf = ({ to }: Window, { graceSeconds }: Process): number => to + graceSeconds * SECOND;
const verdictOf = ({ state, revision, open }: Pick<Revision, 'state' | 'revision' | 'open'>): Verdict => ({
  state,
  revision,
  open,
});
