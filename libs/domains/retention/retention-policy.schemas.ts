import { RETENTION_CLASSES } from '@holdfast/domains/catalog/core/process';
import { CATEGORIES } from '@holdfast/domains/privacy/core/classes';
import { z } from 'zod';
import { IMPACTS } from './core/impact';
import { PERIOD } from './core/period';
import { RETENTION_ACTIONS, type RetentionPolicyDefinition } from './core/policy';

export const RetentionPolicyId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .refine((id) => !id.startsWith('built-in'), 'is the name of what is built in')
  .meta({ example: 'invoices' });

const Period = z.string().regex(PERIOD, 'must be days or years, such as 30d or 7y');
const End = z.union([z.literal('forever'), Period]);
/** As records and processes say it. */
const Trait = z.string().min(1).max(100);
const some = <T extends z.ZodType>(one: T) =>
  z.array(one).min(1, 'leave it out where any will do').max(1_000).optional();

/** What is known as the class of records, of processes and of what stands apart. */
const CLASSES = [...RETENTION_CLASSES, 'test', 'quarantine'] as const;

const Match = z.strictObject({
  processes: some(z.string().min(1).max(200)),
  categories: some(z.enum(CATEGORIES)).describe('Regulatory categories, as privacy policies have them.'),
  severities: some(Trait).describe('The attribute `severity` of the event, or `records.severity` of its process.'),
  environments: some(Trait).describe('The attribute `environment`, or `records.environment` of the process.'),
  regions: some(Trait).describe('The attribute `region`, or `records.region` of the process.'),
  classes: some(z.enum(CLASSES)).describe(
    'Retention classes; `test` and `quarantine` are reached where they are named, alone.',
  ),
});

/** What `PUT /v1/retention-policies/{id}` takes. */
export const RetentionPolicySchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  match: Match.default({}).describe('Which records; all but tests and quarantined ones where nothing is said.'),
  tiers: z
    .strictObject({
      hot: Period.optional().describe('How old they are when they leave the hot tier; 30d.'),
      cold: Period.optional().describe('How old they are when they leave the cold tier; 1y.'),
      archive: End.optional().describe('How long they are kept at all; 7y. `forever` where the action is retain.'),
    })
    .default({}),
  action: z
    .enum(RETENTION_ACTIONS)
    .describe('`delete` has them deleted when the time is over, `retain` forbids to delete them before.'),
  explicit: z
    .boolean()
    .default(true)
    .describe('False: a default, which goes behind every policy that was made for such records.'),
  startsOn: z
    .strictObject({
      type: z.string().min(1).max(200),
      stage: z.string().min(1).max(200).optional().describe('Any stage where nothing is said.'),
    })
    .optional()
    .describe(
      'Time counts from the last such event of the key, such as the one that closes a case; from receipt where nothing is said.',
    ),
  statute: z
    .strictObject({
      minimum: Period.optional(),
      maximum: Period.optional(),
      source: z.string().min(1).max(500).describe('The law, such as `HGB § 257`.'),
    })
    .optional(),
  enabled: z.boolean().default(true),
}) satisfies z.ZodType<RetentionPolicyDefinition>;

export const RetentionPolicyAnswer = RetentionPolicySchema.extend({
  id: z.string(),
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});

const amount = { records: z.int(), bytes: z.int().describe('Of keys, ids, attributes and data, as they were sent.') };
export const ImpactAnswer = z.object({
  at: z.iso.datetime(),
  ...Object.fromEntries(IMPACTS.map((impact) => [impact, z.object(amount)])),
  groups: z.array(
    z.object({
      partition: z.string(),
      process: z.string(),
      class: z.string(),
      impact: z.enum(IMPACTS),
      ...amount,
      firstGoesOn: z.iso.date().nullable(),
      lastGoesOn: z.iso.date().nullable().describe('Null: not as things stand.'),
    }),
  ),
  cut: z.boolean().describe('Whether there are more groups than are told; the sums are of all.'),
});

export const ExplainQuery = z
  .strictObject({
    process: z.string().min(1).max(200).optional(),
    id: z.string().min(1).max(500).optional().describe('Id of the event, of a record that is there.'),
    key: z.string().min(1).max(500).optional().describe('Business key, of records that are there.'),
    class: z.enum(CLASSES).default('standard'),
    categories: z.string().max(500).optional().describe('Joined by commas.'),
    severity: Trait.optional(),
    environment: Trait.optional(),
    region: Trait.optional(),
    receivedOn: z.iso.date().optional().describe('Today where nothing is said.'),
  })
  .refine(({ process, id, key }) => process !== undefined || (id === undefined && key === undefined), {
    path: ['process'],
    error: 'is needed to find records by id or key',
  });

const claim = z.object({
  policy: z.string(),
  version: z.int(),
  kind: z.enum(['retain', 'delete']),
  explicit: z.boolean(),
  term: z.string(),
  until: z.iso.date().nullable().describe('Null: for ever, or until what it waits for has happened.'),
  waitsFor: z.object({ type: z.string(), stage: z.string().optional() }).nullable(),
});
export const ExplainAnswer = z.object({
  items: z.array(
    z.object({
      record: z.object({
        process: z.string(),
        key: z.string().nullable(),
        id: z.string().nullable(),
        stage: z.string().nullable(),
        class: z.string(),
        categories: z.array(z.string()),
        severity: z.string().nullable(),
        environment: z.string().nullable(),
        region: z.string().nullable(),
        receivedOn: z.iso.date(),
      }),
      rule: z.enum(['hold', 'retain_over_delete', 'longest_retain', 'explicit_delete', 'shortest_delete', 'only']),
      holds: z.array(z.string()),
      winner: claim.nullable(),
      lost: z.array(claim.extend({ to: z.string() })),
      tier: z.enum(['hot', 'cold', 'archive', 'due']),
      goesOn: z.iso.date().nullable().describe('From this day of UTC on; null: not as things stand.'),
      goesOnWithoutHolds: z.iso.date().nullable(),
    }),
  ),
  cut: z.boolean().describe('Whether there are more records than are told.'),
});
