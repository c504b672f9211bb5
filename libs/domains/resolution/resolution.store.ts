import { Injectable } from '@nestjs/common';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { z } from 'zod';

const Count = z.coerce.number();
const One = z.object({ reconciliation: z.string() });
const Decision = z.object({
  decision: z.string(),
  judgement: z.string(),
  revision: z.number(),
  rule: z.string(),
  ruleVersion: z.number(),
  action: z.string(),
  discrepancies: Count,
  by: z.string(),
  decidedAt: micros,
  outcome: z.string(),
});
export type StoredDecision = z.output<typeof Decision>;

const listDecisions = typedQuery(
  'resolution/list_decisions',
  One.extend({ afterAt: z.int(), afterDecision: z.string(), limit: z.int() }),
  Decision,
);
const findDecisionOfWindow = typedQuery(
  'resolution/find_decision_of_window',
  One.extend({ decision: z.string() }),
  Decision,
);
const countReplays = typedQuery(
  'resolution/count_replays',
  One.extend({ keys: z.array(z.string()), except: z.string(), since: z.int() }),
  z.object({ key: z.string(), stage: z.string(), kind: z.string(), rule: z.string(), replays: Count, pending: Count }),
);
const listReplayKeys = typedQuery(
  'resolution/list_replay_keys',
  One.extend({ rule: z.string(), decision: z.string(), after: z.string(), limit: z.int() }),
  z.object({ key: z.string(), place: z.string() }),
);
const listIgnoring = typedQuery(
  'resolution/list_ignoring',
  z.object({ reconciliations: z.array(z.string()), process: z.string() }),
  One.extend({ decision: z.string() }),
);
const DecisionRow = One.extend({
  decision: z.string(),
  judgement: z.string(),
  revision: z.int(),
  rule: z.string(),
  rule_version: z.int(),
  action: z.string(),
  discrepancies: z.int(),
  by: z.string(),
  decided_at: z.string(),
  outcome: z.string(),
  recorded_at: z.string(),
});
const ReplayRow = One.extend({
  rule: z.string(),
  decision: z.string(),
  key: z.string(),
  stage: z.string(),
  kind: z.string(),
});

/** Decisions about windows, and what was sent again. */
@Injectable()
export class ResolutionStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Oldest first. */
  decisions(reconciliation: string, afterAt: Micros, afterDecision: string, limit: number): Promise<StoredDecision[]> {
    return this.clickhouse.rows(listDecisions, { reconciliation, afterAt, afterDecision, limit });
  }

  decision(reconciliation: string, decision: string): Promise<StoredDecision | undefined> {
    return this.clickhouse.row(findDecisionOfWindow, { reconciliation, decision });
  }

  /** Idempotent: the table keeps the row of a decision that was recorded last. */
  async addDecisions(reconciliation: string, decisions: readonly StoredDecision[], at: Micros): Promise<void> {
    const rows = decisions.map(({ ruleVersion, decidedAt, ...one }) => ({
      reconciliation,
      ...one,
      rule_version: ruleVersion,
      decided_at: formatInstant(decidedAt),
      recorded_at: formatInstant(at),
    }));
    await this.clickhouse.insert('resolution_decisions', DecisionRow, rows);
  }

  /** Idempotent. */
  async addReplays(
    reconciliation: string,
    replays: readonly Omit<z.output<typeof ReplayRow>, 'reconciliation'>[],
  ): Promise<void> {
    await this.clickhouse.insert(
      'resolution_replays',
      ReplayRow,
      replays.map((one) => ({ reconciliation, ...one })),
    );
  }

  /**
   * How often each discrepancy of these keys was sent again by each rule, and whether that is under way.
   * @param except end of the ids of the decisions that are being made @param since what was decided before is under way no more
   */
  replays(reconciliation: string, keys: readonly string[], except: string, since: Micros) {
    return this.clickhouse.rows(countReplays, { reconciliation, keys: [...keys], except, since });
  }

  /** A batch of keys with the hashes that order them. */
  replayKeys(reconciliation: string, rule: string, decision: string, after: string, limit: number) {
    return this.clickhouse.rows(listReplayKeys, { reconciliation, rule, decision, after, limit });
  }

  /** By which decisions something of these windows of a process is ignored for a time. */
  ignoring(process: string, reconciliations: readonly string[]) {
    return this.clickhouse.rows(listIgnoring, { process, reconciliations: [...reconciliations] });
  }
}
