import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import type { Transition } from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { z } from 'zod';
import type { Discrepancy } from './core/compare';
import type { Revision } from './core/revision';
import { KINDS, type VerdictState, type Window, type WindowState } from './core/window';

const Count = z.coerce.number();
const Kind = z.enum(KINDS as [string, ...string[]]) as unknown as z.ZodType<Discrepancy['kind']>;
const State = z.string() as unknown as z.ZodType<WindowState>;
const Verdict = z.string() as unknown as z.ZodType<VerdictState>;
const Bounds = z.object({ process: z.string(), from: z.int(), to: z.int() });
const One = z.object({ reconciliation: z.string() });

const findWindow = typedQuery(
  'reconciliation/find_window',
  Bounds,
  One.extend({ openedBy: z.string(), openedAt: micros, scheduled: z.boolean() }),
);
const findOverlapping = typedQuery('reconciliation/find_overlapping', Bounds, One);
const findLastScheduled = typedQuery(
  'reconciliation/find_last_scheduled',
  z.object({ process: z.string() }),
  z.object({ reached: micros, windows: Count }),
);
const listTaken = typedQuery(
  'reconciliation/list_taken',
  z.object({ process: z.string(), since: z.int() }),
  z.object({ from: micros, to: micros }),
);
const Step = z.object({
  state: State,
  revision: z.number(),
  by: z.string(),
  reasonId: z.string(),
  alertId: z.string(),
  at: micros,
});
const findLastTransition = typedQuery(
  'reconciliation/find_last_transition',
  One,
  Step.extend({ deadline: micros.nullable() }),
);
const listTransitions = typedQuery(
  'reconciliation/list_transitions',
  One,
  Step.extend({ run: z.string(), seq: z.number() }),
);
const Stored = z.object({
  revision: z.number(),
  judgement: z.string(),
  state: Verdict,
  depth: z.enum(['digest', 'key', 'field']),
  judgedAt: micros,
  processVersion: z.number(),
  fingerprint: z.string(),
  stageCounts: z.record(z.string(), Count),
  kinds: z.record(z.string(), Count),
  open: Count,
  accepted: Count,
}) satisfies z.ZodType<Revision>;
const listVerdicts = typedQuery(
  'reconciliation/list_verdicts',
  One.extend({ before: z.int(), limit: z.int() }),
  Stored,
);
const listWindows = typedQuery(
  'reconciliation/list_windows',
  z.object({ process: z.string(), state: z.string(), beforeFrom: z.int(), beforeProcess: z.string(), limit: z.int() }),
  Bounds.extend({
    reconciliation: z.string(),
    from: micros,
    to: micros,
    openedBy: z.string(),
    openedAt: micros,
    scheduled: z.boolean(),
    state: State,
    revision: z.number(),
  }),
);
const listOpenWindows = typedQuery(
  'reconciliation/list_open_windows',
  z.object({}),
  One.extend({ fingerprint: z.string() }),
);
const Named = z.object({ key: z.string(), stage: z.string(), kind: Kind });
const listDiscrepancies = typedQuery(
  'reconciliation/list_discrepancies',
  One.extend({
    judgement: z.string(),
    afterKey: z.string(),
    afterStage: z.string(),
    afterKind: z.string(),
    kind: z.string(),
    stage: z.string(),
    key: z.string(),
    status: z.enum(['', 'open', 'accepted']),
    limit: z.int(),
  }),
  Named.extend({ hop: z.string(), field: z.string(), expected: z.string(), found: z.string() }),
);
const listPasts = typedQuery(
  'reconciliation/list_pasts',
  One.extend({ keys: z.array(z.string()) }),
  Named.extend({ firstSeenAt: micros, acceptance: z.string(), acceptedBy: z.string(), reason: z.string() }),
);
const countDiscrepancies = typedQuery(
  'reconciliation/count_discrepancies',
  One.extend({ judgement: z.string() }),
  z.object({ kind: Kind, found: Count, accepted: Count }),
);
const findAcceptance = typedQuery(
  'reconciliation/find_acceptance',
  z.object({ acceptance: z.string() }),
  One.extend({ selected: z.array(z.unknown()), reason: z.string(), proposedBy: z.string(), proposedAt: micros }),
);
const acceptDiscrepancies = typedQuery(
  'reconciliation/accept_discrepancies',
  One.extend({ judgement: z.string(), acceptance: z.string(), everything: z.boolean() }),
  z.object({}),
);

const time = (at: Micros): string => formatInstant(at);
const WindowRow = z.object({
  process: z.string(),
  window_from: z.string(),
  window_to: z.string(),
  reconciliation: z.string(),
  opened_by: z.string(),
  opened_at: z.string(),
  scheduled: z.boolean(),
});
const TransitionRow = One.extend({
  at: z.string(),
  run: z.string(),
  seq: z.int(),
  state: z.string(),
  revision: z.int(),
  by: z.string(),
  reason_id: z.string(),
  deadline: z.string().nullable(),
  alert_id: z.string(),
});
const VerdictRow = One.extend({
  revision: z.int(),
  judgement: z.string(),
  state: z.string(),
  depth: z.string(),
  judged_at: z.string(),
  process_version: z.int(),
  fingerprint: z.string(),
  stage_counts: z.record(z.string(), z.number()),
  kinds: z.record(z.string(), z.number()),
  open: z.int(),
  accepted: z.int(),
});
const DiscrepancyRow = One.extend({
  judgement: z.string(),
  key: z.string(),
  stage: z.string(),
  kind: z.string(),
  hop: z.string(),
  field: z.string(),
  expected: z.string(),
  found: z.string(),
  judged_at: z.string(),
});
const ProposalRow = One.extend({
  acceptance: z.string(),
  selected: z.array(Named),
  reason: z.string(),
  proposed_by: z.string(),
  proposed_at: z.string(),
});

export type StoredDiscrepancy = Omit<Discrepancy, 'kind'> & { readonly kind: Discrepancy['kind'] };
export interface DiscrepancyFilter {
  readonly kind: string;
  readonly stage: string;
  readonly key: string;
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
    return this.clickhouse.row(findWindow, { process, from, to });
  }

  /** The id of a window of the process that shares time with this one. */
  async overlapping({ process, from, to }: Window): Promise<string | undefined> {
    return (await this.clickhouse.row(findOverlapping, { process, from, to }))?.reconciliation;
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
    await this.clickhouse.insert('windows', WindowRow, [row]);
  }

  /** The end of the last window that the schedule opened, or undefined. */
  async lastScheduled(process: string): Promise<Micros | undefined> {
    const found = await this.clickhouse.row(findLastScheduled, { process });
    return found && found.windows > 0 ? found.reached : undefined;
  }

  /** Time after `since` that windows of the process take already. */
  taken(process: string, since: Micros): Promise<{ from: Micros; to: Micros }[]> {
    return this.clickhouse.rows(listTaken, { process, since });
  }

  windows(filter: { process: string; state: string; beforeFrom: Micros; beforeProcess: string; limit: number }) {
    return this.clickhouse.rows(listWindows, filter);
  }

  /** Windows that wait for late events, and the digests that they were judged by. */
  openWindows() {
    return this.clickhouse.rows(listOpenWindows, {});
  }

  lastTransition(reconciliation: string) {
    return this.clickhouse.row(findLastTransition, { reconciliation });
  }

  transitions(reconciliation: string) {
    return this.clickhouse.rows(listTransitions, { reconciliation });
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
    await this.clickhouse.insert('window_transitions', TransitionRow, [row]);
  }

  /** Newest first, of revisions below `before`. */
  verdicts(reconciliation: string, before = 4_294_967_295, limit = 1): Promise<Revision[]> {
    return this.clickhouse.rows(listVerdicts, { reconciliation, before, limit });
  }

  /** Writes a revision: from then on the discrepancies of its judgement count. */
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
  ): Promise<void> {
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
    await this.clickhouse.insert('verdicts', VerdictRow, [row]);
  }

  async addDiscrepancies(
    reconciliation: string,
    judgement: string,
    judgedAt: Micros,
    found: readonly Discrepancy[],
  ): Promise<void> {
    await this.clickhouse.insert(
      'discrepancies',
      DiscrepancyRow,
      found.map((one) => ({ reconciliation, judgement, judged_at: time(judgedAt), ...one })),
    );
  }

  discrepancies(
    reconciliation: string,
    judgement: string,
    filter: DiscrepancyFilter,
    after: DiscrepancyPlace,
    limit: number,
  ): Promise<StoredDiscrepancy[]> {
    return this.clickhouse.rows(listDiscrepancies, { reconciliation, judgement, ...filter, ...after, limit });
  }

  /** When discrepancies of these keys were first seen, and who accepted them. */
  pasts(reconciliation: string, keys: readonly string[]) {
    return keys.length === 0
      ? Promise.resolve([])
      : this.clickhouse.rows(listPasts, { reconciliation, keys: [...keys] });
  }

  countDiscrepancies(reconciliation: string, judgement: string) {
    return this.clickhouse.rows(countDiscrepancies, { reconciliation, judgement });
  }

  /** Keeps what somebody asks to accept. @param selected none: whatever holds the window open */
  async proposeAcceptance(
    acceptance: string,
    reconciliation: string,
    selected: readonly z.output<typeof Named>[],
    reason: string,
    by: string,
    at: Micros,
  ): Promise<void> {
    await this.clickhouse.insert('acceptance_proposals', ProposalRow, [
      { acceptance, reconciliation, selected: [...selected], reason, proposed_by: by, proposed_at: time(at) },
    ]);
  }

  acceptance(acceptance: string) {
    return this.clickhouse.row(findAcceptance, { acceptance });
  }

  /** Idempotent: the table keeps one acceptance of a discrepancy. */
  async accept(reconciliation: string, judgement: string, acceptance: string, everything: boolean): Promise<void> {
    await this.clickhouse.run(acceptDiscrepancies, { reconciliation, judgement, acceptance, everything });
  }
}
