import { parseInstant } from '@holdfast/kernel';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { CAUSES, SERIES_STATES } from './core/series';
import { RuleId, RuleSchema, SEVERITIES } from './rule.schemas';

export const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

const Instant = z.string().transform((text, context) => {
  const found = parseInstant(text);
  if (found === undefined)
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset' });
  return found ?? 0;
});
/** Instants that a backtest looks at. */
export const MOST_INSTANTS = 20_160;
const DAY = 86_400_000_000;
const MOST_DAYS = 92;

const Incident = z
  .strictObject({ name: z.string().min(1).max(200).optional(), from: Instant, to: Instant })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' });

/** What `POST /v1/alert-rules/check` takes. */
export const CheckSchema = z.strictObject({ rule: RuleSchema });

/** What `POST /v1/alert-rules/backtest` takes. */
export const BacktestSchema = z
  .strictObject({
    rule: RuleSchema,
    from: Instant,
    to: Instant.describe('Not after now.'),
    stepSeconds: z
      .int()
      .min(15)
      .max(86_400)
      .multipleOf(15, 'must be a multiple of 15')
      .optional()
      .describe('Between two instants; the least that the span allows where it is not given.'),
    incidents: z.array(Incident).max(1_000).default([]),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' })
  .refine(({ from, to }) => to - from <= MOST_DAYS * DAY, {
    path: ['to'],
    error: `must be ${MOST_DAYS} days after from at most`,
  })
  .refine(({ from, to, stepSeconds = 86_400 }) => (to - from) / (stepSeconds * 1_000_000) <= MOST_INSTANTS, {
    path: ['stepSeconds'],
    error: `is too short for the span: a backtest looks at ${MOST_INSTANTS} instants at most`,
  });

const time = z.iso.datetime();
const Expected = z.object({ median: z.number(), deviation: z.number() }).nullable();
const dimensions = z.record(z.string(), z.string());
const firing = {
  cause: z.enum(CAUSES),
  severity: z.enum(SEVERITIES),
  begun: time.describe('Since when it had been so.'),
};

const SeriesAnswer = z.object({
  series: dimensions,
  state: z.enum(SERIES_STATES),
  since: time,
  value: z.number().nullable(),
  expected: Expected,
  fault: z.string().nullable(),
  alert: z.object({ id: z.string(), since: time, ...firing }).nullable(),
});
export const StateAnswer = z.object({
  rule: RuleId,
  evaluatedAt: time.nullable().describe('Null where it was never evaluated, or is not enabled.'),
  lateSeconds: z
    .number()
    .nullable()
    .describe(
      'How much later than configured rounds come, in whole steps; 0 while they keep up, null before the first one.',
    ),
  items: z.array(SeriesAnswer),
});
export const CheckAnswer = z.object({
  at: time,
  items: z.array(
    z.object({
      series: dimensions,
      state: z.enum(SERIES_STATES).describe('What it would be at once: as if it had been so for long enough.'),
      value: z.number().nullable(),
      expected: Expected,
      fault: z.string().nullable(),
      severity: z.enum(SEVERITIES).nullable(),
    }),
  ),
});
export const BacktestAnswer = z.object({
  from: time,
  to: time,
  stepSeconds: z.int(),
  instants: z.int(),
  series: z.int(),
  firings: z.array(
    z.object({
      series: dimensions,
      ...firing,
      from: time,
      to: time.nullable().describe('Null where it fires at the end.'),
      seconds: z.number(),
    }),
  ),
  firingSeconds: z.number(),
  incidents: z.array(
    z.object({
      name: z.string().nullable(),
      from: time,
      to: time,
      firedAt: time.nullable(),
      delaySeconds: z.number().nullable(),
    }),
  ),
  precision: z.number().nullable().describe('Firings that share time with an incident, of all firings.'),
  recall: z.number().nullable().describe('Incidents that share time with a firing, of all incidents.'),
});
