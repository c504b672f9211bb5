import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import type { ChannelDefinition } from './core/channel';
import { OWN_LABELS } from './core/wording';
import type { Notification } from './core/notification';

export const ChannelId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'payments-chat' });

const account = z
  .string()
  .regex(/^[\w.-]{1,60}$/, 'must be 1 to 60 letters, digits, _ . and -')
  .describe('Name of an entry of HOLDFAST_CHANNEL_ADDRESSES and HOLDFAST_CHANNEL_SECRETS.');
const accounted = {
  account,
  callsPerMinute: z
    .int()
    .min(2)
    .max(6_000)
    .optional()
    .describe('Messages in any minute; what the vendor documents where it is not given.'),
};

const name = z.string().min(1).max(255);
const FieldName = z.string().regex(/^[a-z]\w{0,79}$/, 'must be the name of a field');
const fields = z
  .record(FieldName, z.string().max(4_000))
  .refine((record) => Object.keys(record).length <= 30, 'has more than 30 members');
/** A name that Alertmanager takes and that Holdfast does not set itself. */
const LabelName = z
  .string()
  .regex(/^(?!__)[a-zA-Z_]\w{0,99}$/, 'must be letters, digits and _, not starting with a digit or __')
  .refine((label) => !OWN_LABELS.includes(label), `must not be ${OWN_LABELS.join(', ')}`);

const Webhook = z.strictObject({ type: z.literal('webhook'), ...accounted });
const Email = z.strictObject({
  type: z.literal('email'),
  ...accounted,
  from: z.email().max(150),
  to: z.array(z.email().max(254)).min(1).max(20).optional().describe('Who gets what is sent to nobody in particular.'),
});
const Slack = z.strictObject({
  type: z.literal('slack'),
  ...accounted,
  conversation: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{2,40}$/, 'must be the id of a conversation such as C0123456789')
    .optional()
    .describe('For what is sent to nobody in particular.'),
  acknowledgeButton: z
    .boolean()
    .default(false)
    .describe('Messages have a button that Slack sends to POST /v1/webhooks/slack; a link otherwise.'),
});
const Teams = z.strictObject({ type: z.literal('teams'), ...accounted });
const Jira = z.strictObject({
  type: z.literal('jira'),
  ...accounted,
  project: z.string().regex(/^[A-Z][A-Z0-9_]{1,99}$/, 'must be the key of a project such as OPS'),
  issueType: name.default('Task'),
  resolveTransition: name
    .optional()
    .describe('Ends an issue; the first that leads to a status of the category done where it is not given.'),
  priorities: z
    .strictObject({
      critical: name.optional(),
      error: name.optional(),
      warning: name.optional(),
      info: name.optional(),
    })
    .optional()
    .describe("Names of the site's priorities by severity."),
});
const ServiceNow = z.strictObject({
  type: z.literal('servicenow'),
  ...accounted,
  table: z
    .string()
    .regex(/^[a-z]\w{0,79}$/, 'must be the name of a table')
    .default('incident'),
  fields: fields.optional().describe('Further fields of new records.'),
  acknowledged: fields.default({ state: '2' }).describe('Fields that an acknowledgement sets.'),
  resolved: fields
    .default({ state: '6', close_code: 'Resolved by caller', close_notes: 'Resolved in Holdfast' })
    .describe('Fields that a resolution sets.'),
});
const Alertmanager = z.strictObject({
  type: z.literal('alertmanager'),
  ...accounted,
  labels: z
    .record(LabelName, z.string().min(1).max(500))
    .refine((labels) => Object.keys(labels).length <= 30, 'has more than 30 members')
    .optional()
    .describe('Further labels of every alert.'),
  fireForHours: z.int().min(1).max(8_760).default(168).describe('How long an alert fires that nobody resolves.'),
});
const PagerDuty = z.strictObject({
  type: z.literal('pagerduty'),
  routingKey: z
    .string()
    .regex(/^[\w.-]{1,60}$/, 'must be 1 to 60 letters, digits, _ . and -')
    .describe('Name of an entry of HOLDFAST_PAGERDUTY_ROUTING_KEYS.'),
});

/** What `PUT /v1/channels/{id}` takes. */
export const ChannelSchema = z.discriminatedUnion('type', [
  Webhook,
  Email,
  Slack,
  Teams,
  Jira,
  ServiceNow,
  Alertmanager,
  PagerDuty,
]) satisfies z.ZodType<ChannelDefinition>;

const document = { id: ChannelId, version: z.int(), changedBy: z.string(), changedAt: z.iso.datetime() };
/** The document with its id and version. */
export const ChannelAnswer = z.intersection(ChannelSchema, z.object(document));

const severity = z.enum(['critical', 'error', 'warning', 'info']);
/** As dead letters keep it: without the link that acknowledges, which is a secret. */
export const NotificationSchema = z.object({
  key: z.string(),
  alertId: z.string(),
  severity,
  title: z.string(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  links: z.array(z.object({ text: z.string(), url: z.string() })),
  labels: z.record(z.string(), z.string()),
  raisedAt: z.int(),
  mayRepeat: z.boolean(),
}) satisfies z.ZodType<Notification>;

export const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
export const DeadLetterQuery = z.strictObject({
  channel: ChannelId.optional(),
  state: z.enum(['waiting', 'any']).default('any').describe('`waiting`: not delivered since.'),
  cursor: z.string().optional(),
  limit: pageLimit,
});

/** What `POST /v1/channels/{id}/test` takes. */
export const TestSchema = z.strictObject({
  to: z
    .string()
    .min(1)
    .max(320)
    .optional()
    .describe("A person's address on the channel; where the channel says if not given."),
});
export const TestAnswer = z.object({
  channel: ChannelId,
  ref: z.string().describe("The vendor's name of the message."),
});

export const DeadLetterAnswer = z.object({
  id: z.string(),
  channel: ChannelId,
  to: z.string().nullable(),
  alertId: z.string(),
  key: z.string(),
  severity,
  title: z.string(),
  code: z.string().describe('Why it was not delivered.'),
  givenUpAt: z.iso.datetime(),
  tries: z.int().describe('How often somebody tried to send it again.'),
  replayed: z.object({ by: z.string(), at: z.iso.datetime() }).nullable(),
});
