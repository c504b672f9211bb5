import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import type { Transition } from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import type { z } from 'zod';
import type { Discrepancy } from './core/compare';
import type { Revision } from './core/revision';
import type { Window } from './core/window';
import * as queries from './reconciliation.queries';

const time = (at: Micros): string => formatInstant(at);

/** `fact` names what was found: two of one key, stage and kind with the same fact are the same discrepancy. */
export type StoredDiscrepancy = Discrepancy & { readonly fact: string };
export interface DiscrepancyFilter {
  readonly kind: string;
  readonly stage: string;
  readonly key: string;
  readonly hop: string;
  readonly rank: string;
  readonly status: '' | 'open' | 'accepted';
}
export interface DiscrepancyPlace {
  readonly afterKey: string;
  readonly afterStage: string;
  readonly afterKind: string;
}

/** The tables of windows, verdicts and discrepancies; nobody else reads or writes them. */
@Injectable()
export class ReconciliationStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  window({ process, from, to }: Window) {
    return this.clickhouse.row(queries.findWindow, { process, from, to });
  }

  /** The id of a window of the process that shares time with this one: this one's when it was opened. */
  async overlapping({ process, from, to }: Window): Promise<string | undefined> {
    return (await this.clickhouse.row(queries.findOverlapping, { process, from, to }))?.reconciliation;
  }

  async addWindow(
    { process, from, to }: Window,
    reconciliation: string,
    by: string,
    at: Micros,
    scheduled: boolean,
  ): Promise<void> {
    const row = {
      process,
      window_from: time(from),
      window_to: time(to),
      reconciliation,
      opened_by: by,
      opened_at: time(at),
      scheduled,
    };
    await this.clickhouse.insert('windows', queries.WindowRow, [row]);
  }

  /** The end of the last window that the schedule opened, or undefined. */
  async lastScheduled(process: string): Promise<Micros | undefined> {
    const found = await this.clickhouse.row(queries.findLastScheduled, { process });
    return found && found.windows > 0 ? found.reached : undefined;
  }

  /** Time after `since` that windows of the process take already. */
  taken(process: string, since: Micros): Promise<{ from: Micros; to: Micros }[]> {
    return this.clickhouse.rows(queries.listTaken, { process, since });
  }

  /** Windows of the process that share time with [from, to). */
  opened(process: string, from: Micros, to: Micros): Promise<{ from: Micros; to: Micros }[]> {
    return this.clickhouse.rows(queries.listOpened, { process, from, to });
  }

  windows(filter: z.input<typeof queries.WindowPage>) {
    return this.clickhouse.rows(queries.listWindows, filter);
  }

  lastTransition(reconciliation: string) {
    return this.clickhouse.row(queries.findLastTransition, { reconciliation });
  }

  /** Oldest first; of a very long story its newest part. */
  async transitions(reconciliation: string) {
    return (await this.clickhouse.rows(queries.listTransitions, { reconciliation })).reverse();
  }

  /** Idempotent: the table keeps one row of a run's step. */
  async addTransition(
    reconciliation: string,
    run: string,
    { seq, at, state, revision, by, alertId, deadline }: Transition,
    reasonId = '',
  ): Promise<void> {
    const row = {
      reconciliation,
      run,
      seq,
      at: time(at),
      state,
      revision,
      by,
      reason_id: reasonId,
      deadline: time(deadline),
      alert_id: alertId,
    };
    await this.clickhouse.insert('window_transitions', queries.TransitionRow, [row]);
  }

  /** Newest first, of revisions below `before`. */
  verdicts(reconciliation: string, before = 4_294_967_295, limit = 1): Promise<Revision[]> {
    return this.clickhouse.rows(queries.listVerdicts, { reconciliation, before, limit });
  }

  /**
   * Writes a revision: from then on the discrepancies of its judgement count. Of two that make the same revision the first one's stays.
   * @returns the revision as it is stored
   */
  async addVerdict(
    reconciliation: string,
    {
      revision,
      judgement,
      state,
      depth,
      judgedAt,
      processVersion,
      fingerprint,
      stageCounts,
      kinds,
      open,
      accepted,
    }: Revision,
  ): Promise<Revision> {
    const row = {
      reconciliation,
      revision,
      judgement,
      state,
      depth,
      judged_at: time(judgedAt),
      process_version: processVersion,
      fingerprint,
      stage_counts: stageCounts,
      kinds,
      open,
      accepted,
    };
    await this.clickhouse.insert('verdicts', queries.VerdictRow, [row], {
      token: `${reconciliation}/${revision}`,
    });
    const [stored] = await this.verdicts(reconciliation, revision + 1);
    return stored!;
  }

  async addDiscrepancies(
    reconciliation: string,
    judgement: string,
    judgedAt: Micros,
    found: readonly Discrepancy[],
  ): Promise<void> {
    await this.clickhouse.insert(
      'discrepancies',
      queries.DiscrepancyRow,
      found.map((one) => ({
        ...one,
        reconciliation,
        judgement,
        judged_at: time(judgedAt),
        since: time(Number.isFinite(one.since) ? one.since : judgedAt),
      })),
    );
  }

  discrepancies(
    reconciliation: string,
    judgement: string,
    filter: DiscrepancyFilter,
    after: DiscrepancyPlace,
    limit: number,
  ): Promise<StoredDiscrepancy[]> {
    return this.clickhouse.rows(queries.listDiscrepancies, { reconciliation, judgement, ...filter, ...after, limit });
  }

  /** When discrepancies of these keys were first seen, and who accepted them. */
  pasts(reconciliation: string, keys: readonly string[]) {
    return keys.length === 0
      ? Promise.resolve([])
      : this.clickhouse.rows(queries.listPasts, { reconciliation, keys: [...keys] });
  }

  countDiscrepancies(reconciliation: string, judgement: string) {
    return this.clickhouse.rows(queries.countDiscrepancies, { reconciliation, judgement });
  }

  countByHop(reconciliation: string, judgement: string) {
    return this.clickhouse.rows(queries.countByHop, { reconciliation, judgement });
  }

  /** Open discrepancies of a judgement that the one before it did not have. @param before '' for none */
  async countNew(reconciliation: string, judgement: string, before: string): Promise<number> {
    const row = await this.clickhouse.row(queries.countNewDiscrepancies, { reconciliation, judgement, before });
    return row?.found ?? 0;
  }

  /** Keeps what somebody asks to accept. @param seen what they looked at @param selected none: whatever holds the window open */
  async proposeAcceptance(
    acceptance: string,
    reconciliation: string,
    { revision, judgement }: Pick<Revision, 'revision' | 'judgement'>,
    selected: readonly z.output<typeof queries.Named>[],
    reason: string,
    by: string,
    at: Micros,
  ): Promise<void> {
    await this.clickhouse.insert('acceptance_proposals', queries.ProposalRow, [
      {
        acceptance,
        reconciliation,
        revision,
        judgement,
        selected: [...selected],
        reason,
        proposed_by: by,
        proposed_at: time(at),
      },
    ]);
  }

  /** How many of what a proposal selected the newest judgement does not have as they were in the one that was seen. */
  async changedSince(reconciliation: string, acceptance: string, seen: string, newest: string): Promise<number> {
    const row = await this.clickhouse.row(queries.countChangedSelection, { reconciliation, acceptance, seen, newest });
    return row?.found ?? 0;
  }

  acceptance(acceptance: string) {
    return this.clickhouse.row(queries.findAcceptance, { acceptance });
  }

  /** Idempotent: the table keeps one acceptance of a discrepancy. */
  async accept(reconciliation: string, judgement: string, acceptance: string, everything: boolean): Promise<void> {
    await this.clickhouse.run(queries.acceptDiscrepancies, { reconciliation, judgement, acceptance, everything });
  }
}
