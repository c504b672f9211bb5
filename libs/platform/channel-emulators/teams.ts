import { z } from 'zod';
import { startVendorServer, type VendorServer } from './vendor-server';

/** A workflow of Teams that posts what it receives. */
export interface TeamsEmulator extends VendorServer {
  /** Addresses of the workflow, one for each signature that it takes. */
  readonly addresses: readonly string[];
  /** Adaptive Cards in the order in which they were posted. */
  cards(): readonly object[];
}

const MAX_BYTES = 28 * 1024;
const TextBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string(),
  wrap: z.boolean().optional(),
  size: z.enum(['small', 'default', 'medium', 'large', 'extraLarge']).optional(),
  weight: z.enum(['lighter', 'default', 'bolder']).optional(),
  color: z.enum(['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention']).optional(),
});
const FactSet = z.strictObject({
  type: z.literal('FactSet'),
  facts: z.array(z.strictObject({ title: z.string(), value: z.string() })).min(1),
});
const OpenUrl = z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url() });
/** As a workflow's trigger documents it; the card by the schema of Adaptive Cards 1.4. */
const Message = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: z.strictObject({
        $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
        type: z.literal('AdaptiveCard'),
        version: z.enum(['1.0', '1.1', '1.2', '1.3', '1.4']),
        body: z.array(z.discriminatedUnion('type', [TextBlock, FactSet])).min(1),
        actions: z.array(OpenUrl).max(6).optional(),
      }),
    }),
  ]),
});

/** Starts Teams on loopback. @param signatures the values of `sig` that the workflow takes */
export async function startTeams(signatures: readonly string[]): Promise<TeamsEmulator> {
  const cards: object[] = [];
  const server = await startVendorServer(({ query, text, json }) => {
    if (!signatures.includes(query.get('sig') ?? ''))
      return { status: 401, body: { error: { code: 'DirectApiAuthorizationRequired' } } };
    if (Buffer.byteLength(text) > MAX_BYTES) return { status: 413, body: { error: { code: 'RequestEntityTooLarge' } } };
    const message = Message.safeParse(json);
    if (!message.success) return { status: 400, body: { error: { code: 'TriggerInputSchemaMismatch' } } };
    cards.push(message.data.attachments[0].content);
    return { status: 202, body: '' };
  });
  const path = '/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=1&sig=';
  return { ...server, addresses: signatures.map((sig) => `${server.url}${path}${sig}`), cards: () => [...cards] };
}
