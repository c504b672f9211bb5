import { pageLimit, pageOf } from '@holdfast/platform/http';
import { z } from 'zod';
import { FINDING_STATES } from './core/finding';
import { FINDING_KINDS, SEVERITIES } from './core/kinds';

export const FindingId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
  .meta({ example: '3f1c9a5d0b7e42868d1f0c5a9b3e7d24' });

const Kind = z.enum(FINDING_KINDS);
const State = z.enum(FINDING_STATES);
const Severity = z.enum(SEVERITIES);
const name = z.string().min(1).max(200);

/** What `GET /v1/findings` takes. */
export const FindingsQuery = z.strictObject({
  kind: Kind.optional(),
  state: State.optional(),
  source: name.optional(),
  process: name.optional(),
  owner: name.optional(),
  severity: Severity.optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});

/** Money as decimal text, so that nothing is rounded. */
const Amount = z.string().regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be a decimal such as 1250.00');
const Impact = z
  .strictObject({
    cases: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('Where it is not what was measured.'),
    amount: Amount.optional(),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be three capitals (ISO 4217)')
      .optional(),
  })
  .refine(({ amount, currency }) => (amount === undefined) === (currency === undefined), {
    path: ['currency'],
    error: 'amount and currency go together',
  });
const Reason = z.string().trim().min(1).max(2_000);

/** What `POST /v1/findings/{id}/triage` takes. */
export const TriageRequest = z.strictObject({
  owner: z.string().min(1).max(100).optional().describe('Who takes care of it.'),
  impact: Impact.optional(),
  reason: Reason.optional().describe('A comment.'),
});
/** What `POST /v1/findings/{id}/fix` and `/accept` take. */
export const CloseRequest = z.strictObject({ reason: Reason, impact: Impact.optional() });

const maybe = z.string().nullable();
export const FindingAnswer = z.object({
  id: z.string(),
  kind: Kind,
  severity: Severity,
  state: State,
  source: maybe.describe('null where it is about no source of its own, as a breached objective.'),
  subject: maybe.describe(
    'The document that asked for it: `objective/ID`, `reference/ID`, `comparison/ID`; null for inspections.',
  ),
  process: maybe.describe('null where it is about the source as a whole.'),
  stage: maybe,
  range: z.object({
    numbers: z.object({ from: z.int(), to: z.int() }).nullable().describe('Sequence numbers, both included.'),
    from: z.string(),
    to: z.string(),
  }),
  impact: z.object({ cases: z.int(), amount: maybe, currency: maybe }),
  measures: z
    .record(z.string(), z.int())
    .describe('What was measured, by kind; skews in microseconds, positive where the clock is ahead.'),
  owner: maybe,
  occurrences: z.int().describe('1, and one more each time that it was reopened.'),
  foundAt: z.string(),
  changedAt: z.string(),
  observedTo: z.string().describe('What was received until then is in it.'),
});
export const FindingDetails = FindingAnswer.extend({
  alerts: z.array(z.string()),
  steps: z.array(
    z.object({
      at: z.string(),
      step: z.string(),
      by: maybe.describe('null for Holdfast.'),
      owner: maybe,
      impact: z.object({ cases: z.int().nullable(), amount: maybe, currency: maybe }).nullable(),
      reason: maybe,
      alert: maybe,
    }),
  ),
});
export const FindingPage = pageOf(FindingAnswer);
