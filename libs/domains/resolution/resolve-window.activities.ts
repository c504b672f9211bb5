import { reconciliationId } from '@holdfast/domains/reconciliation/core/window';
import { SettlementService } from '@holdfast/domains/reconciliation/settlement.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { type Pass, resolveWindow, type WindowToResolve } from '@holdfast/workflows/resolution/resolve-window/contract';
import { CancelledFailure, Context } from '@temporalio/activity';
import { countIn, decisionOf, NOTHING_DECIDED, type PassState, type Resolved, resolvedOf } from './core/decided';
import { Rulebook, type Rule } from './core/rule';
import { ResolutionStore, type StoredDecision } from './resolution.store';
import { RuleService } from './rule.service';
import { type Chosen, RuleWalk } from './rule-walk';

const HEARTBEAT_MS = 1_000;

/** The steps of asking the rules about a window. */
@Implements(resolveWindow)
export class ResolveWindowActivities implements ActivitiesOf<typeof resolveWindow> {
  constructor(
    private readonly rules: RuleService,
    private readonly walk: RuleWalk,
    private readonly settlement: SettlementService,
    private readonly store: ResolutionStore,
  ) {}

  async begin({ window, revision }: WindowToResolve, at: Micros): Promise<Pass | null> {
    const [newest, rules] = await Promise.all([this.settlement.newest(reconciliationId(window)), this.rules.rules()]);
    const book = new Rulebook(rules, window.process);
    if (book.rules.length === 0 || newest?.revision !== revision) return null;
    const named = book.rules.map(({ id, version }) => ({ id, version }));
    return { window, revision, judgement: newest.judgement, at, rules: named };
  }

  async decide(pass: Pass): Promise<Resolved> {
    const { window, revision, judgement, at } = pass;
    const { cancellationSignal } = Context.current();
    const beating = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
    try {
      const rules = await Promise.all(pass.rules.map(({ id, version }) => this.rules.ruleAt(id, version)));
      const book = new Rulebook(rules, window.process);
      const reconciliation = reconciliationId(window);
      const newest = await this.settlement.newest(reconciliation);
      if (newest?.judgement !== judgement)
        throw new DomainError(
          'conflict',
          'revision_changed',
          `the window was judged again: revision ${newest?.revision}`,
        );
      const asked = {
        reconciliation,
        process: window.process,
        to: window.to,
        judgement,
        at,
        suffix: `.${judgement}.${at}`,
      };
      const explained = new Set<string>();
      let state: PassState = NOTHING_DECIDED;
      for await (const page of this.walk.choices(asked, book, cancellationSignal)) {
        await this.write(pass, reconciliation, page, async (decision, rule) => {
          if (explained.has(decision)) return;
          explained.add(decision);
          const reason = rule.action.kind === 'accept' ? rule.action.reason : '';
          await this.settlement.explain(decision, reconciliation, newest, reason, byRule(rule), at);
        });
        for (const { choice } of page) state = countIn(state, choice);
      }
      const decisions = state.tallies.map((tally): StoredDecision => ({
        decision: decisionOf(judgement, tally, at),
        judgement,
        revision,
        rule: tally.rule,
        ruleVersion: tally.version,
        action: tally.action,
        discrepancies: tally.discrepancies,
        by: `rule:${tally.rule}`,
        decidedAt: at,
        outcome: '',
      }));
      await this.store.addDecisions(reconciliation, decisions, at);
      return resolvedOf(state, book.rules);
    } catch (error) {
      if (cancellationSignal.aborted) throw new CancelledFailure('called off'); // a query that was broken off looks like an outage
      throw error;
    } finally {
      clearInterval(beating);
    }
  }

  /** What a page's choices leave behind: acceptances, and keys to send again. */
  private async write(
    { judgement, at }: Pass,
    reconciliation: string,
    page: readonly Chosen[],
    explain: (decision: string, rule: Rule) => Promise<void>,
  ): Promise<void> {
    const byRule = new Map<Rule, Chosen[]>();
    for (const chosen of page) {
      const { rule, isUnderWay } = chosen.choice;
      if (isUnderWay) continue;
      if (rule?.action.kind !== 'accept' && rule?.action.kind !== 'replay') continue;
      const others = byRule.get(rule) ?? [];
      byRule.set(rule, others);
      others.push(chosen);
    }
    for (const [rule, chosen] of byRule) {
      const decision = decisionOf(judgement, { rule: rule.id, version: rule.version, action: rule.action.kind }, at);
      const all = chosen.map(({ one }) => one);
      if (rule.action.kind === 'accept') {
        await explain(decision, rule);
        await this.settlement.accept(reconciliation, decision, all);
      } else {
        const named = all.map(({ key, stage, kind }) => ({ rule: rule.id, decision, key, stage, kind }));
        await this.store.addReplays(reconciliation, named);
      }
    }
  }
}

/** Who accepts where a rule does, as people read it. */
const byRule = ({ id, version }: Rule): string => `rule:${id}@${version}`;
