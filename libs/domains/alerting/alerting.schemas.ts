import { pageLimit, pageOf } from '@holdfast/platform/http';
import { z } from 'zod';
import { ALERT_STATES, isAlertId, SEVERITIES, SUBJECT_KINDS } from './core/alert';
import { TargetSchema } from './escalation-policy.schemas';

export const AlertId = z
  .string()
  .refine(isAlertId, 'must be 1 to 200 of A-Z, a-z, 0-9, dot, _, ~ and -')
  .meta({ example: 'order-to-cash_20261120T0000Z_20261121T0000Z.1' });

const State = z.enum(ALERT_STATES);
const SeveritySchema = z.enum(SEVERITIES);
const Time = z.iso.datetime();

export const AlertAnswer = z.object({
  id: z.string(),
  fingerprint: z.string().describe('What alerts about the same thing have in common.'),
  process: z.string(),
  subject: z.object({ kind: z.enum(SUBJECT_KINDS), id: z.string() }),
  severity: SeveritySchema,
  policy: z.object({
    id: z.string(),
    version: z.int().describe('The version that the escalation follows; 0 when there was no such policy.'),
  }),
  labels: z.record(z.string(), z.string()).describe('What it is sorted, grouped and muted by.'),
  group: z.string().optional().describe('The group whose escalation tells of it; absent where it is told by itself.'),
  context: z
    .object({
      summary: z.string(),
      since: Time.optional(),
      amounts: z.array(z.object({ currency: z.string(), value: z.number() })).optional(),
      topHop: z.string().optional(),
      topCause: z.string().optional(),
      owner: z.string().optional(),
      runbook: z.string().optional(),
    })
    .optional()
    .describe('What its pages say.'),
  facts: z.object({ open: z.int(), revision: z.int() }),
  state: State,
  exhausted: z.boolean().describe('The whole ladder was run, repeats too, and nobody acknowledged in that time.'),
  pages: z.int().describe('Pages that a channel accepted.'),
  raisedAt: Time,
  raisedBy: z
    .string()
    .optional()
    .describe('The principal who asked for a test; absent when Holdfast raised the alert.'),
  acknowledgedAt: Time.optional(),
  acknowledgedBy: z.string().optional().describe('A principal, or `pagerduty:<agent id>`.'),
  acknowledgedVia: z.string().optional(),
  snoozedUntil: Time.optional(),
  resolvedAt: Time.optional(),
  resolvedBy: z.string().optional().describe('A principal; absent when Holdfast did it.'),
  resolvedReason: z.string().optional(),
});

const TransitionAnswer = z.object({
  seq: z.int(),
  kind: z.string(),
  at: Time,
  level: z.int().optional(),
  repeat: z.int().optional().describe('0 is the first run of the ladder.'),
  target: z.int().optional(),
  routingKey: z.string().optional().describe('Name of the routing key.'),
  channel: z.string().optional(),
  person: z.string().optional().describe('Whom the page was for.'),
  dedupKey: z.string().optional(),
  code: z.string().optional(),
  by: z.string().optional(),
  via: z.string().optional(),
  reason: z.string().optional(),
  until: Time.optional(),
  revision: z.int().optional().describe('The version of the policy that is followed from here on.'),
  url: z
    .string()
    .optional()
    .describe('Where PagerDuty shows the incident of the page; some time after it was accepted.'),
  incidentNumber: z.int().optional().describe('Number of that incident.'),
});

export const AlertDetailAnswer = AlertAnswer.extend({
  transitions: z.array(TransitionAnswer),
  live: z
    .object({
      phase: z.string().describe('delayed, preparing, held, paging, exhausted, acknowledged or snoozed'),
      until: Time.optional().describe('Until when nothing happens by itself.'),
      level: z.int().optional(),
      repeat: z.int().optional(),
      pagesUnderWay: z.int().describe('Pages that no channel has accepted yet.'),
    })
    .optional()
    .describe('Where the escalation stands now; absent when it has ended, or no worker answers.'),
});

export const AlertPage = pageOf(AlertAnswer);
export const ListAlerts = z.strictObject({
  state: State.optional(),
  process: z.string().max(200).optional(),
  severity: SeveritySchema.optional(),
  group: z.string().max(200).optional().describe('Only alerts that this group tells of.'),
  cursor: z.string().optional(),
  limit: pageLimit,
});
/** What the routes of a responder take. */
export const SnoozeBody = z.strictObject({
  until: z.iso.datetime({ offset: true }).describe('When it pages again, from level 1 on, unless it was resolved.'),
});
export const TargetsBody = z.strictObject({ targets: z.array(TargetSchema).min(1).max(8) });
export const SeverityBody = z.strictObject({ severity: SeveritySchema });
export const FollowPolicyBody = z.strictObject({
  policy: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the id of an escalation policy')
    .describe('The escalation follows the newest version of this policy from here on.'),
});
export const TestAnswer = z.object({ alert: z.string(), links: z.object({ alert: z.string() }) });

export type AlertView = z.output<typeof AlertAnswer>;
export type AlertDetailView = z.output<typeof AlertDetailAnswer>;
