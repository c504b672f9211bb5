import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ChannelsService } from '@holdfast/domains/channels/channels.service';
import { DeadLetterStore } from '@holdfast/domains/channels/dead-letter.store';
import type { Notification } from '@holdfast/domains/channels/core/notification';
import type { DomainError } from '@holdfast/kernel';
import {
  startAlertmanager,
  startJira,
  startMailServer,
  startServiceNow,
  startSlack,
  startTeams,
  startWebhookReceiver,
  type WebhookReceiverEmulator,
} from '@holdfast/platform/channel-emulators';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type Answer, MINUTE, startStage, type Stage, until } from '../workflow/stage';

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
let temporal: TemporalServer;
let stage: Stage;
let receiver: WebhookReceiverEmulator;
let channels: ChannelsService;
let vendors: Vendors;
type Vendors = Awaited<ReturnType<typeof startVendors>>;

async function startVendors() {
  const [alertmanager, jira, mail, servicenow, slack, teams] = await Promise.all([
    startAlertmanager(),
    startJira(['bot@holdfast.example:token']),
    startMailServer({ tls: 'none' }),
    startServiceNow(['holdfast:password']),
    startSlack({ tokens: ['xoxb-old'], signingSecret: 'signing', channels: ['C123ABC456', 'U2CERLKJA'] }),
    startTeams(['sig']),
  ]);
  return { alertmanager, jira, mail, servicenow, slack, teams };
}

beforeAll(async () => {
  leaveSignalsToNest();
  receiver = await startWebhookReceiver(['old']);
  vendors = await startVendors();
  temporal = await startTestTemporal();
  const { alertmanager, jira, mail, servicenow, slack, teams } = vendors;
  const addresses = {
    ...{ hook: `${receiver.url}/in`, bare: receiver.url, mail: `smtp://127.0.0.1:${mail.port}?starttls=off` },
    ...{ alerts: alertmanager.url, issues: jira.url, records: servicenow.url, chat: slack.url },
  };
  stage = await startStage(temporal.address, {
    HOLDFAST_CHANNEL_ADDRESSES: Object.entries(addresses)
      .map(([name, address]) => `${name}=${address}`)
      .join(','),
    HOLDFAST_CHANNEL_SECRETS: [
      'hook=new|old,issues=bot@holdfast.example:token,records=holdfast:password,chat=xoxb-new|xoxb-old',
      `cards=${teams.addresses[0]!},broken=no token`,
    ].join(','),
  });
  channels = stage.worker.get(ChannelsService, { strict: false });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
  await receiver?.stop();
  await Promise.all(Object.values(vendors ?? {}).map((vendor) => vendor.stop()));
});

const put = (id: string, body: unknown, headers = {}): Promise<Answer> =>
  stage.call('PUT', `/v1/channels/${id}`, { body, headers });
const made = async (id: string, body: unknown): Promise<string> => {
  expect(await put(id, body)).toMatchObject({ status: 200 });
  return id;
};
const notification = (key: string): Notification => ({
  ...{ key, alertId: 'orders.1', severity: 'error', title: '3 orders are missing' },
  facts: [{ name: 'open', value: '3' }],
  links: [{ text: 'Alert', url: 'https://holdfast.example/v1/alerts/orders.1' }],
  ...{ acknowledgeUrl: 'https://holdfast.example/ack', labels: { team: 'orders' } },
  ...{ raisedAt: 1_800_000_000_000_000, mayRepeat: false },
});
/** The outcome of a try, as the escalation sees it. */
const outcome = (sent: Promise<unknown>): Promise<unknown> =>
  sent.then(
    (value) => value,
    (error: unknown) => {
      const { kind, code, details } = error as DomainError;
      return [kind, code, details];
    },
  );

describe('a channel', () => {
  it('is a versioned document, which holds no secret', async () => {
    const first = await put('hooks', { type: 'webhook', account: 'hook' });
    expect(first).toMatchObject({ status: 200, body: { id: 'hooks', version: 1, type: 'webhook', account: 'hook' } });
    const changed = { type: 'webhook', account: 'hook', callsPerMinute: 60 };
    expect((await put('hooks', changed)).status).toBe(428);
    expect(await put('hooks', changed, { 'if-match': first.headers.get('etag')! })).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect((await stage.call('GET', '/v1/channels/hooks/history')).body.items).toHaveLength(2);
    expect((await stage.call('GET', '/v1/channels')).body.items).toMatchObject([{ id: 'hooks', callsPerMinute: 60 }]);
    expect(await stage.call('GET', '/v1/channels/none')).toMatchObject({
      status: 404,
      body: { code: 'channel_not_found' },
    });
  });

  it.each<[string, object, string, string]>([
    ['an account that is not configured', { type: 'webhook', account: 'none' }, 'unusable_channel', 'account'],
    ['an account without a secret', { type: 'webhook', account: 'bare' }, 'unusable_channel', 'account'],
    ['an address of another kind', { type: 'webhook', account: 'mail' }, 'unusable_channel', 'account'],
    ['an address of its own', { type: 'webhook', account: 'hook', url: 'http://10.0.0.1' }, 'invalid_request', 'url'],
    ['no mail address to send from', { type: 'email', account: 'mail', from: 'me' }, 'invalid_request', 'from'],
    ['mail over HTTP', { type: 'email', account: 'hook', from: 'a@holdfast.example' }, 'unusable_channel', 'account'],
    ['what is no token', { type: 'slack', account: 'broken' }, 'unusable_channel', 'account'],
    [
      'what is no conversation',
      { type: 'slack', account: 'chat', conversation: '#a' },
      'invalid_request',
      'conversation',
    ],
    ['what is no workflow', { type: 'teams', account: 'chat' }, 'unusable_channel', 'account'],
    ['what is no project', { type: 'jira', account: 'issues', project: 'a" OR 1=1' }, 'invalid_request', 'project'],
    ['what is no table', { type: 'servicenow', account: 'records', table: '../x' }, 'invalid_request', 'table'],
    [
      "a label of Holdfast's own",
      { type: 'alertmanager', account: 'alerts', labels: { alert: 'x' } },
      'invalid_request',
      'labels.alert',
    ],
    [
      'a routing key that is not configured',
      { type: 'pagerduty', routingKey: 'none' },
      'unusable_channel',
      'routingKey',
    ],
    ['a kind that is none', { type: 'pigeon', account: 'hook' }, 'invalid_request', 'type'],
    [
      'a rate that admits nothing',
      { type: 'webhook', account: 'hook', callsPerMinute: 1 },
      'invalid_request',
      'callsPerMinute',
    ],
  ])('is refused with %s, and nothing is stored', async (_, body, code, field) => {
    const answer = await put('wrong', body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.body.errors.map((one: { field: string }) => one.field)).toContain(field);
    expect((await stage.call('GET', '/v1/channels/wrong')).status).toBe(404);
  });

  it.each<[string, object, (all: Vendors) => number]>([
    ['alertmanager', { account: 'alerts' }, ({ alertmanager }) => alertmanager.firing().length],
    [
      'email',
      { account: 'mail', from: 'a@holdfast.example', to: ['b@holdfast.example'] },
      ({ mail }) => mail.mails().length,
    ],
    ['jira', { account: 'issues', project: 'OPS' }, ({ jira }) => jira.issues().length],
    ['pagerduty', { routingKey: 'first' }, () => stage.pagerduty.calls().length],
    ['servicenow', { account: 'records' }, ({ servicenow }) => servicenow.records().length],
    ['slack', { account: 'chat', conversation: 'C123ABC456' }, ({ slack }) => slack.messages().length],
    ['teams', { account: 'cards' }, ({ teams }) => teams.cards().length],
  ])('of type %s is kept, and its vendor takes a test', async (type, settings, delivered) => {
    await made(`of-${type}`, { type, ...settings });
    const sent = await stage.call('POST', `/v1/channels/of-${type}/test`, { body: {} });
    expect(sent).toMatchObject({ status: 200, body: { channel: `of-${type}` } });
    expect(sent.body.ref.length).toBeLessThanOrEqual(200);
    expect(delivered(vendors)).toBe(1);
  });

  it('reaches a person where it is told whom', async () => {
    await made('people', { type: 'slack', account: 'chat' });
    const test = (body: object): Promise<Answer> => stage.call('POST', '/v1/channels/people/test', { body });
    expect((await test({ to: 'U2CERLKJA' })).status).toBe(200);
    expect(vendors.slack.messages().at(-1)!.channel).toBe('U2CERLKJA');
    expect(await test({})).toMatchObject({
      status: 400,
      body: { code: 'channel_refused', vendorCode: 'no_recipient' },
    });
  });

  it('sends a test when asked, once for each key', async () => {
    await made('tested', { type: 'webhook', account: 'hook' });
    const before = receiver.taken().length;
    const test = (): Promise<Answer> =>
      stage.call('POST', '/v1/channels/tested/test', { body: {}, idempotencyKey: 'one-test' });
    const { status, body } = await test();
    expect([status, body.channel]).toEqual([200, 'tested']);
    expect((await test()).body).toEqual(body);
    expect(receiver.taken().slice(before)).toMatchObject([
      { key: body.ref, body: { event: 'raised', title: 'Holdfast: test of channel tested', severity: 'info' } },
    ]);
    expect(await stage.call('POST', '/v1/channels/none/test', { body: {} })).toMatchObject({ status: 404 });
  });
});

describe('a notification', () => {
  it('reaches a webhook with all that it says, and what became of it', async () => {
    await made('told', { type: 'webhook', account: 'hook' });
    const { ref } = await channels.notify({ channel: 'told' }, notification('orders.1/L1/R0/T1'));
    const by = 'on-call-a';
    const followUp = { key: 'orders.1/resolved', alertId: 'orders.1', event: 'resolved', by, title: 'x' } as const;
    await channels.followUp({ channel: 'told' }, ref, followUp);
    expect(receiver.taken().slice(-2)).toEqual([
      {
        key: 'orders.1/L1/R0/T1',
        body: { event: 'raised', ...notification('orders.1/L1/R0/T1'), raisedAt: '2027-01-15T08:00:00Z' },
      },
      { key: 'orders.1/resolved', body: followUp },
    ]);
  });

  it('says by its class why it was not delivered', async () => {
    await made('faulty', { type: 'webhook', account: 'hook' });
    const send = (): Promise<unknown> => outcome(channels.notify({ channel: 'faulty' }, notification('f')));
    receiver.inject({ kind: 'status', status: 403 });
    expect(await send()).toEqual(['invalid', 'channel_unauthorized', { extra: { vendorStatus: 403 } }]);
    receiver.inject({ kind: 'status', status: 400 });
    expect(await send()).toEqual(['invalid', 'channel_refused', { extra: { vendorStatus: 400 } }]);
    receiver.inject({ kind: 'drop_after' });
    expect(await send()).toEqual(['unavailable', 'channel_unreachable', { extra: {} }]);
    expect(await outcome(channels.notify({ channel: 'none' }, notification('f')))).toEqual([
      'invalid',
      'channel_missing',
      { fields: [] },
    ]);
    expect(await send()).toEqual({ ref: 'f' });
  });

  it('waits for no vendor that asks for a pause, whoever sends through the account', async () => {
    for (const id of ['slow-a', 'slow-b']) await made(id, { type: 'webhook', account: 'hook', callsPerMinute: 77 });
    receiver.inject({ kind: 'status', status: 429, retryAfter: '120' });
    expect(await outcome(channels.notify({ channel: 'slow-a' }, notification('s')))).toEqual([
      'unavailable',
      'channel_rate_limited',
      { retryAfterSeconds: 120, extra: { vendorStatus: 429 } },
    ]);
    const before = receiver.requests().length;
    expect(await outcome(channels.notify({ channel: 'slow-b' }, notification('s')))).toMatchObject([
      'unavailable',
      'channel_rate_limited',
      {},
    ]);
    expect(receiver.requests()).toHaveLength(before);
  });

  it('is not tried while its channel rests after failures, and others are', async () => {
    for (const id of ['broken', 'sound']) await made(id, { type: 'webhook', account: 'hook' });
    receiver.inject({ kind: 'status', status: 500, times: 5 });
    const send = (): Promise<unknown> => outcome(channels.notify({ channel: 'broken' }, notification('b')));
    for (let failure = 0; failure < 5; failure++)
      expect(await send()).toMatchObject(['unavailable', 'channel_failing', { extra: { vendorStatus: 500 } }]);
    const before = receiver.requests().length;
    expect(await send()).toEqual(['unavailable', 'channel_open', { retryAfterSeconds: 30 }]);
    expect(receiver.requests()).toHaveLength(before);
    expect(await outcome(channels.notify({ channel: 'sound' }, notification('b')))).toEqual({ ref: 'b' });
  });
});

describe('a dead letter', () => {
  const list = async (query: string): Promise<any[]> =>
    (await stage.call('GET', `/v1/dead-letters?${query}`)).body.items;
  const AT = 1_800_000_000_000_000;

  it('is kept once, listed newest first, and delivered when it is replayed', async () => {
    await made('dead', { type: 'webhook', account: 'hook' });
    const destination = { channel: 'dead', to: 'on-call-a' };
    const first = await channels.deadLetter(destination, notification('d1'), 'channel_refused', AT);
    expect(await channels.deadLetter(destination, notification('d1'), 'channel_refused', AT)).toBe(first);
    const second = await channels.deadLetter({ channel: 'dead' }, notification('d2'), 'channel_open', AT + 1);
    const all = await list('channel=dead');
    expect(all.map(({ id }) => id)).toEqual([second, first]);
    expect(all[1]).toEqual({
      ...{ id: first, channel: 'dead', to: 'on-call-a', alertId: 'orders.1', key: 'd1', severity: 'error' },
      ...{ title: '3 orders are missing', code: 'channel_refused', givenUpAt: '2027-01-15T08:00:00Z' },
      ...{ tries: 0, replayed: null },
    });
    const page = (await stage.call('GET', '/v1/dead-letters?channel=dead&limit=1')).body;
    expect((await list(`channel=dead&limit=1&cursor=${page.next}`))[0].id).toBe(first);

    receiver.inject({ kind: 'status', status: 410 });
    const replay = (): Promise<Answer> => stage.call('POST', `/v1/dead-letters/${first}/replay`);
    expect(await replay()).toMatchObject({ status: 400, body: { code: 'channel_refused' } });
    expect(await list('channel=dead&state=waiting')).toMatchObject([{ id: second }, { id: first, tries: 1 }]);
    expect(await replay()).toMatchObject({
      status: 200,
      body: { id: first, tries: 2, replayed: { by: expect.any(String) } },
    });
    const { acknowledgeUrl: _, raisedAt: __, ...told } = notification('d1');
    expect(receiver.taken().at(-1)).toEqual({
      key: 'd1',
      body: { event: 'raised', to: 'on-call-a', ...told, raisedAt: '2027-01-15T08:00:00Z', mayRepeat: true },
    });
    expect(await list('channel=dead&state=waiting')).toMatchObject([{ id: second }]);
    expect((await list('channel=dead'))[1]).toMatchObject({ tries: 2 });
    expect(await replay()).toMatchObject({ status: 409, body: { code: 'dead_letter_replayed' } });
    expect(await stage.call('POST', '/v1/dead-letters/none/replay')).toMatchObject({
      status: 404,
      body: { code: 'dead_letter_not_found' },
    });
  });

  it('holds no link by which who reads it could acknowledge', async () => {
    const id = await channels.deadLetter({ channel: 'dead' }, notification('secret'), 'channel_open', AT);
    const stored = await stage.sql.query({
      query: 'SELECT * FROM dead_letters WHERE dead_letter = {id:String}',
      query_params: { id },
      format: 'JSONEachRow',
    });
    const rows = await stored.text();
    expect(rows).toContain('3 orders are missing');
    expect(rows).not.toMatch(/acknowledgeUrl|holdfast\.example\/ack/);
  });

  it('is sent once by however many replays at once, in whatever process', async () => {
    await made('twice', { type: 'webhook', account: 'hook' });
    const id = await channels.deadLetter({ channel: 'twice' }, notification('t1'), 'channel_open', AT);
    const before = receiver.requests().length;
    let answer = (): void => undefined;
    receiver.inject({ kind: 'held', until: new Promise((resolve) => (answer = resolve)) });
    const byWorker = channels.replay(id, 'on-call-a', Date.now() * 1000);
    await until('the first is under way', () => receiver.requests().length > before);
    const replay = (): Promise<Answer> => stage.call('POST', `/v1/dead-letters/${id}/replay`);
    expect(await replay()).toMatchObject({ status: 409, body: { code: 'dead_letter_under_way' } });
    expect(await outcome(channels.replay(id, 'on-call-b', Date.now() * 1000))).toMatchObject([
      'conflict',
      'dead_letter_under_way',
      {},
    ]);
    answer();
    expect(await byWorker).toMatchObject({ id, tries: 1, replayed: { by: 'on-call-a' } });
    expect(await replay()).toMatchObject({ status: 409, body: { code: 'dead_letter_replayed' } });
    expect(receiver.requests()).toHaveLength(before + 1);
    expect((await list('channel=twice'))[0]).toMatchObject({ tries: 1, replayed: { by: 'on-call-a' } });
  });

  it('is sent again when the replay that claimed it was killed, after five minutes', async () => {
    await made('killed', { type: 'webhook', account: 'hook' });
    const id = await channels.deadLetter({ channel: 'killed' }, notification('k1'), 'channel_open', AT);
    const now = Date.now() * 1000;
    expect(await stage.worker.get(DeadLetterStore, { strict: false }).claim(id, 'killed', now)).toBe(true);
    const replay = (at: number): Promise<unknown> => outcome(channels.replay(id, 'on-call-a', at));
    expect(await replay(now + 4 * MINUTE)).toMatchObject(['conflict', 'dead_letter_under_way', {}]);
    expect(await replay(now + 5 * MINUTE)).toMatchObject({ id, tries: 1 });
  });
});

test('the command line applies, tests, lists what nobody got, and sends it again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-channels-'));
  try {
    const file = join(folder, 'channels.yaml');
    writeFileSync(file, 'id: by-hand\ntype: webhook\naccount: hook\n');
    const { port } = stage.api.app.getHttpServer().address() as AddressInfo;
    const key = ['--url', `http://127.0.0.1:${port}`, '--key-file', stage.configuration.HOLDFAST_ADMIN_KEY_FILE!];
    const run = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [MAIN, ...key, 'channels', ...args])).stdout;
    expect(await run('apply', file)).toMatch(/channel +by-hand +1 +created/);
    expect(await run('list')).toMatch(/by-hand +1 +webhook +hook/);
    expect(await run('show', 'by-hand')).toContain('kind: channel\nid: by-hand\ntype: webhook');
    expect(await run('test', 'by-hand')).toMatch(/^by-hand has taken the message: test-/);
    expect(await run('dead-letters', '--channel', 'by-hand')).toBe('there are no dead letters\n');
    const id = await channels.deadLetter(
      { channel: 'by-hand' },
      notification('h1'),
      'channel_open',
      1_800_000_000_000_000,
    );
    expect(await run('dead-letters', '--channel', 'by-hand')).toContain(`${id}  2027-01-15T08:00:00Z  by-hand`);
    expect(await run('replay', id)).toBe(`${id} was delivered through by-hand\n`);
    expect(await run('dead-letters', '--channel', 'by-hand')).toBe('there are no dead letters\n');
    expect(await run('dead-letters', '--channel', 'by-hand', '--all')).toContain(id);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
