import { isTimeZone } from '@holdfast/platform/calendar';
import { z } from 'zod';
import { SEVERITIES } from './core/alert';
import type { EscalationPolicyDefinition } from './core/escalation-policy';

const DocumentId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -');
export const PolicyId = DocumentId.meta({ example: 'on-call' });

const RoutingKeyName = z
  .string()
  .regex(/^[^\s,=]{1,100}$/, 'must be a name without spaces, commas and =')
  .describe('Name of a routing key in HOLDFAST_PAGERDUTY_ROUTING_KEYS; never the key itself.');
const ChannelId = DocumentId;

/** Whom a level, or somebody who reassigns an alert, pages. */
export const TargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pagerduty'), routingKey: RoutingKeyName }),
  z.strictObject({
    kind: z.literal('channel'),
    channel: ChannelId,
    otherwise: z.array(ChannelId).max(5).optional().describe('Channels that take over, in this order, when one fails.'),
  }),
  z.strictObject({ kind: z.literal('person'), person: DocumentId }),
  z.strictObject({
    kind: z.literal('schedule'),
    schedule: DocumentId.describe('An on-call schedule: whoever has it when the level is paged.'),
  }),
]);

const Level = z.strictObject({
  targets: z.array(TargetSchema).min(1).max(8),
  delaySeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(0)
    .describe('How long the level waits before it pages, so that what heals by itself wakes nobody.'),
  acknowledgeTimeoutSeconds: z
    .int()
    .min(1)
    .max(7 * 86_400)
    .default(300),
});

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:00');
const QuietHoursSchema = z
  .strictObject({
    severities: z.array(z.enum(SEVERITIES)).min(1).describe('Alerts of these wait until the quiet hours are over.'),
    zone: z.string().refine(isTimeZone, 'must be a zone of the IANA database such as Europe/Berlin'),
    from: TimeOfDay,
    to: TimeOfDay.describe('Local; on the next day where it is before `from`.'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'is the same as from' });

const GroupSchema = z.strictObject({
  by: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/, 'must be the name of a label'))
    .max(10)
    .describe('Alerts that share these labels are told as one; all alerts of the policy where there are none.'),
  waitSeconds: z.int().min(0).max(3_600).default(30).describe('How long a new group gathers before it pages.'),
  intervalSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('What joins after somebody acknowledged pages again, this long after the last page at the earliest.'),
});

/** What `PUT /v1/escalation-policies/{id}` takes. */
export const EscalationPolicySchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  levels: z.array(Level).min(1, 'a policy has one level or more').max(10),
  repeats: z.int().min(0).max(10).default(0),
  acknowledgementExpiresSeconds: z
    .int()
    .min(60)
    .max(30 * 86_400)
    .optional()
    .describe('After this long an acknowledgement does not count any more, and the ladder begins again.'),
  quietHours: QuietHoursSchema.optional(),
  group: GroupSchema.optional(),
  handover: z
    .enum(['unacknowledged', 'always'])
    .default('unacknowledged')
    .describe('When a shift changes, who has it now is paged: while nobody has acknowledged, or until it is resolved.'),
}) satisfies z.ZodType<EscalationPolicyDefinition>;

export const EscalationPolicyAnswer = EscalationPolicySchema.extend({
  id: PolicyId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
