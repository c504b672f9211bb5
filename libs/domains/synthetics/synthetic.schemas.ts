import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { parseInstant } from '@holdfast/kernel';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import type { SyntheticDefinition } from './core/synthetic';

const DAY = 86_400;
/** Of `data`, as JSON. */
const MOST_DATA = 10_000;

export const SyntheticId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'order-path' });
export const HeartbeatId = SyntheticId.meta({ example: 'nightly-export' });
const Stage = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, dot, _ and -');

/** What both kinds of documents say of who is told. */
export const told = {
  owner: z.string().min(1).max(100).describe('Who answers for it.'),
  runbook: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional()
    .describe('Where it says what to do.'),
  escalationPolicy: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  severity: z.enum(['critical', 'error', 'warning', 'info']).default('critical'),
  enabled: z.boolean().default(true),
} as const;

/** What `PUT /v1/synthetic-transactions/{id}` takes. */
export const SyntheticSchema = z
  .strictObject({
    description: z.string().max(2_000).optional(),
    process: ProcessId,
    send: z
      .array(Stage)
      .min(1)
      .max(20)
      .describe('Stages at which Holdfast tells of the probe itself, through `POST /v1/events`.'),
    expect: z
      .array(z.strictObject({ stage: Stage, withinSeconds: z.int().min(1).max(DAY) }))
      .max(20)
      .default([])
      .describe(
        'Stages at which systems are to pass it on, in their order. Seconds are from the beginning of the probe.',
      ),
    readableWithinSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(30)
      .describe('How soon what was sent has to be taken and readable.'),
    everySeconds: z.int().min(10).max(DAY).default(300),
    failuresBeforeAlert: z.int().min(1).max(100).default(2).describe('So many in a row.'),
    type: z
      .string()
      .min(1)
      .max(200)
      .default('synthetic-probe')
      .describe('Type of the events; its contract has to take `data`.'),
    data: z
      .record(z.string().max(200), z.unknown())
      .refine((data) => JSON.stringify(data).length <= MOST_DATA, `must be ${MOST_DATA} characters of JSON at most`)
      .default({})
      .describe('Data of the events: nothing of a person.'),
    ...told,
  })
  .superRefine(({ send, expect, readableWithinSeconds, everySeconds }, context) => {
    const wrong = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (new Set(send).size < send.length) wrong(['send'], 'must name each stage once');
    if (readableWithinSeconds >= everySeconds)
      wrong(['readableWithinSeconds'], 'must be less than everySeconds: one probe ends before the next begins');
    const before = new Set(send);
    for (const [index, { stage, withinSeconds }] of expect.entries()) {
      if (before.has(stage)) wrong(['expect', index, 'stage'], 'is named before');
      before.add(stage);
      if (withinSeconds >= everySeconds)
        wrong(
          ['expect', index, 'withinSeconds'],
          'must be less than everySeconds: one probe ends before the next begins',
        );
    }
  }) satisfies z.ZodType<SyntheticDefinition>;

const time = z.iso.datetime();
export const changed = { version: z.int(), changedBy: z.string(), changedAt: time };
export const SyntheticAnswer = z.object({ id: SyntheticId, ...SyntheticSchema.shape, ...changed });
export const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
export const ProbeQuery = ListQuery.extend({
  before: z
    .string()
    .transform((text, context) => {
      const found = parseInstant(text);
      if (found === undefined || found < 0 || found > 7_258_118_400_000_000)
        context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset' });
      return found ?? 0;
    })
    .optional(),
});

const ProbeAnswerShape = {
  at: time,
  version: z.int(),
  process: z.string(),
  key: z.string().describe('The business key of its events.'),
  state: z.enum(['under_way', 'passed', 'broken']),
  stage: z.string().nullable().describe('At which it broke.'),
  hop: z.string().nullable(),
  fault: z
    .string()
    .nullable()
    .describe(
      'not_passed_on, passed_on_late, mark_lost, not_readable, intake_… or reading_… with why the call failed.',
    ),
  tookMs: z.record(z.string(), z.number()).describe('Milliseconds until it was received, by stage.'),
};
export const ProbeAnswer = z.object(ProbeAnswerShape);
export const StatusAnswer = z.object({
  id: SyntheticId,
  failuresInARow: z.int(),
  failingSince: time.nullable(),
  alert: z.string().nullable().describe('Id of the alert, where there were enough failures for one.'),
  last: ProbeAnswer.nullable(),
});
