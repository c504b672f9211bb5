import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import type { ChannelDefinition } from './core/channel';
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

const Webhook = z.strictObject({ kind: z.literal('webhook'), ...accounted });

/** What `PUT /v1/channels/{id}` takes. */
export const ChannelSchema = z.discriminatedUnion('kind', [Webhook]) satisfies z.ZodType<ChannelDefinition>;

const document = { id: ChannelId, version: z.int(), changedBy: z.string(), changedAt: z.iso.datetime() };
/** The document with its id and version. */
export const ChannelAnswer = z.intersection(ChannelSchema, z.object(document));

const severity = z.enum(['critical', 'error', 'warning', 'info']);
/** As dead letters keep it. */
export const NotificationSchema = z.object({
  key: z.string(),
  alertId: z.string(),
  severity,
  title: z.string(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  links: z.array(z.object({ text: z.string(), url: z.string() })),
  acknowledgeUrl: z.string().exactOptional(),
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
