import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseWebhook, verifyWebhookSignature } from '../pagerduty';
import { startPagerDutyEmulator, type PagerDutyEmulator, type WebhookOptions } from '.';

const KEY = 'a'.repeat(32);
const SECRET = 'whsec_1';

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly type: string;
  readonly key: string;
}

/** A subscriber on a real socket; `answer` decides what the n-th delivery (from 1) is told, 'nothing' for silence. */
async function subscribe(answer: (delivery: number) => number | 'nothing' = () => 202) {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const { event } = JSON.parse(raw.toString());
      deliveries.push({ headers: request.headers, raw, type: event.event_type, key: event.data.incident_key });
      const status = answer(deliveries.length);
      if (status !== 'nothing') response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { deliveries, stop, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function emulate(answer?: (delivery: number) => number | 'nothing', options: Partial<WebhookOptions> = {}) {
  const subscriber = await subscribe(answer);
  const emulator = await startPagerDutyEmulator({
    webhook: { url: subscriber.url, secret: SECRET, backoffMs: 1, ...options },
  });
  cleanups.push(
    () => emulator.stop(),
    () => subscriber.stop(),
  );
  return { emulator, deliveries: subscriber.deliveries };
}

async function enqueue(emulator: PagerDutyEmulator, action: string, dedupKey = 'd1', members: object = {}) {
  const payload = { summary: 'Größe ✓', source: 'hub', severity: 'error' };
  const body = { routing_key: KEY, event_action: action, dedup_key: dedupKey, payload, ...members };
  await fetch(`${emulator.url}/v2/enqueue`, { method: 'POST', body: JSON.stringify(body) });
}

const types = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ type }) => type);

test('an incident is told of from trigger to resolve, in order and signed', async () => {
  const { emulator, deliveries } = await emulate();
  for (const action of ['trigger', 'trigger', 'acknowledge', 'acknowledge', 'resolve', 'resolve']) {
    await enqueue(emulator, action);
  }
  await emulator.idle();
  expect(types(deliveries)).toEqual(['incident.triggered', 'incident.acknowledged', 'incident.resolved']);
  for (const { headers, raw } of deliveries) {
    const signature = createHmac('sha256', SECRET).update(raw).digest('hex');
    expect(headers['x-pagerduty-signature']).toBe(`v1=${signature}`);
    expect(headers['content-type']).toBe('application/json');
    // The signature above and the one the client checks are computed apart.
    expect(verifyWebhookSignature(raw, headers['x-pagerduty-signature'] as string, [SECRET])).toBe(true);
  }
  expect(new Set(deliveries.map(({ headers }) => headers['x-webhook-id'])).size).toBe(3);
});

test('the envelope is the documented one, and tells no routing key', async () => {
  const { emulator, deliveries } = await emulate();
  await enqueue(emulator, 'trigger', 'd1', { client: 'Holdfast' });
  await emulator.idle();
  const incident = emulator.incidents()[0]!;
  const text = deliveries[0]!.raw.toString();
  expect(JSON.parse(text)).toEqual({
    event: {
      id: expect.any(String),
      event_type: 'incident.triggered',
      resource_type: 'incident',
      occurred_at: incident.createdAt,
      agent: expect.objectContaining({ id: expect.any(String), type: 'events_api_v2_inbound_integration_reference' }),
      client: { name: 'Holdfast' },
      data: expect.objectContaining({
        id: incident.id,
        type: 'incident',
        number: 1,
        status: 'triggered',
        incident_key: 'd1',
        title: 'Größe ✓',
        urgency: 'high',
        service: expect.objectContaining({ id: incident.serviceId, type: 'service_reference' }),
      }),
    },
  });
  expect(text).not.toContain(KEY);
});

test('a person who acknowledges is named, and the client reads it', async () => {
  const { emulator, deliveries } = await emulate();
  await enqueue(emulator, 'trigger');
  await emulator.idle();
  emulator.acknowledge('d1', KEY, { id: 'PADA', type: 'user_reference', summary: 'Ada' });
  await emulator.idle();
  expect(parseWebhook(deliveries[1]!.raw)).toEqual({
    id: expect.any(String),
    eventType: 'incident.acknowledged',
    occurredAt: expect.any(String),
    incidentId: emulator.incidents()[0]?.id,
    incidentKey: 'd1',
    agent: { id: 'PADA', type: 'user_reference', summary: 'Ada' },
  });
});

test('two secrets give two signatures', async () => {
  const { emulator, deliveries } = await emulate(undefined, { secret: [SECRET, 'whsec_2'] });
  await enqueue(emulator, 'trigger');
  await emulator.idle();
  const { headers, raw } = deliveries[0]!;
  const header = headers['x-pagerduty-signature'] as string;
  expect(header.split(',')).toHaveLength(2);
  for (const secret of [SECRET, 'whsec_2']) expect(verifyWebhookSignature(raw, header, [secret])).toBe(true);
});

test.each([500, 503, 429])('%p is retried with the same id and body until taken', async (status) => {
  const { emulator, deliveries } = await emulate((delivery) => (delivery < 4 ? status : 200));
  await enqueue(emulator, 'trigger');
  await emulator.idle();
  expect(deliveries).toHaveLength(4);
  expect(new Set(deliveries.map(({ headers }) => headers['x-webhook-id'])).size).toBe(1);
  expect(new Set(deliveries.map(({ raw }) => raw.toString())).size).toBe(1);
  expect(emulator.deliveries()).toMatchObject([{ attempts: [status, status, status, 200], outcome: 'delivered' }]);
});

test('silence is retried', async () => {
  const { emulator, deliveries } = await emulate((delivery) => (delivery === 1 ? 'nothing' : 200), {
    timeoutMs: 1_000,
  });
  await enqueue(emulator, 'trigger');
  await emulator.idle();
  expect(deliveries).toHaveLength(2);
  expect(emulator.deliveries()[0]?.attempts).toEqual([0, 200]);
});

test('after five attempts a webhook is dropped, and the next is still sent', async () => {
  const { emulator, deliveries } = await emulate((delivery) => (delivery <= 5 ? 500 : 200));
  await enqueue(emulator, 'trigger');
  await enqueue(emulator, 'resolve');
  await emulator.idle();
  expect(emulator.deliveries().map(({ outcome }) => outcome)).toEqual(['dropped', 'delivered']);
  expect(types(deliveries)).toEqual([...Array<string>(5).fill('incident.triggered'), 'incident.resolved']);
});

test('400 is final', async () => {
  const { emulator, deliveries } = await emulate(() => 400);
  await enqueue(emulator, 'trigger');
  await emulator.idle();
  expect(deliveries).toHaveLength(1);
  expect(emulator.deliveries()).toMatchObject([{ attempts: [400], outcome: 'dropped' }]);
});

test('a failing webhook holds back the later ones of its incident, not those of others', async () => {
  const { emulator, deliveries } = await emulate((delivery) => (delivery === 1 ? 503 : 200), { backoffMs: 100 });
  await enqueue(emulator, 'trigger', 'd1');
  while (deliveries.length < 1) await new Promise(setImmediate);
  await enqueue(emulator, 'acknowledge', 'd1');
  await enqueue(emulator, 'trigger', 'd2');
  await emulator.idle();
  const told = deliveries.map(({ key, type }) => `${key} ${type}`);
  expect(told.filter((line) => line.startsWith('d1'))).toEqual([
    'd1 incident.triggered',
    'd1 incident.triggered',
    'd1 incident.acknowledged',
  ]);
  expect(told).toContain('d2 incident.triggered');
});

test('a duplicate carries the same id', async () => {
  const { emulator, deliveries } = await emulate();
  emulator.inject({ kind: 'duplicate_webhook' });
  await enqueue(emulator, 'trigger');
  await enqueue(emulator, 'resolve');
  await emulator.idle();
  expect(types(deliveries)).toEqual(['incident.triggered', 'incident.triggered', 'incident.resolved']);
  expect(deliveries[0]?.headers['x-webhook-id']).toBe(deliveries[1]?.headers['x-webhook-id']);
  expect(deliveries[0]?.raw).toEqual(deliveries[1]?.raw);
});

test('reordered: the first comes after the second, with its own earlier time', async () => {
  const { emulator, deliveries } = await emulate();
  emulator.inject({ kind: 'reorder_webhooks', holdMs: 600_000 });
  for (const action of ['trigger', 'acknowledge', 'resolve']) await enqueue(emulator, action);
  await emulator.idle();
  expect(types(deliveries)).toEqual(['incident.acknowledged', 'incident.triggered', 'incident.resolved']);
  const times = deliveries.map(({ raw }) => JSON.parse(raw.toString()).event.occurred_at as string);
  expect(times[1]! <= times[0]!).toBe(true);
});

test('reordered: waits for the next even where that is of another incident and has to be retried', async () => {
  const { emulator, deliveries } = await emulate((delivery) => (delivery === 1 ? 503 : 200), { backoffMs: 50 });
  emulator.inject({ kind: 'reorder_webhooks', holdMs: 600_000 });
  await enqueue(emulator, 'trigger', 'd1');
  await enqueue(emulator, 'trigger', 'd2');
  await emulator.idle();
  expect(deliveries.map(({ key }) => key)).toEqual(['d2', 'd2', 'd1']);
});

test('reordered with nothing after it: delivered all the same', async () => {
  const { emulator, deliveries } = await emulate();
  emulator.inject({ kind: 'reorder_webhooks', holdMs: 1 });
  await enqueue(emulator, 'trigger');
  await emulator.idle();
  expect(types(deliveries)).toEqual(['incident.triggered']);
});

test('a webhook set later gets what happens from then on', async () => {
  const subscriber = await subscribe();
  const emulator = await startPagerDutyEmulator();
  cleanups.push(
    () => emulator.stop(),
    () => subscriber.stop(),
  );
  await enqueue(emulator, 'trigger');
  await emulator.idle();
  const body = JSON.stringify({ url: subscriber.url, secret: SECRET });
  await fetch(`${emulator.url}/emulator/webhook`, { method: 'PUT', body });
  await enqueue(emulator, 'resolve');
  await emulator.idle();
  expect(types(subscriber.deliveries)).toEqual(['incident.resolved']);
});

test('stops while a subscriber keeps silent', async () => {
  const { emulator, deliveries } = await emulate(() => 'nothing');
  await enqueue(emulator, 'trigger');
  while (deliveries.length === 0) await new Promise(setImmediate);
  await emulator.stop();
  expect(emulator.deliveries()).toMatchObject([{ outcome: 'pending' }]);
});
