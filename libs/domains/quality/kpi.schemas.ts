import { type Micros, parseInstant } from '@holdfast/kernel';
import { z } from 'zod';
import { HOUR } from './core/kpi';

const WholeHour = z
  .string()
  .transform((text, context): Micros => {
    const found = parseInstant(text);
    if (found === undefined)
      context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset' });
    return found ?? 0;
  })
  .refine((at) => at % HOUR === 0, 'must be a whole hour of UTC')
  .refine((at) => at >= 946_684_800_000_000, 'must not be before the year 2000');
const MOST_DAYS = 400;

/** What `GET /v1/processes/{id}/kpis` takes. */
export const KpiQuery = z
  .strictObject({
    from: WholeHour.optional().describe('First hour of arrival; a day before `to` where it is not given.'),
    to: WholeHour.optional().describe(
      'Behind the last hour; the end of the hour that was measured last where it is not given.',
    ),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be after from',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || to - from <= MOST_DAYS * 24 * HOUR, {
    path: ['to'],
    error: `must be at most ${MOST_DAYS} days after from`,
  });

const Percentiles = z.object({ p50: z.number(), p75: z.number(), p90: z.number(), p95: z.number(), p99: z.number() });
const Times = {
  keys: z.int(),
  reversed: z
    .int()
    .describe('Of them those whose later stage is stamped before the earlier one: clocks differ. They count as 0 s.'),
  seconds: Percentiles.nullable().describe('Within 1% of each; null for no keys.'),
};
export const KpiAnswer = z.object({
  process: z.string(),
  from: z.string(),
  to: z.string(),
  asOf: z.string().nullable().describe('What was received until then is measured; null before the first time.'),
  isComplete: z.boolean().describe('Whether all of the period is measured.'),
  cycleTime: z
    .object(Times)
    .describe('From the first compared stage to the last, of keys that had come to both in the period.'),
  leadTimes: z.array(z.object({ from: z.string(), to: z.string(), ...Times })),
  throughput: z.object({
    keys: z.int().describe('That came to the end in the period.'),
    perHour: Percentiles.nullable().describe('Over the hours that are measured whole, also those without any.'),
  }),
  successRate: z
    .object({ keys: z.int(), reached: z.int(), rate: z.number().nullable() })
    .describe('Of keys that came to the first stage in the period, those that have come to the last until now.'),
  backlog: z
    .array(
      z.object({
        from: z.string(),
        to: z.string(),
        keys: z.int(),
        oldestSeconds: z.int().nullable(),
        ageSeconds: Percentiles.nullable().describe('To the hour.'),
        byAge: z.object({ hour: z.int(), fourHours: z.int(), day: z.int(), week: z.int(), older: z.int() }),
      }),
    )
    .describe('Keys at a stage that have not come to the next, as of asOf; of the last 400 days.'),
  resolutionLatency: z
    .object({
      resolved: z.int(),
      open: z.int().describe('Windows that have gaps at the end of the period.'),
      seconds: Percentiles.nullable(),
    })
    .describe('From the first verdict with gaps to healed or accepted, of windows that were in the period. Exact.'),
});
