import { type Micros, parseInstant } from '@holdfast/kernel';
import { calendarSpan, isTimeZone } from '@holdfast/platform/calendar';
import { pageLimit, pageOf } from '@holdfast/platform/http';
import { z } from 'zod';
import { SEVERITIES } from './core/alert';
import { PolicyId } from './escalation-policy.schemas';

const DAY: Micros = 86_400_000_000;
/** The longest span that is asked for at once. */
const MOST_DAYS = 370;
const YEARS = { first: Date.UTC(2000, 0, 1) * 1000, end: Date.UTC(2200, 0, 1) * 1000 };

const Instant = z.string().transform((text, context) => {
  const found = parseInstant(text);
  const isKnown = found !== undefined && found >= YEARS.first && found < YEARS.end;
  if (!isKnown)
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset, from 2000 to 2199' });
  return found ?? 0;
});
const spanFields = {
  from: Instant.optional(),
  to: Instant.optional(),
  month: z
    .string()
    .regex(/^2[01]\d\d-(0[1-9]|1[0-2])$/, 'must be a month from 2000 to 2199 such as 2026-11')
    .optional()
    .describe('Instead of from and to.'),
  zone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a zone of the IANA database such as Europe/Berlin')
    .optional()
    .describe('Of the month; UTC where it is not given.'),
  process: z.string().max(200).default(''),
  policy: PolicyId.or(z.literal('')).default(''),
};
type Asked = {
  readonly from?: Micros | undefined;
  readonly to?: Micros | undefined;
  readonly month?: string | undefined;
  readonly zone?: string | undefined;
};

/** Checks that a span is given in one of both ways. */
function checkSpan({ from, to, month, zone }: Asked, context: z.RefinementCtx): void {
  const wrong = (field: keyof Asked, message: string): void =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (month !== undefined) {
    if (from !== undefined || to !== undefined) wrong('month', 'give either month, or from and to');
    return;
  }
  if (zone !== undefined) wrong('zone', 'goes with month');
  if (from === undefined) wrong('from', 'must be given, and to; or month');
  if (to === undefined) wrong('to', 'must be given, and from; or month');
  if (from === undefined || to === undefined) return;
  if (from >= to) wrong('to', 'must be after from');
  else if (to - from > MOST_DAYS * DAY) wrong('to', `must be ${MOST_DAYS} days after from at most`);
}

/** [from, to) of what {@link checkSpan} has let pass. */
function spanOf({ from, to, month, zone = 'UTC' }: Asked): { readonly from: Micros; readonly to: Micros } {
  if (month === undefined) return { from: from!, to: to! };
  const [year, number] = month.split('-').map(Number);
  // The middle of the month is in it, whatever the zone.
  return calendarSpan(Date.UTC(year!, number! - 1, 15) * 1000, { unit: 'month', zone });
}
const measured = <T extends Asked & { readonly process: string; readonly policy: string }>(asked: T) => {
  const { month, zone, ...rest } = asked;
  return { ...rest, ...spanOf(asked), ...(month !== undefined && { month, zone: zone ?? 'UTC' }) };
};

export const EffectivenessQuery = z.strictObject(spanFields).superRefine(checkSpan).transform(measured);
export const EachQuery = z
  .strictObject({ ...spanFields, cursor: z.string().optional(), limit: pageLimit })
  .superRefine(checkSpan)
  .transform(measured);

const Time = z.iso.datetime();
const Seconds = z.object({ median: z.number(), p90: z.number() }).nullable();
const answered = {
  alerts: z.int().describe('Raised in the span. Groups and tests are none; members of groups are.'),
  acknowledged: z.int().describe('Somebody acknowledged.'),
  engaged: z
    .int()
    .describe(
      'Somebody acknowledged, snoozed, took back, reassigned, added responders, changed severity or policy, or resolved by hand.',
    ),
  resolved: z.int().describe('Engaged with, and over.'),
  healedUnseen: z.int().describe('Over without that anybody did anything.'),
  secondsToFirstAck: Seconds.describe(
    'From raised to the first acknowledgement, of those acknowledged; null for none.',
  ),
  secondsToEngage: Seconds.describe('From raised to the first that somebody did, of those engaged; null for none.'),
  secondsToResolve: Seconds.describe('From raised to resolved, of those engaged and resolved; null for none.'),
  secondsToHeal: Seconds.describe('From raised to resolved, of those healed unseen; null for none.'),
};
const AnsweredBy = z.object({ name: z.string(), ...answered });
const bySource = 'The 100 with the most alerts: rule/<id>, finding/<kind>, reconciliation/<process>, external/<name>.';
const hours = z.int();

export const EffectivenessAnswer = z.object({
  from: Time,
  to: Time,
  month: z.string().optional(),
  zone: z.string().optional(),
  asOf: Time,
  sum: z.object(answered),
  bySeverity: z.array(AnsweredBy).describe('By the severity that an alert was raised with.'),
  byPolicy: z.array(AnsweredBy).describe('By the policy that an alert was raised with.'),
  byProcess: z.array(AnsweredBy),
  bySource: z.array(AnsweredBy).describe(bySource),
  neverActioned: z.array(AnsweredBy).describe('Of these sources, those whose alerts all healed unseen.'),
  flapping: z
    .array(z.object({ fingerprint: z.string(), process: z.string(), raised: z.int(), mostInAnHour: z.int() }))
    .describe('Raised four times in an hour or more.'),
  heldBack: z
    .array(z.object({ reason: z.string(), by: z.string(), alerts: z.int(), holds: z.int(), seconds: z.number() }))
    .describe('What kept alerts from paging in the span; a group counts once.'),
  interruptions: z
    .array(
      z.object({
        person: z.string(),
        pages: z.int(),
        interruptions: z.int().describe('Pages within five minutes of the first are one.'),
        business: hours,
        off: hours.describe('On workdays outside business and sleep hours.'),
        sleep: hours.describe('In sleep hours of any day.'),
        weekend: hours.describe('Awake on days without business hours.'),
      }),
    )
    .describe("By the hours of the person's zone, as the person's document has them now."),
  pagesToNobodyInParticular: z.int().describe('To channels and routing keys.'),
});

const seconds = z.number().nullable();
export const EachPage = pageOf(
  z.object({
    id: z.string(),
    severity: z.enum(SEVERITIES),
    policy: z.string(),
    process: z.string(),
    source: z.string(),
    raisedAt: Time,
    secondsToFirstAck: seconds,
    secondsToEngage: seconds,
    secondsToResolve: seconds.describe('Whether somebody engaged or it healed unseen.'),
    resolvedReason: z.string().nullable(),
    healedUnseen: z.boolean(),
  }),
);
