import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { VirtualTiming } from '@holdfast/platform/delivery/testing/virtual-timing';
import { type ChangeEvent, EventsClient, type EventsClientOptions, PagerDutyError } from '.';

const KEY = 'R0UT1NGK3YR0UT1NGK3YR0UT1NGK3YAB';

let emulator: PagerDutyEmulator;
beforeEach(async () => {
  emulator = await startPagerDutyEmulator();
});
afterEach(() => emulator.stop());

const client = (options: EventsClientOptions = {}): EventsClient =>
  new EventsClient({ baseUrl: emulator.url, timing: new VirtualTiming(), ...options });
const post = (body: object) =>
  fetch(`${emulator.url}/v2/change/enqueue`, { method: 'POST', body: JSON.stringify(body) });
const failure = (work: Promise<unknown>): Promise<PagerDutyError> =>
  work.then(
    () => Promise.reject(new Error('it was taken')),
    (error: unknown) => error as PagerDutyError,
  );

/** The example that PagerDuty publishes with "Send a change event"; its placeholder of a routing key is too short to be one. */
const PUBLISHED = {
  payload: {
    summary: 'Build Success: Increase snapshot create timeout to 30 seconds',
    timestamp: '2020-07-17T08:42:58.315+0000',
    source: 'acme-build-pipeline-tool-default-i-9999',
    custom_details: { build_state: 'passed', build_number: '2', run_time: '1236s' },
  },
  links: [{ href: 'https://acme.pagerduty.dev/build/2', text: 'View more details in Acme!' }],
};
const SAME: ChangeEvent = {
  routingKey: KEY,
  summary: PUBLISHED.payload.summary,
  timestamp: PUBLISHED.payload.timestamp,
  source: PUBLISHED.payload.source,
  customDetails: PUBLISHED.payload.custom_details,
  links: PUBLISHED.links,
};

test('the published example is what the client sends, and what the emulator takes', async () => {
  const answer = await post({ routing_key: KEY, ...PUBLISHED });
  expect([answer.status, await answer.json()]).toEqual([202, { status: 'success', message: 'Change event processed' }]);
  expect(await client().change(SAME)).toEqual({ status: 'success', dedupKey: '', message: 'Change event processed' });
  const [published, sent] = emulator.calls();
  expect(sent).toMatchObject({ api: 'changes', body: published!.body, outcome: 202 });
  expect(Object.keys(sent!.body as object).sort()).toEqual(['links', 'payload', 'routing_key']);
  expect(emulator.changes()).toHaveLength(2);
  expect(emulator.notifications()).toEqual([]);
});

test('a summary is enough; one that is too long is cut, details that are too long are left out', async () => {
  await client().change({ routingKey: KEY, summary: 'ü'.repeat(2_000), customDetails: { log: 'x'.repeat(600_000) } });
  expect(emulator.changes()).toMatchObject([{ customDetails: { omitted: expect.any(String) } }]);
  expect(emulator.changes()[0]!.summary).toHaveLength(1_024);
});

test.each([
  ['no payload', { payload: undefined }, "'payload'"],
  ['no summary', { payload: { ...PUBLISHED.payload, summary: ' ' } }, "'payload.summary'"],
  ['a summary too long', { payload: { summary: 'x'.repeat(1_025) } }, "'summary'"],
  ['a time that is none', { payload: { ...PUBLISHED.payload, timestamp: 'noon' } }, "'timestamp'"],
  ['details that are a text', { payload: { ...PUBLISHED.payload, custom_details: 'x' } }, "'custom_details'"],
  ['a link without an address', { links: [{ text: 'x' }] }, "'links'"],
  ['a routing key too short', { routing_key: 'samplekeyhere' }, "'routing_key'"],
])('the emulator refuses %s and names it', async (_, members, named) => {
  const answer = await post({ routing_key: KEY, ...PUBLISHED, ...members });
  const { errors } = (await answer.json()) as { errors: string[] };
  expect([answer.status, errors]).toEqual([400, [expect.stringContaining(named)]]);
  expect(emulator.changes()).toEqual([]);
});

test.each([
  [{ kind: 'status', status: 503, of: 'changes' }, 1],
  [{ kind: 'status', status: 429, of: 'changes' }, 1],
  [{ kind: 'drop_before_processing', of: 'changes' }, 1],
  // PagerDuty has no key by which it would know the repeat.
  [{ kind: 'drop_after_processing', of: 'changes' }, 2],
] as const)('%p is repeated; shown %p times', async (fault, shown) => {
  emulator.inject(fault);
  await client().change(SAME);
  expect(emulator.changes()).toHaveLength(shown);
});

test('errors are those of alert events, and faults of one interface do not touch the other', async () => {
  emulator.inject({ kind: 'status', status: 401, of: 'changes' });
  await client().trigger({ routingKey: KEY, dedupKey: 'a', summary: 's', source: 'x', severity: 'info' });
  expect(await failure(client().change(SAME))).toMatchObject({ kind: 'rejected', status: 401 });
  expect(await failure(client().change({ ...SAME, summary: '' }))).toMatchObject({
    kind: 'invalid_event',
    status: 400,
  });
  expect(await failure(client().change({ ...SAME, routingKey: 'short' }))).toMatchObject({ kind: 'invalid_input' });
});

test('changes and alert events share the rate of their key', async () => {
  const one = client({ callsPerMinute: 2, burst: 1, deadlineMs: 59_000 });
  await one.change(SAME);
  const error = await failure(one.resolve({ routingKey: KEY, dedupKey: 'a' }));
  expect(error).toMatchObject({ kind: 'deadline', retryAfterMs: 60_000 });
});
