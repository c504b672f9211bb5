import { z } from 'zod';
import { COMPATIBILITY_MODES, ENFORCEMENTS, NULL_RULES, type ContractDefinition } from './core/contract';
import { upcastFault, type UpcastStep } from './core/upcast';

export const EventType = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/, 'must be 1 to 200 of letters, digits, dot, _, : and -')
  .meta({ example: 'order.placed' });

const Name = z.string().min(1).max(100);
const Pointer = z.string().max(500);
const Step: z.ZodType<UpcastStep> = z
  .discriminatedUnion('op', [
    z.strictObject({ op: z.enum(['move', 'copy']), from: Pointer, path: Pointer }),
    z.strictObject({ op: z.literal('add'), path: Pointer, value: z.unknown() }),
    z.strictObject({ op: z.literal('remove'), path: Pointer }),
  ])
  .superRefine((step, context) => {
    const fault = upcastFault(step);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['path'], message: fault });
  });

const FieldPath = z
  .string()
  .max(500)
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'must be a path such as customer.email');

/** What `PUT /v1/contracts/{type}` takes. */
export const ContractSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  owner: Name,
  steward: Name.optional(),
  enforcement: z.enum(ENFORCEMENTS),
  compatibility: z.enum(COMPATIBILITY_MODES).default('backward'),
  schema: z
    .union([z.boolean(), z.record(z.string(), z.unknown())])
    .describe('JSON Schema 2020-12 of the data of an event.'),
  fields: z.record(FieldPath, z.strictObject({ class: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/) })).default({}),
  mandatoryTags: z.array(z.string().min(1).max(50)).max(32).default([]),
  nulls: z.enum(NULL_RULES).default('as_schema'),
  upcast: z.array(Step).max(100).default([]),
}) satisfies z.ZodType<ContractDefinition>;

export const ContractAnswer = ContractSchema.extend({
  id: EventType,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});

export const CheckAnswer = z.object({
  compatible: z.boolean(),
  compatibility: z.enum(COMPATIBILITY_MODES),
  comparedWith: z.array(z.int()),
  problems: z.array(
    z.object({
      against: z.int(),
      direction: z.enum(['backward', 'forward']),
      path: z.string(),
      reason: z.string(),
    }),
  ),
});
