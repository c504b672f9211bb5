import { micros, typedQuery, uint64 } from '@holdfast/platform/clickhouse';
import { FIELD_RANKS } from '@holdfast/domains/catalog/core/process';
import { z } from 'zod';
import type { Discrepancy } from './core/compare';
import type { Revision } from './core/revision';
import { KINDS, type VerdictState, type WindowState } from './core/window';

/** What is asked of reconciliation's tables, and the rows that are written to them. For the store alone. */

const Count = z.coerce.number();
const Kind = z.enum(KINDS as [string, ...string[]]) as unknown as z.ZodType<Discrepancy['kind']>;
const State = z.string() as unknown as z.ZodType<WindowState>;
const Rank = z.enum(FIELD_RANKS);
const Verdict = z.string() as unknown as z.ZodType<VerdictState>;
const Bounds = z.object({ process: z.string(), from: z.int(), to: z.int() });
const One = z.object({ reconciliation: z.string() });

export const findWindow = typedQuery(
  'reconciliation/find_window',
  Bounds,
  One.extend({ openedBy: z.string(), openedAt: micros, scheduled: z.boolean() }),
);
export const findOverlapping = typedQuery('reconciliation/find_overlapping', Bounds, One);
export const findLastScheduled = typedQuery(
  'reconciliation/find_last_scheduled',
  z.object({ process: z.string() }),
  z.object({ reached: micros, windows: Count }),
);
export const listTaken = typedQuery(
  'reconciliation/list_taken',
  z.object({ process: z.string(), since: z.int() }),
  z.object({ from: micros, to: micros }),
);
export const listOpened = typedQuery('reconciliation/list_opened', Bounds, z.object({ from: micros, to: micros }));
const Step = z.object({
  state: State,
  revision: z.number(),
  by: z.string(),
  reasonId: z.string(),
  alertId: z.string(),
  at: micros,
  deadline: micros.nullable(),
});
export const findLastTransition = typedQuery('reconciliation/find_last_transition', One, Step);
export const listTransitions = typedQuery('reconciliation/list_transitions', One, Step);
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
export const listVerdicts = typedQuery(
  'reconciliation/list_verdicts',
  One.extend({ before: z.int(), limit: z.int() }),
  Stored,
);
export const WindowPage = z.object({
  process: z.string(),
  state: z.string(),
  beforeFrom: z.int(),
  beforeProcess: z.string(),
  beforeTo: z.int(),
  limit: z.int(),
});
export const listWindows = typedQuery(
  'reconciliation/list_windows',
  WindowPage,
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
export const Named = z.object({ key: z.string(), stage: z.string(), kind: Kind });
/** A discrepancy as it was found: another value is another fact. */
const Fact = Named.extend({ fact: uint64 });
export const listDiscrepancies = typedQuery(
  'reconciliation/list_discrepancies',
  One.extend({
    judgement: z.string(),
    afterKey: z.string(),
    afterStage: z.string(),
    afterKind: z.string(),
    kind: z.string(),
    stage: z.string(),
    key: z.string(),
    hop: z.string(),
    rank: z.string(),
    status: z.enum(['', 'open', 'accepted']),
    limit: z.int(),
  }),
  Fact.extend({
    hop: z.string(),
    field: z.string(),
    expected: z.string(),
    found: z.string(),
    rank: Rank,
    since: micros,
  }),
);
export const countByHop = typedQuery(
  'reconciliation/count_by_hop',
  One.extend({ judgement: z.string() }),
  z.object({ hop: z.string(), stage: z.string(), kind: Kind, found: Count, open: Count, since: micros }),
);
export const listPasts = typedQuery(
  'reconciliation/list_pasts',
  One.extend({ keys: z.array(z.string()) }),
  Fact.extend({ firstSeenAt: micros, acceptance: z.string(), acceptedBy: z.string(), reason: z.string() }),
);
export const countDiscrepancies = typedQuery(
  'reconciliation/count_discrepancies',
  One.extend({ judgement: z.string() }),
  z.object({ kind: Kind, found: Count, accepted: Count }),
);
export const countNewDiscrepancies = typedQuery(
  'reconciliation/count_new_discrepancies',
  One.extend({ judgement: z.string(), before: z.string() }),
  z.object({ found: Count }),
);
export const countChangedSelection = typedQuery(
  'reconciliation/count_changed_selection',
  One.extend({ acceptance: z.string(), seen: z.string(), newest: z.string() }),
  z.object({ found: Count }),
);
export const findAcceptance = typedQuery(
  'reconciliation/find_acceptance',
  z.object({ acceptance: z.string() }),
  One.extend({
    judgement: z.string(),
    selected: z.array(z.unknown()),
    reason: z.string(),
    proposedBy: z.string(),
    proposedAt: micros,
  }),
);
export const acceptDiscrepancies = typedQuery(
  'reconciliation/accept_discrepancies',
  One.extend({ judgement: z.string(), acceptance: z.string(), everything: z.boolean() }),
  z.object({}),
);

export const WindowRow = z.object({
  process: z.string(),
  window_from: z.string(),
  window_to: z.string(),
  reconciliation: z.string(),
  opened_by: z.string(),
  opened_at: z.string(),
  scheduled: z.boolean(),
});
export const TransitionRow = One.extend({
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
export const VerdictRow = One.extend({
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
export const DiscrepancyRow = One.extend({
  judgement: z.string(),
  key: z.string(),
  stage: z.string(),
  kind: z.string(),
  hop: z.string(),
  field: z.string(),
  expected: z.string(),
  found: z.string(),
  rank: z.string(),
  since: z.string(),
  judged_at: z.string(),
});
export const ProposalRow = One.extend({
  acceptance: z.string(),
  revision: z.int(),
  judgement: z.string(),
  selected: z.array(Named),
  reason: z.string(),
  proposed_by: z.string(),
  proposed_at: z.string(),
});
