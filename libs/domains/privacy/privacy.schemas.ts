import { z } from 'zod';
import { ACTIONS, BUILT_IN_CLASSES, CATEGORIES, SENSITIVITIES } from './core/classes';
import { DETECTORS, type PrivacyPolicyDefinition } from './core/policy';

export const PrivacyPolicyId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'default' });

const ClassName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,40}$/, 'must be a word of a-z, 0-9 and _, starting with a letter')
  .describe(`One of ${Object.keys(BUILT_IN_CLASSES).join(', ')}, or of \`classes\`.`);
const Environment = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a word of a-z, 0-9 and -, starting with a letter');
const Action = z.enum(ACTIONS);
const Category = z.enum(CATEGORIES);
const Sensitivity = z.enum(SENSITIVITIES);

const Rule = z.strictObject({
  class: ClassName,
  names: z.array(z.string().min(1).max(100)).max(200).default([]),
  paths: z
    .array(z.string().regex(/^[^.]{1,100}(\.[^.]{1,100}){0,31}$/, 'must be member names with dots between them'))
    .max(200)
    .default([]),
});
const Identifier = ClassName.optional();

/** What `PUT /v1/privacy-policies/{id}` takes. */
export const PrivacyPolicySchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  classes: z.record(ClassName, z.strictObject({ category: Category, sensitivity: Sensitivity })).default({}),
  rules: z.array(Rule).max(500).default([]),
  detectors: z
    .array(z.enum(DETECTORS))
    .max(DETECTORS.length)
    .default([...DETECTORS].filter((one) => one !== 'bic'))
    .describe('What is looked for in values, also inside longer texts; `bic` only in whole ones.'),
  identifiers: z
    .strictObject({ key: Identifier, correlationId: Identifier })
    .default({})
    .describe('Classes of fields beside the data: tokenised, unless the environment keeps the class.'),
  environments: z
    .record(
      Environment,
      z.strictObject({ actions: z.record(ClassName, Action).default({}), otherwise: Action.default('mask') }),
    )
    .describe('By HOLDFAST_ENVIRONMENT; `any` for those that are not named.'),
}) satisfies z.ZodType<PrivacyPolicyDefinition>;

export const PrivacyPolicyAnswer = PrivacyPolicySchema.extend({
  id: PrivacyPolicyId,
  version: z.int().describe('0 for `built-in`.'),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});

/** What a preview takes: the data of one record, or of several. */
export const PreviewSchema = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown()).min(1)], 'must be a record, or an array of records')
  .describe('Data as a sender would send it. Nothing of it is stored.');

export const PreviewAnswer = z.object({
  environment: z.string(),
  policy: z.object({ id: PrivacyPolicyId, version: z.int() }),
  categories: z.array(Category).describe('Of what is left in the record.'),
  sensitivity: Sensitivity.describe('The highest of what is left in the record.'),
  fields: z.array(
    z.object({
      path: z.string().describe('Member names and places in arrays, with dots between them.'),
      class: z.string(),
      category: Category,
      sensitivity: Sensitivity,
      action: Action,
      value: z
        .unknown()
        .optional()
        .describe('After the action; the shape of a value that stays as it is. Missing where the field is dropped.'),
    }),
  ),
  moreFields: z.int().describe('How many fields are not listed.'),
});
