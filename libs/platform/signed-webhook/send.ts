import { call } from '@holdfast/platform/delivery';
import { signatureOf } from './signature';

/** Who receives webhooks. */
export interface WebhookReceiver {
  readonly url: string;
  /** One, or two while one replaces the other: both sign. */
  readonly secrets: readonly string[];
  /** Until the whole answer is there, in milliseconds. */
  readonly timeoutMs: number;
}

export interface WebhookMessage {
  /** Sent as `Idempotency-Key`: the same for a repeat of the same message. */
  readonly key: string;
  readonly body: object;
}

/** Posts JSON under a signature. Redirects are not followed. @throws DeliveryError unless the answer is 2xx */
export async function sendWebhook(
  { url, secrets, timeoutMs }: WebhookReceiver,
  { key, body }: WebhookMessage,
): Promise<void> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': key,
    'holdfast-signature': signatureOf(text, secrets, Math.floor(Date.now() / 1000)),
  };
  await call({ url, headers, body: text, timeoutMs });
}
