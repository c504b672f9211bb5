import { z } from 'zod';
import { RETENTION_CLASSES, type ProcessDefinition, type RetentionClass } from './core/process';

export const ProcessId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'order-to-cash' });

const StageId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, dot, _ and -');
const Tolerance = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('absolute'), by: z.number().positive() }),
  z.strictObject({ kind: z.literal('relative'), by: z.number().positive().max(1) }),
  z.strictObject({ kind: z.literal('time'), seconds: z.number().positive() }),
  z.strictObject({ kind: z.literal('case') }),
]);
const Field = z.strictObject({
  name: z
    .string()
    .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'must be a path such as total.amount')
    .max(200),
  tolerance: Tolerance.optional(),
});

/** Classes whose records are never sampled out. */
const KEPT_WHOLE: ReadonlySet<RetentionClass> = new Set(['financial', 'audit']);

const distinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

const Stage = z
  .strictObject({
    id: StageId,
    role: z.enum(['source', 'integration', 'target', 'observer']),
    sampleRate: z
      .number()
      .positive()
      .max(1)
      .optional()
      .describe('Of an observer: the share of its events that is kept, by correlation id.'),
  })
  .refine(({ role, sampleRate }) => sampleRate === undefined || role === 'observer', {
    path: ['sampleRate'],
    error: 'only of observers: what is compared must be there whole',
  });

/** What `PUT /v1/processes/{id}` takes. */
export const ProcessDefinitionSchema = z
  .strictObject({
    description: z.string().max(2_000).optional(),
    stages: z
      .array(Stage)
      .max(16)
      .refine(
        (stages) => stages.filter(({ role }) => role !== 'observer').length >= 2,
        'a process has two stages or more that are compared',
      )
      .refine((stages) => distinct(stages.map(({ id }) => id)), 'stages must differ'),
    fields: z
      .array(Field)
      .max(32)
      .refine((fields) => distinct(fields.map(({ name }) => name)), 'fields must differ')
      .default([]),
    cardinality: z.enum(['1:1', '1:n']).default('1:1'),
    graceSeconds: z
      .int()
      .min(0)
      .max(31 * 86_400)
      .default(900),
    window: z
      .strictObject({
        seconds: z
          .int()
          .min(60)
          .max(31 * 86_400)
          .multipleOf(60, 'windows are whole minutes'),
        scheduled: z.boolean().default(false),
      })
      .default({ seconds: 3600, scheduled: false }),
    retentionClass: z
      .enum(RETENTION_CLASSES)
      .default('standard')
      .describe(
        'The class that records are stored in from now on; tests, probes and quarantined records have their own.',
      ),
    escalationPolicy: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .optional(),
    resolveWithinSeconds: z
      .int()
      .min(60)
      .max(366 * 86_400)
      .optional()
      .describe('How long after its grace a window may be left open until that itself is escalated.'),
    fourEyes: z
      .strictObject({
        approveWithinSeconds: z
          .int()
          .min(60)
          .max(90 * 86_400)
          .default(7 * 86_400),
      })
      .optional()
      .describe('Decisions of people take effect when somebody else has approved them in time.'),
  })
  .refine(
    ({ resolveWithinSeconds, escalationPolicy }) =>
      resolveWithinSeconds === undefined || escalationPolicy !== undefined,
    { path: ['resolveWithinSeconds'], error: 'needs an escalationPolicy: nobody would be paged' },
  )
  .refine(
    ({ retentionClass, stages }) =>
      !KEPT_WHOLE.has(retentionClass) || stages.every(({ sampleRate }) => sampleRate === undefined),
    {
      path: ['stages'],
      error: 'no sampleRate in a process whose retentionClass is financial or audit: its records are kept whole',
    },
  ) satisfies z.ZodType<ProcessDefinition>;
