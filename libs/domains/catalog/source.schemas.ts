import { INSPECTED_KINDS } from '@holdfast/domains/findings/core/kinds';
import { z } from 'zod';
import { INVALID_RECORDS, type SourceDefinition } from './core/source';

export const SourceId = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed(), 'holds half a surrogate pair')
  .meta({ example: 'shop' });

const Name = z.string().min(1).max(100);

/** What `PUT /v1/sources/{id}` takes. */
export const SourceSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  owner: Name,
  steward: Name.optional(),
  invalidRecords: z
    .enum(INVALID_RECORDS)
    .default('quarantine')
    .describe('What becomes of records that are no events, or of no process.'),
  rateLimit: z
    .strictObject({
      recordsPerSecond: z.number().positive().max(10_000_000),
      burst: z
        .int()
        .min(1)
        .max(100_000_000)
        .optional()
        .describe('How many may come at once after a pause; ten seconds of the rate where it is not given.'),
    })
    .optional(),
  dailyQuota: z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional().describe('Records in a day of UTC.'),
  escalationPolicy: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .optional()
    .describe('Who is paged because of its findings; nobody where it is not given.'),
  alertOn: z
    .array(z.enum(INSPECTED_KINDS))
    .max(INSPECTED_KINDS.length)
    .optional()
    .describe('Kinds of findings that page; those of critical severity where it is not given.'),
  inspection: z
    .strictObject({
      graceSeconds: z.int().min(0).max(86_400).optional().describe('How long a missing number is waited for; 300.'),
      outOfOrderBy: z
        .int()
        .min(0)
        .max(1_000_000)
        .optional()
        .describe('How far behind the highest number one may come and still count as in order; 10.'),
      clockSkewSeconds: z
        .number()
        .positive()
        .max(86_400)
        .optional()
        .describe("How far its clock may be from Holdfast's; 30."),
    })
    .optional()
    .describe('When what an inspection sees becomes a finding.'),
}) satisfies z.ZodType<SourceDefinition>;

export const SourceAnswer = SourceSchema.extend({
  id: SourceId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
