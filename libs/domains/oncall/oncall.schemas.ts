import { parseInstant } from '@holdfast/kernel';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { DAY } from './core/wall-time';
import { PersonId } from './person.schemas';
import { LONGEST_DAYS, ScheduleId } from './schedule.schemas';

const SECOND = 1_000_000;
/** The longest span that is asked for at once. */
const MOST_DAYS = 370;
const YEARS = { first: Date.UTC(2000, 0, 1) * 1000, end: Date.UTC(2200, 0, 1) * 1000 };

/** Whole seconds: calendars know nothing finer. */
const Instant = z.string().transform((text, context) => {
  const found = parseInstant(text);
  const wrong =
    found === undefined
      ? 'must be an RFC 3339 date-time with an offset'
      : found % SECOND !== 0
        ? 'must be a whole second'
        : found < YEARS.first || found >= YEARS.end
          ? 'must be from 2000 to 2199'
          : undefined;
  if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
  return found ?? 0;
});
type Bounds = { readonly from?: number | undefined; readonly to?: number | undefined };
const inOrder = ({ from, to }: Bounds): boolean => from === undefined || to === undefined || from < to;
const isShort =
  (days: number) =>
  ({ from, to }: Bounds): boolean =>
    from === undefined || to === undefined || to - from <= days * DAY;
const AFTER = { path: ['to'], error: 'must be after from' };

export const SpanQuery = z
  .strictObject({ from: Instant, to: Instant })
  .refine(inOrder, AFTER)
  .refine(isShort(MOST_DAYS), { path: ['to'], error: `must be ${MOST_DAYS} days after from at most` });

export const CalendarQuery = z
  .strictObject({
    from: Instant.optional().describe('30 days ago where it is not given, or 150 days before to.'),
    to: Instant.optional().describe('150 days after from where it is not given.'),
  })
  .refine(inOrder, AFTER)
  .refine(isShort(MOST_DAYS), { path: ['to'], error: `must be ${MOST_DAYS} days after from at most` });

export const OnCallQuery = z.strictObject({
  at: Instant.optional().describe('Now where it is not given.'),
  schedule: ScheduleId.optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});
export const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });

/** What `POST /v1/on-call-schedules/{id}/overrides` takes. */
export const OverrideSchema = z
  .strictObject({
    person: PersonId,
    from: Instant.optional().describe('From now on where it is not given.'),
    to: Instant,
    reason: z.string().min(1).max(1_000),
  })
  .refine(inOrder, AFTER)
  .refine(isShort(LONGEST_DAYS), { path: ['to'], error: `must be ${LONGEST_DAYS} days after from at most` });

const time = z.iso.datetime();
const span = { from: time, to: time };
export const OnCallAnswer = z.object({
  schedule: ScheduleId,
  at: time,
  person: PersonId.nullable().describe('Null in a gap.'),
  until: time.nullable().describe('When that ends: the shift, or the gap. Null where it lasts for more than 31 days.'),
  next: PersonId.nullable().describe('Who has it then; null where nobody has, or until is null.'),
  layer: z.string().nullable(),
  override: z.string().nullable(),
});
export const Shifts = z.object({ items: z.array(z.object({ ...span, person: PersonId })) });
export const Gaps = z.object({ items: z.array(z.object(span)) });
export const OverrideAnswer = z.object({
  id: z.string(),
  schedule: ScheduleId,
  person: PersonId,
  ...span,
  reason: z.string(),
  by: z.string(),
  at: time,
  withdrawn: z.object({ by: z.string(), at: time }).nullable(),
});
const seconds = z.number().describe('Seconds.');
export const Fairness = z.object({
  ...span,
  items: z.array(
    z.object({
      person: PersonId,
      shifts: z.int(),
      total: seconds,
      business: seconds,
      off: seconds.describe('Seconds of workdays outside business and sleep hours.'),
      sleep: seconds.describe('Seconds of sleep hours of any day.'),
      weekend: seconds.describe('Seconds awake on days without business hours.'),
    }),
  ),
  gapSeconds: seconds,
});
