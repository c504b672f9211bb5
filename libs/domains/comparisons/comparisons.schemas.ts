import { isTimeZone } from '@holdfast/platform/calendar';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { type ComparisonDefinition, DUPLICATE_POLICIES, METHODS, NULL_POLICIES, OPERATORS } from './core/comparison';
import { FILE_FORMATS, PROFILED_STORES } from './core/data-set';
import { leavesItsAddress } from './core/http-path';
import { COMPARISON_STATES, type ComparisonDocument } from './core/run';

export const DefinitionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'orders-shop-erp' });

const name = z.string().min(1).max(256);
const connection = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/)
  .describe('Name of a connection that the operator configured; never an address.');
const path = z.string().min(1).max(1_000);
const format = z.enum(FILE_FORMATS).exactOptional();
const table = { connection, schema: name.exactOptional(), table: name };
/** What git takes as a revision, and never as an option. */
const Ref = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][\w./@^~+-]*$/, 'must be a branch, a tag or a commit');
const inTree = z
  .string()
  .max(500)
  .regex(/^[^/\0][^\0]*$/, 'must be a path inside the repository');

const belowAddress = path.superRefine((text, context) => {
  const message = leavesItsAddress(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

export const DataSetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('postgresql'), ...table }),
  z.strictObject({ kind: z.literal('mysql'), ...table }),
  z.strictObject({ kind: z.literal('clickhouse'), ...table }),
  z.strictObject({ kind: z.literal('file'), connection, path, format }),
  z.strictObject({ kind: z.literal('http'), connection, path: belowAddress.exactOptional(), format }),
  z.strictObject({
    ...{ kind: z.literal('git'), connection, ref: Ref, folder: inTree.exactOptional() },
    pattern: inTree.exactOptional().describe('Of paths below the folder: `*`, `**` over folders, `?`.'),
    members: z.array(name).max(50).exactOptional().describe('Top-level members of YAML and JSON files, as columns.'),
  }),
  z.strictObject({
    ...{ kind: z.literal('profile'), store: z.enum(PROFILED_STORES), ...table },
    columns: z.array(name).min(1).max(500).exactOptional(),
    distinctUpTo: z.int().min(1).max(10_000_000).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('archive'), connection, path, manifest: path.exactOptional() }),
]);

const ColumnPair = z.strictObject({ name, source: name.exactOptional(), target: name.exactOptional() });
const Tolerance = z.strictObject({
  absolute: z.number().min(0).exactOptional(),
  relative: z.number().min(0).max(1).exactOptional(),
  timeMicros: z.int().min(0).exactOptional(),
  ignoreCase: z.boolean().exactOptional(),
  trim: z.boolean().exactOptional(),
});
const value = z.union([z.string().max(4_000), z.number(), z.boolean()]);
const Condition = z.strictObject({
  column: ColumnPair,
  operator: z.enum(OPERATORS),
  value: z.union([value, z.array(value).min(1).max(1_000)]).exactOptional(),
});
/** Without limits of its own a comparison has these: it is somebody else's store that is read. */
const Budget = z
  .strictObject({
    seconds: z.number().positive().max(86_400).default(21_600),
    rows: z.int().positive().exactOptional(),
    bytes: z.int().positive().exactOptional(),
    differences: z.int().positive().max(10_000_000).default(100_000),
  })
  .prefault({});

const compared = {
  source: DataSetSchema,
  target: DataSetSchema,
  key: z.array(ColumnPair).min(1).max(32),
  columns: z
    .array(ColumnPair.extend({ tolerance: Tolerance.exactOptional() }))
    .max(500)
    .exactOptional()
    .describe('All that both sides have by the same name, where it is left out; none compares keys alone.'),
  conditions: z.array(Condition).max(50).exactOptional(),
  sampleShare: z.number().positive().max(1).exactOptional(),
  nulls: z.enum(NULL_POLICIES).exactOptional(),
  duplicates: z.enum(DUPLICATE_POLICIES).exactOptional(),
  budget: Budget,
  method: z.enum(METHODS).exactOptional(),
  recheckAfterSeconds: z.number().min(0).max(3_600).exactOptional(),
};
const InlineDefinition = z.strictObject(compared) satisfies z.ZodType<ComparisonDefinition>;

const Calendar = z
  .strictObject({
    unit: z.enum(['day', 'week', 'month', 'business-day']),
    zone: z.string().refine(isTimeZone, 'must be a zone of the IANA database, such as Europe/Berlin'),
    startsAt: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
      .exactOptional(),
    holidays: z.array(z.iso.date()).max(1_000).exactOptional(),
    weekend: z.array(z.int().min(1).max(7)).max(6).exactOptional(),
  })
  .refine(({ unit, holidays, weekend }) => unit === 'business-day' || !(holidays ?? weekend), {
    path: ['unit'],
    error: 'only business days have holidays and weekends',
  });
const Schedule = z
  .strictObject({
    everySeconds: z
      .int()
      .min(60)
      .max(31 * 86_400)
      .exactOptional(),
    calendar: Calendar.exactOptional(),
  })
  .refine(({ everySeconds, calendar }) => (everySeconds === undefined) !== (calendar === undefined), {
    path: ['everySeconds'],
    error: 'give one of everySeconds and calendar',
  });

/** What `PUT /v1/comparison-definitions/{id}` takes. */
export const ComparisonDocumentSchema = z.strictObject({
  ...compared,
  description: z.string().max(2_000).exactOptional(),
  schedule: Schedule.exactOptional(),
  owner: z.string().trim().min(1).max(200).describe('Who answers for what a scheduled comparison finds.'),
  escalationPolicy: DefinitionId.exactOptional(),
}) satisfies z.ZodType<ComparisonDocument>;

/** What `POST /v1/comparisons` takes. */
export const StartComparison = z
  .strictObject({ definition: DefinitionId.exactOptional(), inline: InlineDefinition.exactOptional() })
  .refine(({ definition, inline }) => (definition === undefined) !== (inline === undefined), {
    path: ['definition'],
    error: 'give one of definition and inline',
  });

export const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
export const ComparisonsQuery = ListQuery.extend({ definition: DefinitionId.optional() });

const Time = z.string();
export const DefinitionAnswer = ComparisonDocumentSchema.extend({
  ...{ id: DefinitionId, version: z.int(), changedBy: z.string(), changedAt: Time },
});

const Counts = z.object({ added: z.int(), removed: z.int(), changed: z.int(), same: z.int() });
const SideAnswer = z.object({
  kind: z.string(),
  stillness: z
    .enum(['snapshot', 'statement', 'file', 'parts', 'none'])
    .describe('What held it still while it was read; parts: it was read on later, when it may have changed.'),
  rows: z.int(),
  changedWhileRead: z.boolean().nullable().describe('null where that cannot be told, or a snapshot hides it.'),
});
export const ComparisonAnswer = z.object({
  id: z.string(),
  definition: z.string().nullable().describe('null where it came with the request.'),
  definitionVersion: z.int().nullable(),
  askedBy: z.string().nullable().describe('null for a schedule.'),
  askedAt: Time,
  state: z.enum(COMPARISON_STATES),
  endedAt: Time.nullable(),
  counts: Counts.describe('While it runs, up to the last segment that was finished.'),
  read: z.object({ rows: z.int(), bytes: z.int(), seconds: z.number() }),
  result: z
    .object({
      isEqual: z.boolean().describe('Everything was compared, and nothing differs.'),
      partial: z.string().nullable().describe('The budget that ended it early; null where everything was compared.'),
      settled: z.int().describe('Differences that were gone when they were read again.'),
      source: SideAnswer,
      target: SideAnswer,
      how: z.object({
        ...{ method: z.string(), because: z.string(), sampleShare: z.number() },
        ...{ key: z.array(z.string()), columns: z.array(z.string()) },
      }),
    })
    .nullable(),
  failure: z.object({ code: z.string(), detail: z.string() }).nullable(),
  differencesKeptUntil: Time.describe('Keys and values are forgotten after that; counts stay.'),
});

const Values = z.record(z.string(), z.string().nullable());
export const DifferenceAnswer = z.object({
  is: z.enum(['added', 'removed', 'changed']).describe('Added: the target alone has it; removed: the source alone.'),
  key: Values,
  source: Values.nullable(),
  target: Values.nullable(),
  columns: z.array(z.string()).describe('Of what changed: the columns that differ.'),
});
