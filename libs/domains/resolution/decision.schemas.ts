import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { HUMAN_ACTIONS } from './core/decision';
import { Instant } from './rule.schemas';

const Name = z.string().min(1).max(200);
const some = <T extends z.ZodType>(of: T, most = 100) => z.array(of).min(1).max(most).optional();

const SelectionSchema = z
  .strictObject({
    process: ProcessId,
    reconciliation: z.string().min(1).max(200).optional().describe('One window; else from and to.'),
    from: Instant.optional(),
    to: Instant.optional(),
    kinds: some(z.enum(['missing', 'duplicate', 'mutated', 'orphan', 'undecided'])).describe(
      'Without it all but undecided: time that was not judged.',
    ),
    stages: some(Name),
    fields: some(Name).describe('Every field that differs is one of these.'),
    keys: some(z.string().min(1).max(300), 10_000),
    keyPrefix: z.string().min(1).max(300).optional(),
  })
  .refine(
    ({ reconciliation, from, to }) => (reconciliation === undefined) === (from !== undefined && to !== undefined),
    {
      path: ['reconciliation'],
      error: 'give either reconciliation, or from and to',
    },
  )
  .refine(({ reconciliation, from, to }) => reconciliation === undefined || (from === undefined && to === undefined), {
    path: ['reconciliation'],
    error: 'give either reconciliation, or from and to',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be after from',
  });

/** What `POST /v1/decisions` takes. */
export const DecisionSchema = z
  .strictObject({
    action: z.enum(HUMAN_ACTIONS),
    reason: z.string().trim().min(1).max(2_000),
    expiresAt: Instant.optional().describe('Of ignore: when it comes back as open.'),
    select: SelectionSchema,
  })
  .refine(({ action, expiresAt }) => (action === 'ignore') === (expiresAt !== undefined), {
    path: ['expiresAt'],
    error: 'is needed of ignore, and of nothing else',
  });

export const AnswerSchema = z.strictObject({ comment: z.string().trim().min(1).max(2_000).optional() });
export const DecisionQuery = z.strictObject({
  process: ProcessId.optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});
export const OfWindowQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

const Time = z.string();
const State = z.enum(['counting', 'proposed', 'refused', 'lapsed', 'applying', 'applied', 'expired']);
export const DecisionAnswer = z.object({
  id: z.string(),
  action: z.enum(HUMAN_ACTIONS),
  state: State,
  reason: z.string(),
  by: z.string(),
  at: Time,
  expiresAt: Time.nullable(),
  approveBy: Time.nullable().describe('Until when somebody else may approve it; null where nobody needs to.'),
  select: z.object({
    process: z.string(),
    reconciliation: z.string().optional(),
    from: Time.optional(),
    to: Time.optional(),
    kinds: z.array(z.string()).optional(),
    stages: z.array(z.string()).optional(),
    fields: z.array(z.string()).optional(),
    keys: z.array(z.string()).optional(),
    keyPrefix: z.string().optional(),
  }),
  found: z
    .object({ windows: z.int(), discrepancies: z.int() })
    .nullable()
    .describe('What it was about when it was made.'),
  decided: z.object({ windows: z.int(), discrepancies: z.int() }).nullable().describe('What it took effect on.'),
  steps: z.array(z.object({ step: z.string(), at: Time, by: z.string().nullable(), comment: z.string().nullable() })),
});
export const DecisionOfWindow = z.object({
  decision: z.string(),
  revision: z.int(),
  action: z.string(),
  discrepancies: z.int(),
  rule: z.object({ id: z.string(), version: z.int() }).nullable(),
  by: z.string(),
  at: Time,
  outcome: z.enum(['sent', 'failed', 'expired']).nullable().describe('Of a replay, and of what was ignored.'),
});
