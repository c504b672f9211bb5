import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { windowOf } from '@holdfast/domains/reconciliation/core/window';
import { SettlementService } from '@holdfast/domains/reconciliation/settlement.service';
import { DomainError, invalid, newId, type Micros } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import { noWorker, startOrJoin } from '@holdfast/platform/temporal';
import { answer, decideDiscrepancies } from '@holdfast/workflows/resolution/decide-discrepancies/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { type DecisionState, type HumanAction, type Proposal, type Selection, stateAfter } from './core/decision';
import { DecisionStore, type StoredStep } from './decision.store';
import { ResolutionStore, type StoredDecision } from './resolution.store';

/** How long an answer may take until it is said that nobody carries it out, in ms. */
const PATIENCE_MS = 20_000;

export interface DecisionView extends Proposal {
  readonly state: DecisionState;
  readonly steps: readonly StoredStep[];
}

/** Decisions of people about discrepancies: propose, approve, refuse, show; and what rules and people decided about a window. */
@Injectable()
export class DecisionService {
  constructor(
    private readonly store: DecisionStore,
    private readonly decisions: ResolutionStore,
    private readonly settlement: SettlementService,
    private readonly catalog: CatalogService,
    private readonly temporal: Client,
  ) {}

  /**
   * @returns the decision's id
   * @throws DomainError `invalid` for a process or window that does not exist, or an expiry that is over; `unavailable`
   */
  async propose(
    action: HumanAction,
    selection: Selection,
    reason: string,
    expiresAt: Micros,
    by: string,
    at: Micros,
  ): Promise<string> {
    const { process, reconciliation } = selection;
    if (!(await this.catalog.findProcess(process)))
      throw invalid('unknown_process', 'there is no such process', [
        { field: 'select.process', reason: 'does not exist' },
      ]);
    if (reconciliation !== '') await this.mustBeOf(process, reconciliation);
    if (action === 'ignore' && expiresAt <= at)
      throw invalid('invalid_request', 'what is ignored would come back at once', [
        { field: 'expiresAt', reason: 'must be in the future' },
      ]);
    const decision = newId();
    await this.store.propose({ decision, action, selection, reason, expiresAt, by, at });
    await startOrJoin(this.temporal, decideDiscrepancies, { decision });
    return decision;
  }

  private async mustBeOf(process: string, reconciliation: string): Promise<void> {
    const window = windowOf(reconciliation);
    if (window?.process === process && (await this.settlement.newest(reconciliation))) return;
    throw invalid('unknown_window', 'the process has no such window that was judged', [
      { field: 'select.reconciliation', reason: 'is no judged window of the process' },
    ]);
  }

  /** @throws DomainError `not_found`; `conflict` when it waits for nobody, or the same person proposed it; `unavailable` */
  async answer(
    decision: string,
    step: 'approved' | 'refused',
    by: string,
    comment: string,
    at: Micros,
  ): Promise<DecisionView> {
    await this.existing(decision);
    const remark = comment === '' ? '' : newId();
    if (comment !== '') await this.store.addRemark(decision, remark, comment, by, at);
    const handle = this.temporal.workflow.getHandle(decideDiscrepancies.id({ decision }));
    try {
      await this.temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
        handle.executeUpdate(answer, { args: [step, by, remark] }),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        throw new DomainError('conflict', 'decision_closed', 'the decision waits for nobody any more');
      throw fromFailure(error) ?? noWorker(error);
    }
    return this.decision(decision);
  }

  /** @throws DomainError `not_found` */
  async decision(decision: string): Promise<DecisionView> {
    const [proposal, steps] = await Promise.all([this.existing(decision), this.store.steps([decision])]);
    return viewOf(proposal, steps);
  }

  /** Newest first. */
  async list(process: string, beforeAt: Micros, beforeDecision: string, limit: number): Promise<DecisionView[]> {
    const proposals = await this.store.proposals(process, beforeAt, beforeDecision, limit);
    const steps = await this.store.steps(proposals.map(({ decision }) => decision));
    return proposals.map((proposal) =>
      viewOf(
        proposal,
        steps.filter(({ decision }) => decision === proposal.decision),
      ),
    );
  }

  /** What was decided about a window, oldest first. */
  ofWindow(reconciliation: string, afterAt: Micros, afterDecision: string, limit: number): Promise<StoredDecision[]> {
    return this.decisions.decisions(reconciliation, afterAt, afterDecision, limit);
  }

  private async existing(decision: string): Promise<Proposal> {
    const found = await this.store.proposal(decision);
    if (!found) throw new DomainError('not_found', 'decision_not_found', 'there is no such decision');
    return found;
  }
}

const viewOf = (proposal: Proposal, steps: readonly StoredStep[]): DecisionView => {
  const first = steps.find(({ step }) => step === 'proposed');
  // Where nobody needs to approve it, it takes effect at once.
  const isApplied = first !== undefined && first.deadline === 0 && steps.length === 1;
  return { ...proposal, state: isApplied ? 'applying' : stateAfter(steps.map(({ step }) => step)), steps };
};
