import { isTimeZone } from '@holdfast/platform/calendar';
import { z } from 'zod';
import {
  CARDINALITIES,
  DUPLICATE_POLICIES,
  FIELD_RANKS,
  NORMALISATIONS,
  NULL_POLICIES,
  RETENTION_CLASSES,
  type ProcessDefinition,
  type RetentionClass,
} from './core/process';
import { topologyFault } from './core/topology';

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
const Path = z
  .string()
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'must be a path such as total.amount')
  .max(200);
const PlainPath = z
  .string()
  .regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, 'must be a path of plain names such as total.amount')
  .max(200);
const FieldAtStage = z.strictObject({
  path: Path,
  minorUnits: z
    .union([z.int().min(0).max(6), z.strictObject({ currency: Path })])
    .optional()
    .describe('Digits of the minor unit that the stage says amounts in, or where its currency stands (ISO 4217).'),
});
const Field = z.strictObject({
  name: Path,
  at: z
    .record(StageId, FieldAtStage)
    .optional()
    .describe('Stages that say it elsewhere or in minor units; `[].` in a path stands for each element of a list.'),
  compare: z
    .enum(['each', 'sum'])
    .optional()
    .describe('Whether each event must agree, or the sum over all events of a key.'),
  normalise: z.array(z.enum(NORMALISATIONS)).max(NORMALISATIONS.length).optional(),
  decimals: z.int().min(0).max(12).optional().describe('Numbers are rounded to so many decimals, halves away from 0.'),
  tolerance: Tolerance.optional(),
  nulls: z.enum(NULL_POLICIES).optional(),
  rank: z.enum(FIELD_RANKS).optional(),
});
const Hop = z.strictObject({
  from: z.array(StageId).min(1).max(8),
  to: z.array(StageId).min(1).max(8),
  cardinality: z.enum(CARDINALITIES).default('1:1'),
});

/** Classes whose records are never sampled out. */
const KEPT_WHOLE: ReadonlySet<RetentionClass> = new Set(['financial', 'audit']);

const isOfTexts = (kind: string | undefined): boolean => kind === 'case' || kind === 'time';
const distinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

const Stage = z
  .strictObject({
    id: StageId,
    role: z.enum(['source', 'integration', 'target', 'observer']),
    system: z.string().trim().min(1).max(100).optional().describe('The system that the stage stands in.'),
    keys: z
      .string()
      .regex(/^[^.\s[\]]+(\.[^.\s[\]]+)*(\[\](\.[^.\s[\]]+)+)?$/, 'must be a path such as orders or lines[].order')
      .max(200)
      .optional()
      .describe('Where its events name their business keys, when these are several: each is a record of its own.'),
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

const Length = z
  .int()
  .min(60)
  .max(31 * 86_400)
  .multipleOf(60, 'windows are whole minutes');
const Calendar = z.strictObject({
  unit: z.enum(['day', 'week', 'month', 'business-day']),
  zone: z.string().refine(isTimeZone, 'must be a zone of the IANA database, such as Europe/Berlin'),
  startsAt: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
    .optional(),
  holidays: z.array(z.iso.date()).max(1_000).optional(),
  weekend: z.array(z.int().min(1).max(7)).max(6).optional().describe('Days that are no business days; Monday is 1.'),
});
const Window = z
  .strictObject({
    seconds: Length.optional(),
    every: Length.optional().describe('Sliding windows: one of `seconds` ends every so many seconds.'),
    calendar: Calendar.optional(),
    opensOn: z
      .strictObject({ stage: StageId, type: z.string().min(1).max(200) })
      .optional()
      .describe('From one event of this type, the end of a batch, to the next; its stage is an observer.'),
    scheduled: z.boolean().default(false),
  })
  .refine(
    ({ seconds, calendar, opensOn }) => [seconds, calendar, opensOn].filter((one) => one !== undefined).length === 1,
    { path: ['seconds'], error: 'give one of seconds, calendar and opensOn' },
  )
  .refine(({ seconds, every }) => every === undefined || (seconds !== undefined && every < seconds), {
    path: ['every'],
    error: 'must be shorter than seconds: windows that slide share time',
  })
  .refine(({ calendar }) => !calendar || calendar.unit === 'business-day' || !(calendar.holidays ?? calendar.weekend), {
    path: ['calendar'],
    error: 'only business days have holidays and weekends',
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
    cardinality: z.enum(CARDINALITIES).default('1:1'),
    hops: z
      .array(Hop)
      .min(1)
      .max(32)
      .optional()
      .describe('Where facts go from and to. Without them: each stage to the next one, by the cardinality.'),
    duplicates: z.enum(DUPLICATE_POLICIES).optional(),
    graceSeconds: z
      .int()
      .min(0)
      .max(31 * 86_400)
      .default(900),
    window: Window.default({ seconds: 3600, scheduled: false }),
    watermark: z
      .strictObject({
        idleSeconds: z
          .int()
          .min(1)
          .max(31 * 86_400)
          .describe('Each source of a stage is waited for, but those that have sent nothing for so long.'),
      })
      .optional(),
    budget: z
      .strictObject({
        seconds: z.number().positive().max(21_600).optional(),
        rows: z.int().positive().optional(),
        bytes: z.int().positive().optional(),
        discrepancies: z.int().positive().optional(),
      })
      .optional()
      .describe('What a judgement may take; what it does not come to is undecided, and holds the window open.'),
    retentionClass: z
      .enum(RETENTION_CLASSES)
      .default('standard')
      .describe(
        'The class that records are stored in from now on; tests, probes and quarantined records have their own.',
      ),
    records: z
      .strictObject({
        severity: z.string().min(1).max(100).optional(),
        environment: z.string().min(1).max(100).optional(),
        region: z.string().min(1).max(100).optional(),
      })
      .optional()
      .describe('What holds of its records that have no attribute of the name: retention policies go by it.'),
    owner: z.string().min(1).max(100).optional().describe('Who answers for the process; shown in pages.'),
    runbook: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .describe('Where it says what to do about gaps; linked in pages.'),
    value: z
      .strictObject({ amount: PlainPath, currency: PlainPath })
      .optional()
      .describe('Where its events say what a case is worth, so that pages say what is at stake.'),
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
  .superRefine((process, context) => {
    const fault = topologyFault(process);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['hops'], message: fault });
    const stages = process.stages.map(({ id }) => id);
    const { opensOn } = process.window;
    const teller = process.stages.find(({ id }) => id === opensOn?.stage);
    if (teller?.sampleRate !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['window', 'opensOn', 'stage'],
        message: 'must be kept whole: an end of a batch that is left out makes two batches one',
      });
    if (opensOn && teller?.role !== 'observer')
      context.addIssue({
        code: 'custom',
        path: ['window', 'opensOn', 'stage'],
        message: 'must be a stage of the process that observes: the end of a batch is no business fact',
      });
    process.fields.forEach(({ at = {}, compare, nulls, normalise, tolerance }, index) => {
      const stranger = Object.keys(at).find((id) => !stages.includes(id));
      if (stranger !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['fields', index, 'at', stranger],
          message: 'is no stage of the process',
        });
      if (compare === 'sum' && (normalise?.includes('lower-case') || isOfTexts(tolerance?.kind)))
        context.addIssue({ code: 'custom', path: ['fields', index, 'compare'], message: 'only numbers have a sum' });
      if (compare === 'sum' && nulls === 'ignored')
        context.addIssue({
          code: 'custom',
          path: ['fields', index, 'nulls'],
          message: 'a sum leaves out what is null in any case: equal or differs',
        });
    });
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
