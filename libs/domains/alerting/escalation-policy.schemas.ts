import { z } from 'zod';
import type { EscalationPolicyDefinition } from './core/escalation-policy';

export const PolicyId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'on-call' });

const Target = z.strictObject({
  kind: z.literal('pagerduty'),
  routingKey: z
    .string()
    .regex(/^[^\s,=]{1,100}$/, 'must be a name without spaces, commas and =')
    .describe('Name of a routing key in HOLDFAST_PAGERDUTY_ROUTING_KEYS; never the key itself.'),
});
const Level = z.strictObject({
  targets: z.array(Target).min(1).max(8),
  acknowledgeTimeoutSeconds: z
    .int()
    .min(1)
    .max(7 * 86_400)
    .default(300),
});

/** What `PUT /v1/escalation-policies/{id}` takes. */
export const EscalationPolicySchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  levels: z.array(Level).min(1, 'a policy has one level or more').max(10),
  repeats: z.int().min(0).max(10).default(0),
}) satisfies z.ZodType<EscalationPolicyDefinition>;

export const EscalationPolicyAnswer = EscalationPolicySchema.extend({
  id: PolicyId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
