import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { FINDING_KINDS } from '@holdfast/domains/findings/core/kinds';
import { z } from 'zod';
import {
  DIMENSIONS,
  type Metric,
  OUTCOMES,
  type Percentile,
  PERCENTILES,
  type RuleDefinition,
  STATUSES,
} from './core/rule';

export const RuleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'failed-orders' });
const DocumentId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const DAY = 86_400;
/** Windows and ages are of whole grains. */
const grains = (least: number, most: number) => z.int().min(least).max(most).multipleOf(15, 'must be a multiple of 15');

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
const Severity = z.enum(SEVERITIES);
const Name = z.string().min(1).max(200);
const Selection = z.strictObject({
  process: ProcessId.optional(),
  stage: Name.optional(),
  system: Name.optional().describe('As stages of the process name it.'),
  source: Name.optional(),
  type: Name.optional(),
  status: z.enum(STATUSES).optional(),
  outcome: z.enum(OUTCOMES).optional().describe('stored where it is not given.'),
});
const by = z
  .array(z.enum(DIMENSIONS))
  .max(2, 'at most two')
  .refine((names) => new Set(names).size === names.length, 'must not name one twice')
  .default([])
  .describe('A series for each value, or pair of values.');
const byProcess = z.array(z.literal('process')).max(1).default([]);
const Percentiles = z.literal(PERCENTILES) satisfies z.ZodType<Percentile>;
const events = Selection.default({}).describe('Which records count; all where nothing is said.');
const ofKeys = { process: ProcessId, from: Name, to: Name };

const MetricSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('rate'), events, by }),
    z.strictObject({ kind: z.literal('ratio'), events, of: Selection, by }),
    z.strictObject({ kind: z.literal('change'), events, by }),
    z.strictObject({ kind: z.literal('freshness'), events, by }),
    z.strictObject({
      kind: z.literal('percentile'),
      field: z.string().regex(/^[^.\s]{1,100}(\.[^.\s]{1,100}){0,9}$/, 'must be a path of names, such as total.amount'),
      percentile: Percentiles,
      events,
      by,
    }),
    z.strictObject({
      kind: z.literal('duration'),
      ...ofKeys,
      percentile: Percentiles,
      withinSeconds: grains(15, 7 * DAY)
        .default(3_600)
        .describe('How far before the window keys are looked for at the first stage.'),
    }),
    z.strictObject({ kind: z.literal('backlog'), ...ofKeys, olderThanSeconds: grains(0, 7 * DAY).default(0) }),
    z.strictObject({
      kind: z.literal('verdict'),
      counts: z.enum(['discrepancies', 'windows']).default('discrepancies'),
      process: ProcessId.optional(),
      by: byProcess,
    }),
    z.strictObject({
      kind: z.literal('findings'),
      finding: z.enum(FINDING_KINDS).optional(),
      process: ProcessId.optional(),
      by: byProcess,
    }),
    z.strictObject({
      kind: z.literal('budget'),
      objective: DocumentId,
      shows: z.enum(['burn-rate', 'left']).default('burn-rate'),
    }),
  ])
  .superRefine((metric, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if ('from' in metric && metric.from === metric.to) issue(['to'], 'must be another stage than from');
    if (metric.kind !== 'percentile') return;
    if (metric.by.includes('system')) issue(['by'], 'cannot tell numbers apart by system; use stage');
    if (metric.events.system !== undefined) issue(['events', 'system'], 'cannot select numbers; use stage');
    if ((metric.events.outcome ?? 'stored') !== 'stored')
      issue(['events', 'outcome'], 'must be stored: nothing else has data');
  }) satisfies z.ZodType<Metric>;

const bands = (at: z.ZodNumber) =>
  z
    .array(z.strictObject({ severity: Severity, at }))
    .min(1, 'has no band: nothing would ever fire')
    .max(4)
    .refine((all) => new Set(all.map(({ severity }) => severity)).size === all.length, 'names a severity twice');
const weeks = z.int().min(2).max(26);
const Condition = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('threshold'),
      is: z.enum(['above', 'below']),
      bands: bands(z.number()),
      clear: z.number().optional().describe('What fires goes on until the value has come back so far.'),
    }),
    z.strictObject({
      kind: z.literal('baseline'),
      is: z.enum(['above', 'below', 'either']),
      bands: bands(z.number().min(1).max(100)).describe(
        'In robust standard deviations from the median of the same hour of past weeks.',
      ),
      clear: z.number().min(0).max(100).optional(),
      historyWeeks: weeks.default(8),
      minimumWeeks: weeks.default(3),
    }),
  ])
  .superRefine((when, context) => {
    const falls = when.kind === 'threshold' && when.is === 'below';
    const levels = when.bands.map(({ at }) => (falls ? -at : at));
    const worst = SEVERITIES.toReversed();
    const inOrder = when.bands
      .map(({ severity, at }) => ({ rank: worst.indexOf(severity), at: falls ? -at : at }))
      .toSorted((a, b) => a.rank - b.rank);
    if (inOrder.some(({ at }, i) => i > 0 && at <= inOrder[i - 1]!.at))
      context.addIssue({ code: 'custom', path: ['bands'], message: 'a worse severity must be further away' });
    if (when.clear !== undefined && (falls ? -when.clear : when.clear) > Math.min(...levels))
      context.addIssue({ code: 'custom', path: ['clear'], message: 'must not be beyond the first band' });
    if (when.kind === 'baseline' && when.minimumWeeks > when.historyWeeks)
      context.addIssue({ code: 'custom', path: ['minimumWeeks'], message: 'must not be above historyWeeks' });
  });

const Absent = z.strictObject({
  policy: z
    .enum(['alert', 'keep', 'ok'])
    .describe('alert: fires; keep: what fires goes on, nothing begins; ok: as if it were well.'),
  afterSeconds: z
    .int()
    .min(0)
    .max(7 * DAY)
    .default(300),
  severity: Severity.default('warning'),
});
const isHttps = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 'https:';

/** What `PUT /v1/alert-rules/{id}` takes. */
export const RuleSchema = z
  .strictObject({
    description: z.string().max(2_000).optional(),
    metric: MetricSchema,
    windowSeconds: grains(15, 7 * DAY).describe(
      'What is measured is measured over this time before an instant. Of backlog and freshness: how far back they look.',
    ),
    when: Condition,
    forSeconds: z
      .int()
      .min(0)
      .max(7 * DAY)
      .default(0),
    keepFiringSeconds: z
      .int()
      .min(0)
      .max(7 * DAY)
      .default(0),
    absent: Absent.default({ policy: 'keep', afterSeconds: 300, severity: 'warning' }),
    labels: z
      .record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/), z.string().min(1).max(200))
      .refine((labels) => Object.keys(labels).length <= 20, 'at most 20')
      .default({}),
    owner: z.string().min(1).max(100).optional(),
    runbook: z.string().max(1_000).refine(isHttps, 'must be an https address').optional(),
    escalationPolicy: DocumentId.optional().describe('Who is told; nobody where it is not given.'),
    enabled: z.boolean().default(true),
  })
  .superRefine(({ metric, windowSeconds, when }, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (metric.kind === 'backlog' && metric.olderThanSeconds >= windowSeconds)
      issue(['metric', 'olderThanSeconds'], 'must be below windowSeconds, which is how far back keys are looked for');
    if (metric.kind !== 'freshness' || when.kind !== 'threshold') return;
    when.bands.forEach(({ at }, i) => {
      if (at >= windowSeconds)
        issue(['when', 'bands', i, 'at'], 'must be below windowSeconds: what is older is not found, and absent');
    });
  }) satisfies z.ZodType<RuleDefinition>;

export const RuleAnswer = z.object({
  id: RuleId,
  version: z.int(),
  ...RuleSchema.shape,
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
