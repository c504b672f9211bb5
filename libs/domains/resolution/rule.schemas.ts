import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { parseInstant } from '@holdfast/kernel';
import { z } from 'zod';
import type { RuleDefinition } from './core/rule';

export const DocumentId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -');
const Kind = z.enum(['missing', 'duplicate', 'mutated', 'orphan']);
const Name = z.string().min(1).max(200);
const some = <T extends z.ZodType>(of: T) => z.array(of).min(1).max(100).optional();
const DAY = 86_400;

const bounds = (most: number) => z.int().min(0).max(most).optional();
const inOrder = (least: number | undefined, most: number | undefined): boolean => (least ?? 0) <= (most ?? Infinity);

const Match = z.strictObject({
  processes: some(ProcessId),
  stages: some(Name),
  hops: some(Name).describe('From a stage to the next: hub->erp.'),
  kinds: some(Kind),
  fields: some(Name).describe('Every field that differs is one of these.'),
  keyPattern: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('A regular expression that is found in the key; it has to take linear time on any text.'),
  count: z
    .strictObject({ least: bounds(1e12), most: bounds(1e12) })
    .refine(({ least, most }) => inOrder(least, most), { path: ['most'], error: 'must not be below least' })
    .optional()
    .describe('How many open discrepancies of the window all else matches, age apart.'),
  amount: z
    .strictObject({ field: Name, moreThan: z.number().min(0).optional(), atMost: z.number().min(0).optional() })
    .refine(({ moreThan, atMost }) => moreThan !== undefined || atMost !== undefined, {
      path: ['atMost'],
      error: 'give moreThan, atMost or both',
    })
    .refine(({ moreThan, atMost }) => inOrder(moreThan, atMost), {
      path: ['atMost'],
      error: 'must not be below moreThan',
    })
    .optional()
    .describe('By how much the two sides of a field differ, in its own unit.'),
  age: z
    .strictObject({ leastSeconds: bounds(3660 * DAY), mostSeconds: bounds(3660 * DAY) })
    .refine(({ leastSeconds, mostSeconds }) => inOrder(leastSeconds, mostSeconds), {
      path: ['mostSeconds'],
      error: 'must not be below leastSeconds',
    })
    .optional()
    .describe('Since it was first seen.'),
});

const Action = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('wait'),
    seconds: z
      .int()
      .min(1)
      .max(366 * DAY)
      .describe("Until so long after the window's end, at most."),
    untilStage: Name.optional().describe("Until this stage has an event at or after the window's end."),
  }),
  z.strictObject({
    kind: z.literal('replay'),
    connector: z.string().regex(/^[\w.-]{1,60}$/, 'must be a name of HOLDFAST_CONNECTORS'),
    batch: z.int().min(1).max(5_000).default(500),
    attempts: z.int().min(1).max(20).default(1).describe('For each discrepancy.'),
    timeoutSeconds: z.int().min(1).max(60).default(20),
    settleSeconds: z
      .int()
      .min(1)
      .max(7 * DAY)
      .default(300)
      .describe('From the last request until the window is judged again.'),
  }),
  z.strictObject({ kind: z.literal('accept'), reason: z.string().trim().min(1).max(2_000) }),
  z.strictObject({ kind: z.literal('escalate'), policy: DocumentId.optional() }),
]);

/** What `PUT /v1/resolution-rules/{id}` takes. */
export const RuleSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  enabled: z.boolean().default(true),
  priority: z.int().min(0).max(1_000_000).default(100).describe('The lowest is asked first.'),
  match: Match,
  action: Action,
}) satisfies z.ZodType<RuleDefinition>;

export const RuleAnswer = RuleSchema.extend({
  id: DocumentId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});

/** RFC 3339 with any offset, as microseconds. */
export const Instant = z.string().transform((text, context) => {
  const found = parseInstant(text);
  if (found === undefined)
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset' });
  return found ?? 0;
});

/** What `POST /v1/resolution-rules/trials` takes. */
export const TrialSchema = z
  .strictObject({
    id: DocumentId.default('trial').describe('Takes the place of the rule of this id; else it is one more.'),
    rule: RuleSchema,
    process: ProcessId,
    from: Instant,
    to: Instant,
    alone: z.boolean().default(false).describe('As if there were no other rules.'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' });

const Decided = z.object({
  reconciliation: z.string(),
  revision: z.int(),
  judgedAt: z.string(),
  discrepancies: z.int(),
  decides: z.int().describe('How many the rule would have decided.'),
  byOthers: z.int().describe('How many rules before or after it would have decided.'),
  undecided: z.int(),
});
export const TrialAnswer = z.object({
  windows: z.array(Decided),
  discrepancies: z.int(),
  decides: z.int(),
  byOthers: z.int(),
  undecided: z.int(),
  examples: z.array(z.object({ reconciliation: z.string(), key: z.string(), kind: z.string(), stage: z.string() })),
  complete: z.boolean().describe('False: there was more than a trial looks at; the windows that are listed are whole.'),
});
