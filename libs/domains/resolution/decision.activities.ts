import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { windowOf } from '@holdfast/domains/reconciliation/core/window';
import { SettlementService, type StandingWindow } from '@holdfast/domains/reconciliation/settlement.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import {
  type AppliedPage,
  decideDiscrepancies,
  type DecisionPlan,
  type Step,
} from '@holdfast/workflows/resolution/decide-discrepancies/contract';
import { Context } from '@temporalio/activity';
import { acceptanceOf, type Proposal } from './core/decision';
import { DecisionStore, type DecisionWindow } from './decision.store';
import { ResolutionStore } from './resolution.store';

const HEARTBEAT_MS = 1_000;
/** Windows that one activity decides, and windows that are written at once. */
const PAGE = 50;
const WRITTEN_AT_ONCE = 1_000;

/** The steps of a decision of people. */
@Implements(decideDiscrepancies)
export class DecisionActivities implements ActivitiesOf<typeof decideDiscrepancies> {
  constructor(
    private readonly store: DecisionStore,
    private readonly decisions: ResolutionStore,
    private readonly settlement: SettlementService,
    private readonly catalog: CatalogService,
  ) {}

  async survey(decision: string): Promise<DecisionPlan> {
    return beating(async () => {
      const proposal = await this.proposal(decision);
      const process = await this.catalog.findProcess(proposal.selection.process);
      let sum = { windows: 0, discrepancies: 0 };
      let rows: DecisionWindow[] = [];
      for await (const { reconciliation, judgement, revision, verdict, state } of this.selected(proposal)) {
        if (verdict !== 'gaps' || state === 'cancelled') continue;
        const discrepancies = await this.settlement.countWhere(reconciliation, judgement, proposal.selection);
        if (discrepancies === 0) continue;
        sum = { windows: sum.windows + 1, discrepancies: sum.discrepancies + discrepancies };
        rows.push({ reconciliation, judgement, revision, discrepancies });
        if (rows.length < WRITTEN_AT_ONCE) continue;
        await this.store.addWindows(decision, rows);
        rows = [];
      }
      await this.store.addWindows(decision, rows);
      const { by, expiresAt } = proposal;
      return {
        ...sum,
        by,
        approveWithinSeconds: process?.fourEyes?.approveWithinSeconds ?? null,
        expiresAt: expiresAt === 0 ? null : expiresAt,
      };
    });
  }

  async record(decision: string, step: Step): Promise<void> {
    await this.store.addStep(decision, step);
  }

  async applyPage(decision: string, after: string, at: Micros): Promise<AppliedPage> {
    return beating(async () => {
      const proposal = await this.proposal(decision);
      const windows = await this.store.windows(decision, after, PAGE);
      let sum = { windows: 0, discrepancies: 0 };
      for (const window of windows) {
        const discrepancies = await this.apply(proposal, window, at);
        sum = { windows: sum.windows + 1, discrepancies: sum.discrepancies + discrepancies };
      }
      return { sum, next: windows.length < PAGE ? null : windows.at(-1)!.reconciliation };
    });
  }

  async expirePage(decision: string, after: string): Promise<string | null> {
    return beating(async () => {
      const windows = await this.store.windows(decision, after, PAGE);
      for (const { reconciliation } of windows) {
        const made = await this.decisions.decision(reconciliation, decision);
        if (!made || made.discrepancies === 0) continue;
        await this.settlement.release(reconciliation, acceptanceOf(decision, reconciliation));
        await this.decisions.addDecisions(reconciliation, [{ ...made, outcome: 'expired' }], made.decidedAt + 1);
      }
      return windows.length < PAGE ? null : windows.at(-1)!.reconciliation;
    });
  }

  /** @returns how many discrepancies it decided: of what was seen, those that are there as they were */
  private async apply(proposal: Proposal, seen: DecisionWindow, at: Micros): Promise<number> {
    const { decision, action, reason, selection, by } = proposal;
    const { reconciliation, judgement } = seen;
    const newest = await this.settlement.newest(reconciliation);
    if (!newest || (await this.settlement.isCancelled(reconciliation))) return 0;
    const acceptance = acceptanceOf(decision, reconciliation);
    let discrepancies = seen.discrepancies;
    if (action !== 'fix_reported') {
      await this.settlement.explain(acceptance, reconciliation, { ...newest, judgement }, reason, by, at);
      discrepancies = await this.settlement.acceptWhere(
        reconciliation,
        acceptance,
        judgement,
        newest.judgement,
        selection,
      );
    }
    const { revision } = newest;
    const made = { decision, judgement, revision, rule: '', ruleVersion: 0, action, discrepancies, by, decidedAt: at };
    await this.decisions.addDecisions(reconciliation, [{ ...made, outcome: '' }], at);
    if (action === 'fix_reported') await this.settlement.judgeAgain(reconciliation);
    else if (discrepancies > 0) await this.settlement.count(reconciliation, by, acceptance);
    return discrepancies;
  }

  private async *selected({ selection }: Proposal): AsyncGenerator<StandingWindow> {
    const { process, reconciliation } = selection;
    const window = reconciliation === '' ? undefined : windowOf(reconciliation);
    const { from, to } = window ?? selection;
    for await (const standing of this.settlement.windowsWithin(process, from, to))
      if (!window || standing.reconciliation === reconciliation) yield standing;
  }

  private async proposal(decision: string): Promise<Proposal> {
    const found = await this.store.proposal(decision);
    if (!found) throw new DomainError('not_found', 'decision_not_found', 'there is no such decision');
    return found;
  }
}

async function beating<T>(run: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}
