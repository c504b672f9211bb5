import { call, DeliveryError } from '@holdfast/platform/delivery';

/**
 * Posts an Adaptive Card to a workflow of Teams whose trigger is "When a Teams webhook request is received". Not idempotent.
 * @param url the workflow's address, a secret: it holds the right to post
 * @param card an Adaptive Card of version 1.4 or lower, 28 KB at most
 * @param timeoutMs until the whole answer is there
 * @throws DeliveryError unless the workflow has taken it
 */
export async function postCard(url: string, card: object, timeoutMs: number): Promise<void> {
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card };
  try {
    await call({ url, body: { type: 'message', attachments: [attachment] }, timeoutMs });
  } catch (error) {
    const status = error instanceof DeliveryError ? error.details.status : undefined;
    // The address is the secret: one that leads nowhere any more was taken back.
    if (status === 404 || status === 410) throw new DeliveryError('unauthorized', 'the workflow is gone', { status });
    throw error;
  }
}
