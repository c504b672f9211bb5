import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { pageLimit, pageOf } from '@holdfast/platform/http';
import { z } from 'zod';
import { isTimeZone } from '@holdfast/platform/calendar';
import { DIMENSIONS, OBJECTIVE_STATES, type ObjectiveDefinition } from './core/objective';

export const ObjectiveId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'orders-complete' });
export const PolicyId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

const WEEK = 7 * 86_400;
const seconds = z
  .int()
  .min(60)
  .max(31 * 86_400);
const Promised = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('completeness'),
      withinSeconds: seconds.describe('How soon after it came to the first compared stage a key comes to the last.'),
    })
    .describe('The share of keys that come to the last compared stage in time.'),
  z
    .strictObject({
      kind: z.literal('freshness'),
      stage: z.string().min(1).max(63),
      maxAgeSeconds: z.int().min(10).max(WEEK).describe('How old the newest event of the stage may be.'),
    })
    .describe('The share of time in which the newest event of a stage is no older than that.'),
  z
    .strictObject({ kind: z.literal('accuracy') })
    .describe('The share of events of the first stage whose keys are neither mutated nor duplicate.'),
]);
const Period = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rolling'), days: z.int().min(1).max(92) }),
  z.strictObject({
    kind: z.literal('month'),
    timeZone: z.string().max(64).refine(isTimeZone, 'must be a zone of the IANA database such as Europe/Berlin'),
  }),
]);

/** What `PUT /v1/objectives/{id}` takes. */
export const ObjectiveSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  process: ProcessId,
  promised: Promised,
  target: z
    .number()
    .min(0.5)
    .max(1)
    .refine((share) => Number(share.toFixed(6)) === share, 'must have six decimals at most')
    .describe('A share, such as 0.999. 1 leaves no budget: one that is wrong is a breach.'),
  period: Period.default({ kind: 'rolling', days: 30 }),
  minimumObservations: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(100)
    .describe('Below so many keys, events or minutes (of freshness) the state is insufficient_data.'),
  lookbackHours: z
    .int()
    .min(1)
    .max(31 * 24)
    .default(24)
    .describe('What went on so long is what a projection takes to go on.'),
  warnHours: z
    .int()
    .min(1)
    .max(92 * 24)
    .default(72)
    .describe('A breach that is projected so soon is told.'),
  owner: z.string().min(1).max(100),
  escalationPolicy: PolicyId.optional().describe('Who is paged; nobody where it is not given.'),
  alertOn: z
    .array(z.enum(['breached', 'at_risk']))
    .max(2)
    .default(['breached']),
  enabled: z.boolean().default(true).describe('Whether it is evaluated by itself.'),
}) satisfies z.ZodType<ObjectiveDefinition>;

export const ObjectiveAnswer = ObjectiveSchema.extend({
  id: ObjectiveId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});

export const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

const maybeTime = z.string().nullable();
export const EvaluationAnswer = z.object({
  objective: z.string(),
  version: z.int().describe('Of the objective.'),
  evaluatedAt: z.string(),
  dimension: z.enum(DIMENSIONS),
  state: z.enum(OBJECTIVE_STATES),
  reason: z.string().nullable().describe('Why there is not enough to say: nothing_observed, too_few_observations.'),
  covers: z.object({ from: z.string(), to: z.string() }).describe('The arrivals that it is about.'),
  asOf: z.string().describe('What was received until then is in it.'),
  numerator: z.int(),
  denominator: z.int(),
  unit: z.enum(['keys', 'microseconds', 'events']),
  ratio: z.number().nullable(),
  target: z.number(),
  observations: z.int().describe('Keys, events, or minutes (of freshness).'),
  errorBudgetLeft: z
    .number()
    .nullable()
    .describe('A share: 1 untouched, 0 used up, negative overspent; null for none.'),
  burnRate: z
    .number()
    .nullable()
    .describe('1 uses the budget up in exactly one period. Of what arrived since recentFrom.'),
  recentFrom: z.string(),
  projectedBreach: z.object({ at: z.string(), method: z.string() }).nullable(),
  newestAt: maybeTime.describe('Of freshness: the newest arrival.'),
});
export const EvaluationPage = pageOf(EvaluationAnswer);
