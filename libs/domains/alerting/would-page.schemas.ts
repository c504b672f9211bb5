import { parseInstant } from '@holdfast/kernel';
import { z } from 'zod';
import { AlertAnswer, AlertDetailAnswer } from './alerting.schemas';
import { SEVERITIES, SUBJECT_KINDS } from './core/alert';
import { PolicyId, TargetSchema } from './escalation-policy.schemas';

const YEARS = { first: Date.UTC(2000, 0, 1) * 1000, end: Date.UTC(2200, 0, 1) * 1000 };
const Instant = z.string().transform((text, context) => {
  const found = parseInstant(text);
  if (found === undefined || found < YEARS.first || found >= YEARS.end)
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset, from 2000 to 2199' });
  return found ?? 0;
});

/** What `POST /v1/escalation-policies/{id}/would-page` takes: an alert that somebody thinks of. */
export const ThoughtBody = z.strictObject({
  severity: z.enum(SEVERITIES),
  labels: z
    .record(z.string().regex(/^[A-Za-z_][\w./-]{0,99}$/, 'must be the name of a label'), z.string().max(500))
    .default({})
    .refine((labels) => Object.keys(labels).length <= 50, 'must be 50 labels at most'),
  process: z.string().max(200).default(''),
  subject: z.enum(SUBJECT_KINDS).exclude(['group', 'test']).default('rule'),
  at: Instant.optional().describe('Now where it is not given.'),
});

const Time = z.iso.datetime();
const Target = z.object({
  target: TargetSchema,
  person: z.string().nullable().describe('Whom it stands for; null where it is nobody in particular, or nobody.'),
  destinations: z
    .array(z.object({ kind: z.enum(['channel', 'pagerduty']), name: z.string() }))
    .describe('Channels and routing keys by name, in the order in which they are tried.'),
  nobody: z
    .object({
      code: z.enum(['off_shift', 'no_contact', 'unknown_person', 'unknown_schedule']),
      reason: z.string().describe('The schedule or the person.'),
    })
    .nullable(),
  until: Time.nullable().describe('When the shift changes; null where it is no schedule, or that is far away.'),
});
export const WouldPageAnswer = z.object({
  at: Time,
  severity: z.enum(SEVERITIES),
  policy: z.object({ id: PolicyId, version: z.int().describe('0: there is no such policy, and nobody is paged.') }),
  held: z
    .object({
      reason: z.enum(['window', 'inhibition', 'flapping', 'quiet_hours']),
      by: z.string().describe('The window or the rule; the policy for its quiet hours.'),
      until: Time.nullable().describe('Null where nobody knows.'),
    })
    .nullable()
    .describe('What keeps it quiet.'),
  levels: z.array(
    z.object({
      level: z.int().describe('0: whom somebody gave it to.'),
      afterSeconds: z.number().describe('When it pages, from the beginning of the ladder, while nobody answers.'),
      targets: z.array(Target),
    }),
  ),
});
export const AlertWouldPageAnswer = WouldPageAnswer.extend({
  alert: z.string(),
  raisedFor: AlertAnswer.shape.subject.describe('What raised it: a rule, a finding, a window.'),
  toldBy: z.string().describe("The alert that pages: its group's, where it has one."),
  state: AlertAnswer.shape.state.describe('Of the alert that pages.'),
  live: AlertDetailAnswer.shape.live,
});

export const MutedAlerts = z.object({
  alerts: z.array(z.object({ alert: z.string(), spans: z.array(z.object({ from: Time, to: Time })) })),
  complete: z.boolean().describe('False: there are more than are listed, or were looked at.'),
});
