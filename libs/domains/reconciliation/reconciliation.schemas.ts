import { parseInstant, type Micros } from '@holdfast/kernel';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { CARDINALITIES, FIELD_RANKS } from '@holdfast/domains/catalog/core/process';
import { KINDS } from './core/window';

const MINUTE: Micros = 60_000_000;

/** RFC 3339 with any offset, as microseconds; digests are kept by minute, so that windows begin and end on one. */
export const WholeMinute = z
  .string()
  .transform((text, context) => {
    const found = parseInstant(text);
    if (found === undefined)
      context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset' });
    return found ?? 0;
  })
  .refine((at) => at % MINUTE === 0, 'must be a whole minute')
  .refine((at) => at >= 946_684_800_000_000, 'must not be before the year 2000');

/** What `POST /v1/reconciliations` takes. `from` and `to` are compared as instants. */
export const WindowSchema = z
  .strictObject({ process: ProcessId, from: WholeMinute, to: WholeMinute })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' })
  .refine(({ from, to }) => to - from <= 366 * 86_400_000_000, {
    path: ['to'],
    error: 'must be at most 366 days after from',
  });

const Kind = z.enum(KINDS as [string, ...string[]]);
/** Several stages that a hop leads to are one text. */
const Stage = z.string().min(1).max(600);
const Key = z.string().min(1).max(300);

/** What `POST /v1/reconciliations/{id}/acceptances` takes: chosen discrepancies, or all that hold the window open. */
export const AcceptanceSchema = z
  .strictObject({
    discrepancies: z
      .array(z.strictObject({ key: Key, stage: Stage, kind: z.enum(['missing', 'duplicate', 'mutated', 'orphan']) }))
      .min(1)
      .max(10_000)
      .optional(),
    all: z.literal(true).optional(),
    revision: z
      .int()
      .min(1)
      .max(4_294_967_294)
      .optional()
      .describe('The revision that the person saw; the newest without it. Refused when the window was judged since.'),
    reason: z.string().trim().min(1).max(2_000),
  })
  .refine(({ discrepancies, all }) => (discrepancies === undefined) !== (all === undefined), {
    path: ['discrepancies'],
    error: 'give either discrepancies or all: true',
  });

const State = z.enum(['opened', 'waiting', 'judging', 'matched', 'gaps', 'healed', 'accepted', 'cancelled']);

export const ListQuery = z.strictObject({
  process: ProcessId.optional(),
  state: State.optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});
export const DiscrepancyQuery = z.strictObject({
  kind: Kind.optional(),
  stage: Stage.optional(),
  hop: z.string().min(1).max(1_200).optional().describe('Such as `shop->hub`.'),
  rank: z.enum(FIELD_RANKS).optional(),
  key: Key.optional(),
  status: z.enum(['open', 'accepted']).optional().describe('What is late is told, and neither.'),
  revision: z.coerce.number().int().min(1).max(4_294_967_294).optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});
export const RevisionQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

const Time = z.string();
const Links = z.object({ self: z.string(), discrepancies: z.string(), revisions: z.string() });
export const RevisionAnswer = z.object({
  revision: z.int(),
  state: z.enum(['matched', 'gaps', 'healed', 'accepted']),
  depth: z.enum(['digest', 'key', 'field']).describe('How deep the comparison had to go.'),
  judgedAt: Time,
  processVersion: z.int(),
  events: z.record(z.string(), z.int()).describe('Events that count, by stage.'),
  discrepancies: z.record(z.string(), z.int()).describe('By kind.'),
  open: z.int(),
  accepted: z.int(),
  partial: z.boolean().describe('A budget was spent before all of the window was looked at.'),
});
export const StartedAnswer = z.object({ id: z.string(), isNew: z.boolean(), links: Links });
export const WindowAnswer = z.object({
  id: z.string(),
  process: z.string(),
  from: Time,
  to: Time,
  state: State,
  revision: z.int(),
  openedBy: z.string().nullable(),
  openedAt: Time,
});
export const ReconciliationAnswer = WindowAnswer.extend({
  deadline: Time.nullable(),
  verdict: RevisionAnswer.nullable(),
  alert: z.string().nullable(),
  story: z.array(z.object({ at: Time, state: State, revision: z.int(), by: z.string().nullable() })),
  links: Links,
});
const Side = z.object({ stages: z.array(z.string()), systems: z.array(z.string()), events: z.int() });
export const HopsAnswer = z.object({
  hops: z.array(
    z.object({
      hop: z.string(),
      place: z
        .enum(['before_integration', 'within_integration', 'after_integration', 'direct'])
        .describe('Where it lies, seen from the integration layer: what is lost on it was lost there.'),
      cardinality: z.enum(CARDINALITIES),
      from: Side,
      to: Side,
      discrepancies: z.record(z.string(), z.int()).describe('By kind.'),
      open: z.int(),
      since: Time.nullable().describe('When the first of the events happened that something is wrong with.'),
    }),
  ),
});
export const CauseQuery = z.strictObject({ kind: Kind.optional(), hop: z.string().min(1).max(1_200).optional() });
export const CausesAnswer = z.object({
  keys: z.int().describe('Keys with discrepancies that were looked at: 10,000 at most.'),
  causes: z
    .array(
      z.object({
        stage: z.string(),
        name: z.string(),
        value: z.string().describe('A member of the data as JSON.'),
        keys: z.int(),
        share: z.number().describe('Of keys with discrepancies, 0 to 1.'),
        otherShare: z.number().describe('Of other keys of the window, 0 to 1.'),
      }),
    )
    .describe('What these keys have in common that others have not; the most telling first.'),
});
export const DiscrepancyAnswer = z.object({
  key: z.string(),
  kind: Kind,
  stage: z.string(),
  hop: z.string(),
  field: z.string().optional(),
  expected: z.string(),
  found: z.string(),
  rank: z.enum(FIELD_RANKS),
  since: Time.describe('When the first of the events happened that it is about.'),
  firstSeenAt: Time,
  status: z.enum(['open', 'accepted', 'told']),
  accepted: z.object({ by: z.string(), reason: z.string() }).optional(),
});
