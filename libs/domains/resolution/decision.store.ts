import { Injectable } from '@nestjs/common';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { formatInstant, type Micros } from '@holdfast/kernel';
import type { Step } from '@holdfast/workflows/resolution/decide-discrepancies/contract';
import { z } from 'zod';
import { type DecisionStep, HUMAN_ACTIONS, type Proposal } from './core/decision';

const Count = z.coerce.number();
const One = z.object({ decision: z.string() });
const StoredProposal = One.extend({
  action: z.enum(HUMAN_ACTIONS),
  process: z.string(),
  reconciliation: z.string(),
  from: micros,
  to: micros,
  kinds: z.array(z.string()),
  stages: z.array(z.string()),
  fields: z.array(z.string()),
  keys: z.array(z.string()),
  keyPrefix: z.string(),
  reason: z.string(),
  expiresAt: micros,
  by: z.string(),
  at: micros,
});
const StoredWindow = z.object({
  reconciliation: z.string(),
  judgement: z.string(),
  revision: z.number(),
  discrepancies: Count,
});
export type DecisionWindow = z.output<typeof StoredWindow>;

const findProposal = typedQuery('resolution/find_proposal', One, StoredProposal);
const listProposals = typedQuery(
  'resolution/list_proposals',
  z.object({ process: z.string(), beforeAt: z.int(), beforeDecision: z.string(), limit: z.int() }),
  StoredProposal,
);
const listSteps = typedQuery(
  'resolution/list_steps',
  z.object({ decisions: z.array(z.string()) }),
  One.extend({
    step: z.string() as unknown as z.ZodType<DecisionStep>,
    at: micros,
    by: z.string(),
    remark: z.string(),
    windows: Count,
    discrepancies: Count,
    deadline: micros,
  }),
);
const listReasons = typedQuery(
  'resolution/list_reasons',
  z.object({ decisions: z.array(z.string()) }),
  One.extend({ reason: z.string(), expiresAt: micros }),
);
export type StoredStep = z.output<(typeof listSteps)['row']>;
const listDecisionWindows = typedQuery(
  'resolution/list_decision_windows',
  One.extend({ after: z.string(), limit: z.int() }),
  StoredWindow,
);
const ProposalRow = One.extend({
  action: z.string(),
  process: z.string(),
  reconciliation: z.string(),
  select_from: z.string(),
  select_to: z.string(),
  kinds: z.array(z.string()),
  stages: z.array(z.string()),
  fields: z.array(z.string()),
  keys: z.array(z.string()),
  key_prefix: z.string(),
  reason: z.string(),
  expires_at: z.string(),
  proposed_by: z.string(),
  proposed_at: z.string(),
});
const StepRow = One.extend({
  step: z.string(),
  at: z.string(),
  by: z.string(),
  remark: z.string(),
  windows: z.int(),
  discrepancies: z.int(),
  deadline: z.string(),
});
const RemarkRow = One.extend({ remark: z.string(), text: z.string(), by: z.string(), at: z.string() });
const WindowRow = StoredWindow.extend({ decision: z.string() });

/** What people propose, and what becomes of it. */
@Injectable()
export class DecisionStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  async propose({ decision, action, selection, reason, expiresAt, by, at }: Proposal): Promise<void> {
    const { from, to, keyPrefix, kinds, stages, fields, keys, process, reconciliation } = selection;
    const row = {
      decision,
      action,
      process,
      reconciliation,
      select_from: formatInstant(from),
      select_to: formatInstant(to),
      kinds: [...kinds],
      stages: [...stages],
      fields: [...fields],
      keys: [...keys],
      key_prefix: keyPrefix,
      reason,
      expires_at: formatInstant(expiresAt),
      proposed_by: by,
      proposed_at: formatInstant(at),
    };
    await this.clickhouse.insert('decision_proposals', ProposalRow, [row]);
  }

  async proposal(decision: string): Promise<Proposal | undefined> {
    const found = await this.clickhouse.row(findProposal, { decision });
    return found && proposalOf(found);
  }

  /** Newest first. */
  async proposals(process: string, beforeAt: Micros, beforeDecision: string, limit: number): Promise<Proposal[]> {
    return (await this.clickhouse.rows(listProposals, { process, beforeAt, beforeDecision, limit })).map(proposalOf);
  }

  async steps(decisions: readonly string[]): Promise<StoredStep[]> {
    return decisions.length === 0 ? [] : this.clickhouse.rows(listSteps, { decisions: [...decisions] });
  }

  async reasons(decisions: readonly string[]) {
    return decisions.length === 0 ? [] : this.clickhouse.rows(listReasons, { decisions: [...decisions] });
  }

  /** Idempotent: the table keeps a step once. */
  async addStep(decision: string, { step, at, by, remark, sum, deadline }: Step): Promise<void> {
    const times = { at: formatInstant(at), deadline: formatInstant(deadline) };
    await this.clickhouse.insert('decision_steps', StepRow, [{ decision, step, by, remark, ...sum, ...times }]);
  }

  async addRemark(decision: string, remark: string, text: string, by: string, at: Micros): Promise<void> {
    await this.clickhouse.insert('decision_remarks', RemarkRow, [
      { decision, remark, text, by, at: formatInstant(at) },
    ]);
  }

  /** Idempotent: a window's newest row stays. */
  async addWindows(decision: string, windows: readonly DecisionWindow[]): Promise<void> {
    await this.clickhouse.insert(
      'decision_windows',
      WindowRow,
      windows.map((one) => ({ decision, ...one })),
    );
  }

  windows(decision: string, after: string, limit: number): Promise<DecisionWindow[]> {
    return this.clickhouse.rows(listDecisionWindows, { decision, after, limit });
  }
}

const proposalOf = ({
  decision,
  action,
  reason,
  expiresAt,
  by,
  at,
  ...selection
}: z.output<typeof StoredProposal>): Proposal => ({ decision, action, selection, reason, expiresAt, by, at });
