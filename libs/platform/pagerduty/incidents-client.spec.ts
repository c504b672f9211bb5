import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { DeliveryError } from '@holdfast/platform/delivery';
import { VirtualTiming } from '@holdfast/platform/delivery/testing/virtual-timing';
import { EventsClient, IncidentsClient, type IncidentsClientOptions } from '.';

const KEY = 'a'.repeat(32);
const TOKEN = 'y_NbAkKc66ryYTWUXYEu';
const FROM = 'on-call-a@example.org';

let emulator: PagerDutyEmulator;
beforeEach(async () => {
  emulator = await startPagerDutyEmulator({ token: TOKEN, restCallsPerMinute: 5 });
});
afterEach(() => emulator.stop());

const client = (options: Partial<IncidentsClientOptions> = {}): IncidentsClient =>
  new IncidentsClient({ baseUrl: emulator.url, token: TOKEN, from: FROM, ...options });
async function open(dedupKey: string): Promise<void> {
  const events = new EventsClient({ baseUrl: emulator.url });
  await events.trigger({ routingKey: KEY, dedupKey, summary: 's', source: 'x', severity: 'info' });
  await emulator.idle();
}
const failure = (work: Promise<unknown>): Promise<DeliveryError> =>
  work.then(
    () => Promise.reject(new Error('it was answered')),
    (error: unknown) => error as DeliveryError,
  );

/** A server that answers every request with this. */
async function withAnswer<T>(body: unknown, work: (url: string) => Promise<T>): Promise<T> {
  const server: Server = createServer((_, response) => response.end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('finds the incident of a key, and none of a key that has none', async () => {
  await open('alert/1');
  await open('alert/2');
  const { id } = emulator.incidents()[1]!;
  expect(await client().find('alert/2')).toEqual({ id, number: 2, url: expect.stringMatching(`^https://.*/${id}$`) });
  expect(await client().find('alert/3')).toBeUndefined();
});

test('of several of a key the newest', async () => {
  await open('alert/1');
  emulator.resolve('alert/1');
  await open('alert/1');
  expect(await client().find('alert/1')).toMatchObject({ number: 2 });
});

/** What the client reads of the example that PagerDuty publishes with "List incidents". */
const PUBLISHED = {
  incidents: [
    {
      id: 'PT4KHLK',
      type: 'incident',
      summary: '[#1234] The server is on fire.',
      self: 'https://api.pagerduty.com/incidents/PT4KHLK',
      html_url: 'https://subdomain.pagerduty.com/incidents/PT4KHLK',
      incident_number: 1234,
      created_at: '2015-10-06T21:30:42Z',
      status: 'resolved',
      title: 'The server is on fire.',
      incident_key: 'baf7cf21b1da41b4b0221008339ff357',
    },
  ],
  limit: 1,
  offset: 0,
  total: null,
  more: false,
};

test('reads the published example', async () => {
  const found = await withAnswer(PUBLISHED, (baseUrl) =>
    client({ baseUrl }).find(PUBLISHED.incidents[0]!.incident_key),
  );
  expect(found).toEqual({ id: 'PT4KHLK', number: 1234, url: 'https://subdomain.pagerduty.com/incidents/PT4KHLK' });
});

test.each([
  [{}],
  [[]],
  [{ incidents: [{}] }],
  [{ incidents: [{ ...PUBLISHED.incidents[0], html_url: 'javascript:alert(1)' }] }],
  [{ incidents: [{ ...PUBLISHED.incidents[0], id: '../users' }] }],
])('believes no answer such as %j', async (body) => {
  const error = await withAnswer(body, (baseUrl) => failure(client({ baseUrl }).find('alert/1')));
  expect(error).toMatchObject({ kind: 'failing' });
});

test('a note is put once, however often it is told', async () => {
  await open('alert/1');
  const { id } = emulator.incidents()[0]!;
  // The content that PagerDuty publishes with "Create a note on an incident".
  for (let time = 0; time < 2; time++) await client().note(id, 'Firefighters are on the scene.');
  expect(emulator.notes()).toMatchObject([{ incidentId: id, content: 'Firefighters are on the scene.', from: FROM }]);
});

test('a note whose answer got lost is not put again', async () => {
  await open('alert/1');
  const { id } = emulator.incidents()[0]!;
  const posted = async (): Promise<unknown> => {
    const headers = { authorization: `Token token=${TOKEN}`, from: FROM };
    return fetch(`${emulator.url}/incidents/${id}/notes`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ note: { content: 'seen' } }) },
    });
  };
  emulator.inject({ kind: 'drop_after_processing', of: 'rest' });
  await expect(posted()).rejects.toThrow();
  await client().note(id, 'seen');
  expect(emulator.notes()).toHaveLength(1);
});

test('errors by class', async () => {
  await open('alert/1');
  const { id } = emulator.incidents()[0]!;
  expect(await failure(client({ token: 'other' }).find('a'))).toMatchObject({ kind: 'unauthorized' });
  expect(await failure(client({ from: undefined }).note(id, 'x'))).toMatchObject({ kind: 'refused' });
  emulator.inject({ kind: 'status', status: 503, of: 'rest' });
  expect(await failure(client().find('a'))).toMatchObject({ kind: 'failing', retryable: true });
  emulator.inject({ kind: 'drop_before_processing', of: 'rest' });
  const silent = await failure(client().find('a'));
  expect(silent).toMatchObject({ kind: 'unreachable', retryable: true });
  expect(inspect(silent, { depth: Infinity })).not.toContain(TOKEN);
  expect(await failure(client().note('Q0', 'x'))).toMatchObject({ kind: 'refused', details: { status: 404 } });
});

test('429 says when, and holds back the other calls of the token', async () => {
  const timing = new VirtualTiming();
  const one = client({ timing });
  for (let call = 0; call < 5; call++) await one.find('a');
  const told = await failure(one.find('a'));
  expect(told).toMatchObject({ kind: 'rate_limited' });
  expect(told.details.retryAfterMs).toBeGreaterThan(50_000);
  const heldBack = await failure(one.find('a'));
  expect([heldBack.kind, heldBack.details.status]).toEqual(['rate_limited', undefined]);
  expect(emulator.calls()).toHaveLength(6);
});

test('stays within its own rate', async () => {
  const one = client({ timing: new VirtualTiming(), callsPerMinute: 2, timeoutMs: 59_000 });
  await one.find('a');
  expect(await failure(one.find('a'))).toMatchObject({ kind: 'rate_limited', details: { retryAfterMs: 60_000 } });
});
