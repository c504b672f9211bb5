import { startWebhookReceiver, type WebhookReceiverEmulator } from '@holdfast/platform/channel-emulators';
import { DeliveryError } from '@holdfast/platform/delivery';
import { sendWebhook } from './send';

let receiver: WebhookReceiverEmulator;
beforeEach(async () => {
  receiver = await startWebhookReceiver(['old']);
});
afterEach(() => receiver.stop());

const send = (key: string, over: { secrets?: string[]; timeoutMs?: number; url?: string } = {}): Promise<unknown> =>
  sendWebhook(
    { url: over.url ?? receiver.url, secrets: over.secrets ?? ['new', 'old'], timeoutMs: over.timeoutMs ?? 5_000 },
    { key, body: { title: 'ä' } },
  ).then(
    () => 'sent',
    (error: unknown) => (error instanceof DeliveryError ? [error.kind, error.details] : error),
  );

test('is signed by every secret, and taken once however often it is sent', async () => {
  expect([await send('k1'), await send('k1'), await send('k2')]).toEqual(['sent', 'sent', 'sent']);
  expect(receiver.taken()).toEqual([
    { key: 'k1', body: { title: 'ä' } },
    { key: 'k2', body: { title: 'ä' } },
  ]);
});

test('what goes wrong is told by its class', async () => {
  receiver.inject({ kind: 'status', status: 429, retryAfter: '7' });
  receiver.inject({ kind: 'status', status: 503 });
  receiver.inject({ kind: 'status', status: 302 });
  receiver.inject({ kind: 'status', status: 422 });
  expect(await send('a')).toEqual(['rate_limited', { status: 429, retryAfterMs: 7_000 }]);
  expect(await send('a')).toEqual(['failing', { status: 503, retryAfterMs: undefined }]);
  expect(await send('a')).toEqual(['refused', { status: 302, retryAfterMs: undefined }]);
  expect(await send('a')).toEqual(['refused', { status: 422, retryAfterMs: undefined }]);
  expect(await send('a', { secrets: ['wrong'] })).toEqual(['unauthorized', { status: 401, retryAfterMs: undefined }]);
  for (const kind of ['drop_before', 'drop_after', 'half_close'] as const) {
    receiver.inject({ kind });
    expect(await send('a')).toEqual(['unreachable', {}]);
  }
  receiver.inject({ kind: 'slow', delayMs: 60_000 });
  expect(await send('a', { timeoutMs: 100 })).toEqual(['unreachable', {}]);
  expect(await send('a', { url: 'http://127.0.0.1:1' })).toEqual(['unreachable', {}]);
  expect(await send('a')).toBe('sent');
});
