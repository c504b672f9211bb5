import { call, DeliveryError, type DeliveryErrorKind } from '@holdfast/platform/delivery';
import { z } from 'zod';

/** The Web API as one bot sees it. */
export interface SlackApi {
  /** Such as https://slack.com; methods are below /api. */
  readonly url: string;
  /** Of the bot, with the scope chat:write. */
  readonly token: string;
  /** For one call, in milliseconds. */
  readonly timeoutMs: number;
}

/** What a message says. */
export interface SlackContent {
  /** For notifications of devices, and for clients without blocks. */
  readonly text: string;
  /** Block Kit, 50 at most. */
  readonly blocks: readonly object[];
}

/** Names a message. */
export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
}

const Answer = z.object({
  ok: z.boolean(),
  error: z
    .string()
    .regex(/^\w{1,60}$/)
    .optional()
    .catch(undefined),
  channel: z.string().optional().catch(undefined),
  ts: z.string().optional().catch(undefined),
});

/** chat.postMessage. Not idempotent. @param channel id of a conversation, or of a member for a direct message @throws DeliveryError */
export async function postMessage(api: SlackApi, channel: string, content: SlackContent): Promise<SlackMessage> {
  const answer = await method(api, 'chat.postMessage', {
    channel,
    ...content,
    unfurl_links: false,
    unfurl_media: false,
  });
  if (answer.channel === undefined || answer.ts === undefined)
    throw new DeliveryError('failing', 'Slack answered without a message');
  return { channel: answer.channel, ts: answer.ts };
}

/** chat.update: what the message says instead. @throws DeliveryError */
export async function updateMessage(api: SlackApi, message: SlackMessage, content: SlackContent): Promise<void> {
  await method(api, 'chat.update', { ...message, ...content });
}

async function method(
  { url, token, timeoutMs }: SlackApi,
  name: string,
  body: object,
): Promise<z.output<typeof Answer>> {
  const { body: told, status } = await call({
    url: new URL(`/api/${name}`, url).href,
    headers: { authorization: `Bearer ${token}` },
    body,
    timeoutMs,
  });
  const answer = Answer.safeParse(told);
  if (!answer.success) throw new DeliveryError('failing', 'Slack answered with something else', { status });
  if (answer.data.ok) return answer.data;
  const code = answer.data.error ?? 'unknown';
  throw new DeliveryError(KINDS.get(code) ?? 'refused', `Slack answered ${code}`, { status, code });
}

/** Errors come with status 200. What is not listed is refused for good. */
const KINDS: ReadonlyMap<string, DeliveryErrorKind> = new Map([
  ...['ratelimited', 'rate_limited', 'message_limit_exceeded'].map((code) => [code, 'rate_limited'] as const),
  ...[
    ...['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive', 'access_denied'],
    ...['missing_scope', 'no_permission', 'not_allowed_token_type'],
  ].map((code) => [code, 'unauthorized'] as const),
  ...['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org'].map(
    (code) => [code, 'failing'] as const,
  ),
]);
