import { parseInstant } from '@holdfast/kernel';
import { z } from 'zod';

/** Alerts of one request; Prometheus sends 64 at once. */
const MOST_ALERTS = 500;
const [MOST_LABELS, LONGEST_LABEL] = [64, 500];

const Labels = z
  .record(
    z.string().regex(/^[a-zA-Z_]\w{0,99}$/, 'must be letters, digits and _, not starting with a digit'),
    z.string().max(LONGEST_LABEL),
  )
  .refine((labels) => Object.keys(labels).length <= MOST_LABELS, `has more than ${MOST_LABELS} labels`);
const Time = z.string().transform((text, context) => {
  const found = parseInstant(text);
  if (found === undefined) context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time' });
  return found ?? 0;
});

/** What `POST /api/v2/alerts` of Alertmanager takes; members that are not known are passed over, as there. */
export const PostedAlerts = z
  .array(
    z.object({
      labels: Labels.refine((labels) => (labels['alertname'] ?? '') !== '', {
        path: ['alertname'],
        error: 'is missing',
      }),
      annotations: z.record(z.string(), z.string()).default({}),
      startsAt: Time.describe('Since when: with the labels it is the identity of an alert.'),
      endsAt: Time.optional().describe('Over when it is past.'),
      generatorURL: z.string().optional(),
    }),
  )
  .min(1)
  .max(MOST_ALERTS);
export type PostedAlert = z.output<typeof PostedAlerts>[number];
