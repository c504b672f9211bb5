import { pageLimit, pageOf } from '@holdfast/platform/http';
import { z } from 'zod';
import { isAlertId } from './core/ladder';

export const AlertId = z
  .string()
  .refine(isAlertId, 'must be 1 to 200 of A-Z, a-z, 0-9, dot, _, ~ and -')
  .meta({ example: 'order-to-cash_20261120T0000Z_20261121T0000Z.1' });

const State = z.enum(['open', 'acknowledged', 'resolved']);
const Time = z.iso.datetime();

export const AlertAnswer = z.object({
  id: z.string(),
  fingerprint: z.string().describe('What alerts about the same thing have in common.'),
  process: z.string(),
  subject: z.object({ kind: z.enum(['reconciliation', 'finding', 'rule', 'test']), id: z.string() }),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  policy: z.object({
    id: z.string(),
    version: z.int().describe('The version that the escalation follows; 0 when there was no such policy.'),
  }),
  facts: z.object({ open: z.int(), revision: z.int() }),
  state: State,
  exhausted: z.boolean().describe('The whole ladder was run, repeats too, and nobody acknowledged in that time.'),
  pages: z.int().describe('Pages that PagerDuty accepted.'),
  raisedAt: Time,
  raisedBy: z
    .string()
    .optional()
    .describe('The principal who asked for a test; absent when Holdfast raised the alert.'),
  acknowledgedAt: Time.optional(),
  acknowledgedBy: z.string().optional().describe('A principal, or `pagerduty:<agent id>`.'),
  acknowledgedVia: z.string().optional(),
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
  dedupKey: z.string().optional(),
  code: z.string().optional(),
  by: z.string().optional(),
  via: z.string().optional(),
  reason: z.string().optional(),
});

export const AlertDetailAnswer = AlertAnswer.extend({
  transitions: z.array(TransitionAnswer),
  live: z
    .object({
      level: z.int().optional(),
      repeat: z.int().optional(),
      pagesUnderWay: z.int().describe('Pages that PagerDuty has not accepted yet.'),
    })
    .optional()
    .describe('Where the escalation stands now; absent when it has ended, or no worker answers.'),
});

export const AlertPage = pageOf(AlertAnswer);
export const ListAlerts = z.strictObject({
  state: State.optional(),
  process: z.string().max(200).optional(),
  cursor: z.string().optional(),
  limit: pageLimit,
});
export const TestAnswer = z.object({ alert: z.string(), links: z.object({ alert: z.string() }) });

export type AlertView = z.output<typeof AlertAnswer>;
export type AlertDetailView = z.output<typeof AlertDetailAnswer>;
