import { parseInstant } from '@holdfast/kernel';
import { z } from 'zod';
import { HOLD_STATES, type HoldTerms } from './core/hold';
import type { HoldScope } from './core/scope';

export const HoldId = z
  .string()
  .regex(/^h-[a-z0-9]{8,16}$/, 'must be the id of a hold')
  .meta({ example: 'h-3k2l9x0a1b2c3d4e' });
const CustodianId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'custodian-a' });
const Name = z.string().min(1).max(200);
const some = (most: number, longest = 200) =>
  z.array(z.string().min(1).max(longest)).min(1, 'leave it out where any will do').max(most).optional();
const Path = z
  .string()
  .max(200)
  .regex(/^[^.\s[\]]+(\.[^.\s[\]]+)*$/, 'must be a path such as customer.number');
const Instant = z.string().transform((text, context) => {
  const found = parseInstant(text);
  if (found === undefined)
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset' });
  return found ?? 0;
});

/** Names of one hold, and of all that is asked as queries, are few enough to be looked through. */
const MOST_NAMES = 10_000;

export const ScopeSchema = z
  .strictObject({
    everything: z
      .literal(true)
      .optional()
      .describe('Every record there is and will be; a second person has to approve.'),
    processes: some(1_000),
    stages: some(100),
    types: some(100),
    sources: some(100),
    classes: some(8).describe('Retention classes.'),
    categories: some(10).describe('Regulatory categories.'),
    keys: some(MOST_NAMES, 500).describe('Business keys, as they are stored; with the processes that they are of.'),
    subject: z
      .strictObject({
        aliases: z
          .array(z.string().min(1).max(500))
          .min(1)
          .max(MOST_NAMES)
          .describe('Every name of the subject, as records have it: looked for as business key and as correlation id.'),
        fields: z.array(Path).min(1).max(8).optional().describe('Paths of the data where names are looked for, too.'),
      })
      .optional(),
    from: Instant.optional().describe('The time of the business fact, at or behind this.'),
    to: Instant.optional().describe('Before this.'),
    fields: z
      .array(z.strictObject({ path: Path, in: z.array(z.string().min(1).max(500)).min(1).max(1_000) }))
      .min(1)
      .max(8)
      .optional()
      .describe('Values of the data: texts, or numbers as they were sent.'),
  })
  .refine((scope) => !scope.everything || Object.keys(scope).length === 1, {
    path: ['everything'],
    error: 'leaves nothing else to say',
  })
  .refine(({ keys, processes }) => keys === undefined || processes !== undefined, {
    path: ['keys'],
    error: 'are keys of processes: name those',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be after from',
  })
  .refine(({ keys, processes }) => (keys?.length ?? 0) * (processes?.length ?? 0) <= 100_000, {
    path: ['keys'],
    error: 'times processes are more than 100000: place several holds',
  }) satisfies z.ZodType<HoldScope>;

const CustodianSchema = z.strictObject({
  id: CustodianId,
  channel: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the id of a channel')
    .optional()
    .describe('The channel that notices go through; none: nobody is told, and the API acknowledges.'),
  to: z.string().min(1).max(320).optional().describe('The address there, such as a mail address.'),
});
const Days = z.int().min(1).max(366);

export const TermsSchema = z.strictObject({
  matter: Name,
  counsel: Name.describe('Who answers for it.'),
  description: z.string().max(4_000).optional().describe('What custodians are told to keep.'),
  scope: ScopeSchema,
  custodians: z
    .array(CustodianSchema)
    .max(1_000)
    .default([])
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'names a custodian twice'),
  remindEveryDays: Days.default(3).describe('How often custodians who said nothing are reminded.'),
  reviewEveryDays: Days.default(90),
  reviewer: CustodianSchema.optional().describe('Who is reminded to look whether it is still needed.'),
}) satisfies z.ZodType<HoldTerms>;

const Reason = z.string().min(1).max(2_000);
export const PlaceSchema = TermsSchema.extend({ reason: Reason });
export const PreviewSchema = z.strictObject({ scope: ScopeSchema });
export const AnswerSchema = z.strictObject({ reason: Reason });
export const ListQuery = z.strictObject({
  state: z.enum(['open', 'all']).default('open'),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export const ReportQuery = z.strictObject({ format: z.enum(['json', 'csv']).default('json') });

const time = z.iso.datetime();
const count = {
  records: z.int(),
  keys: z.int(),
  bytes: z.int().describe('Of keys, ids, attributes and data, as they were sent.'),
  firstAt: time.nullable(),
  lastAt: time.nullable().describe('Of the business facts.'),
};
export const CountAnswer = z.object(count);
export const PreviewAnswer = z.object({
  ...count,
  everything: z.boolean().describe('Whether it fits all there is: a second person has to approve.'),
});
const ScopeAnswer = z.record(z.string(), z.unknown());
const version = {
  version: z.int(),
  state: z.enum(HOLD_STATES),
  matter: z.string(),
  counsel: z.string(),
  description: z.string().nullable(),
  scope: ScopeAnswer,
  reason: z.string(),
  changedBy: z.string(),
  changedAt: time,
};
export const HoldAnswer = z.object({
  id: z.string(),
  ...version,
  inForce: z.boolean(),
  custodians: z.array(z.object({ id: z.string(), acknowledgedAt: time.nullable(), via: z.string().nullable() })),
  remindEveryDays: z.int(),
  reviewEveryDays: z.int(),
  reviewAt: time.nullable(),
});
export const PlacedAnswer = HoldAnswer.extend({
  deletionsMet: z
    .array(z.object({ table: z.string(), partition: z.string(), class: z.string(), rows: z.int().nullable() }))
    .describe(
      'Deletions that had begun before it was in force: rows that they took, held or not; null: cut off, and unknown.',
    ),
});
export const HoldDetailAnswer = HoldAnswer.extend({
  versions: z.array(z.object(version)),
  notices: z.array(
    z.object({ custodian: z.string(), kind: z.string(), round: z.int(), outcome: z.string(), at: time }),
  ),
});
