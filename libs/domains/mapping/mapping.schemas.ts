import { z } from 'zod';
import { CONVERSIONS } from './core/conversions';
import { COLUMN_TYPES, ENCODINGS, EVENT_FIELDS, type EventField, type MappingDefinition } from './core/mapping';

export const MappingId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'shop-orders' });

const Path = z.string().min(1).max(200);
const Constant = z.union([z.string().max(1_000), z.number(), z.boolean()]);
const Conversion = z.union([z.enum(CONVERSIONS), z.strictObject({ date: z.string().min(2).max(40) })]);
const As = z.array(Conversion).max(8).describe('Conversions, one after the other.');

const Value = z.strictObject({ value: Constant });
const FromPath = z.strictObject({
  path: Path,
  as: As.optional(),
  choose: z
    .record(z.string().max(200), Constant)
    .refine((choices) => Object.keys(choices).length <= 200, 'must have at most 200 values')
    .optional()
    .describe(
      'Another value for each that is known. One that is not known takes `default`, or the record is rejected.',
    ),
  default: Constant.optional().describe('Where there is no value.'),
});
const Template = z.strictObject({
  template: z.string().min(3).max(500).describe('Paths in braces: `{BEG.3}-{PO1.1}`.'),
  as: As.optional(),
});
const Hash = z.strictObject({
  hash: z.array(Path).min(1).max(16).describe('Paths whose values together are hashed; for `id` alone.'),
});
const Term = z.union([Value, FromPath, Template, Hash]);

const OneCharacter = z.string().regex(/^[\t -~]$/, 'must be one character of ASCII');
const Segment = z.string().regex(/^[A-Z][A-Z0-9]{1,2}$/, 'must be the tag of a segment');
const Encoding = z.enum(ENCODINGS).default('utf-8');
const parts = { recordSegment: Segment.optional(), summarySegment: Segment.optional() };

const Format = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('csv'),
    delimiter: OneCharacter.default(','),
    quote: OneCharacter.default('"'),
    encoding: Encoding,
    columns: z.array(z.string().min(1).max(200)).min(1).max(1_000).optional(),
  }),
  z.strictObject({
    kind: z.literal('xml'),
    record: Path,
    namespaces: z.record(z.string().regex(/^[\p{L}_][\p{L}\p{N}_.-]{0,63}$/u), z.string().min(1).max(500)).optional(),
  }),
  z.strictObject({ kind: z.literal('x12'), encoding: Encoding, ...parts }),
  z.strictObject({ kind: z.literal('edifact'), ...parts }),
  z.strictObject({
    kind: z.literal('debezium'),
    columns: z
      .record(
        z.string().min(1).max(200),
        z.strictObject({
          type: z.enum(COLUMN_TYPES),
          scale: z.int().min(-100).max(100).optional(),
          length: z.int().min(1).max(4_096).optional(),
        }),
      )
      .optional()
      .describe('Types of columns, for messages that come without their schema.'),
    unavailableValue: z.string().min(1).max(200).default('__debezium_unavailable_value'),
  }),
]);

const Event = z.strictObject(
  Object.fromEntries(EVENT_FIELDS.map((field) => [field, Term.optional()])) as Record<
    EventField,
    z.ZodOptional<typeof Term>
  >,
);
const Target = z
  .string()
  .max(200)
  .regex(/^[^.\s]+(?:\.[^.\s]+){0,7}$/, 'must be a path such as customer.name');

/** What `PUT /v1/mappings/{id}` takes. */
export const MappingSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  format: Format,
  event: Event,
  data: z
    .record(Target, Term)
    .refine((targets) => Object.keys(targets).length <= 500, 'must have at most 500 targets')
    .optional(),
}) satisfies z.ZodType<MappingDefinition>;

export const MappingAnswer = MappingSchema.extend({
  id: MappingId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
