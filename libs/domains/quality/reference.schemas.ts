import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { DataSetSchema } from '@holdfast/domains/comparisons/comparisons.schemas';
import { pageOf } from '@holdfast/platform/http';
import { z } from 'zod';
import type { ReferenceDefinition } from './core/reference';
import { PolicyId } from './objective.schemas';

export const ReferenceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'orders-billed' });

const column = z.string().min(1).max(256);

/** What `PUT /v1/references/{id}` takes. */
export const ReferenceSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  process: ProcessId,
  stage: z.string().min(1).max(63),
  business: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('stage'), process: ProcessId, stage: z.string().min(1).max(63) }),
      z.strictObject({
        kind: z.literal('data-set'),
        dataSet: DataSetSchema,
        key: column.describe('The column with the keys: texts, whole numbers or UUIDs.'),
        since: column
          .exactOptional()
          .describe(
            'The column with the time at which a row came; rows of any time are compared where it is left out.',
          ),
      }),
    ])
    .describe('Where the same keys have to be: at a stage of another process, or in a data set.'),
  lookbackHours: z
    .int()
    .min(1)
    .max(366 * 24)
    .default(35 * 24)
    .describe('Keys that came so long ago are looked at, on both sides.'),
  graceSeconds: z
    .int()
    .min(0)
    .max(31 * 86_400)
    .default(3_600)
    .describe('How long a key may be on one side alone.'),
  everySeconds: z
    .int()
    .min(60)
    .max(31 * 86_400)
    .default(3_600)
    .describe('How often it is checked by itself.'),
  owner: z.string().min(1).max(100),
  escalationPolicy: PolicyId.optional().describe('Who is paged; nobody where it is not given.'),
  enabled: z.boolean().default(true).describe('Whether it is checked by itself.'),
}) satisfies z.ZodType<ReferenceDefinition>;

export const ReferenceAnswer = ReferenceSchema.extend({
  id: ReferenceId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
const Side = z.object({
  keys: z.int(),
  orphans: z.int().describe('Keys that the other side does not have.'),
  examples: z.array(z.string()).describe('The first of them, in the order of keys; 20 at most.'),
});
export const CheckAnswer = z.object({
  reference: z.string(),
  version: z.int().describe('Of the reference.'),
  checkedAt: z.string(),
  covers: z.object({ from: z.string(), to: z.string() }).describe('Keys that came then.'),
  tracking: Side,
  business: Side,
  failure: z
    .object({ code: z.string(), detail: z.string() })
    .nullable()
    .describe('Why it came to nothing, and the counts say nothing; null when it came to its end.'),
});
export const CheckPage = pageOf(CheckAnswer);
export const CheckStarted = z.object({ reference: z.string(), isNew: z.boolean() });
