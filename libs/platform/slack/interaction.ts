import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** How old, or how far ahead, a request may be, in seconds: Slack's own advice. */
const SKEW_SECONDS = 300;

/**
 * Whether Slack signed these bytes with one of the secrets, not longer than five minutes ago: `v0=` and the HMAC-SHA256 of "v0:timestamp:body". Takes as long
 * whichever secret it was.
 * @param timestamp the header X-Slack-Request-Timestamp
 * @param signature the header X-Slack-Signature
 * @param now seconds since 1970
 */
export function verifySlackSignature(
  rawBody: Buffer,
  timestamp: string | undefined,
  signature: string | undefined,
  secrets: readonly string[],
  now: number,
): boolean {
  const hex = /^v0=([0-9a-f]{64})$/.exec(signature ?? '')?.[1];
  if (hex === undefined || !/^\d{1,12}$/.test(timestamp ?? '')) return false;
  if (Math.abs(now - Number(timestamp)) > SKEW_SECONDS) return false;
  const claimed = Buffer.from(hex, 'hex');
  let isGenuine = false;
  for (const secret of secrets) {
    if (secret === '') continue; // anybody can sign with it
    const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest();
    isGenuine = timingSafeEqual(expected, claimed) || isGenuine;
  }
  return isGenuine;
}

/** Somebody pressed a button of a message. */
export interface SlackAction {
  readonly actionId: string;
  readonly value: string;
  /** Id of the member, such as U2CERLKJA. */
  readonly user: string;
}

const Payload = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().regex(/^[A-Z0-9]{1,40}$/) }),
  actions: z.array(z.object({ action_id: z.string().max(255), value: z.string().max(2_000).default('') })).min(1),
});

/** Reads what a request of interactivity says: a form with JSON in `payload`. @returns 'unsupported' for anything but buttons with values */
export function parseInteraction(rawBody: Buffer): SlackAction | 'unsupported' {
  const payload = new URLSearchParams(rawBody.toString('utf8')).get('payload');
  const parsed = Payload.safeParse(jsonOf(payload ?? ''));
  if (!parsed.success) return 'unsupported';
  const { user, actions } = parsed.data;
  const [{ action_id, value }] = actions as [{ action_id: string; value: string }];
  return { actionId: action_id, value, user: user.id };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
