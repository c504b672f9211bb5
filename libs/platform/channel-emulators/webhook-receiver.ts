import { verifySignature } from '@holdfast/platform/signed-webhook';
import { startVendorServer, type VendorServer } from './vendor-server';

/** Somebody who receives signed webhooks. */
export interface WebhookReceiverEmulator extends VendorServer {
  /** Bodies that were believed, each key once: a repeat is answered as the first was, and not taken again. */
  taken(): readonly { readonly key: string; readonly body: unknown }[];
}

/** Answers 401 to what none of the secrets signed within five minutes, 400 to what has no key, else 204. */
export async function startWebhookReceiver(secrets: readonly string[]): Promise<WebhookReceiverEmulator> {
  const taken = new Map<string, unknown>();
  const server = await startVendorServer(({ headers, text, json }) => {
    const now = Math.floor(Date.now() / 1000);
    if (!verifySignature(text, headers['holdfast-signature'], secrets, now)) return { status: 401 };
    const key = headers['idempotency-key'];
    if (key === undefined || json === undefined) return { status: 400 };
    if (!taken.has(key)) taken.set(key, json);
    return { status: 200 };
  });
  return { ...server, taken: () => [...taken].map(([key, body]) => ({ key, body })) };
}
