import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '@holdfast/domains/access/core/roles';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { AlertingStore } from '@holdfast/domains/alerting/alerting.store';
import type { AlertToEscalate } from '@holdfast/domains/alerting/core/alert';
import { ClickHouse, typedQuery } from '@holdfast/platform/clickhouse';
import { readConfiguration } from '@holdfast/platform/config';
import type { HttpApplication } from '@holdfast/platform/http';
import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { escalateAlert, resolve, workflowIdOf } from '@holdfast/workflows/alerting/escalate-alert/contract';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { Client } from '@temporalio/client';
import { z } from 'zod';
import { createApi } from '../../apps/api/main';

jest.setTimeout(180_000);

const KEYS = { first: 'a'.repeat(32), second: 'b'.repeat(32), third: 'c'.repeat(32) };
const SECRETS = ['whsec_old', 'whsec_new'];
const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };
const deliveries = typedQuery(
  'alerting/find_delivery',
  z.object({ id: z.string() }),
  z.object({ outcome: z.string() }),
);

async function until<T>(what: string, found: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const value = await found();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
    await pause(20);
  }
}

let folder: string;
let engine: EmbeddedClickHouse;
let temporal: TemporalServer & { readonly dataDir: string };
let pagerduty: PagerDutyEmulator;
let environment: Record<string, string>;
let api: HttpApplication;
let worker: ChildProcess;
let client: Client;
let store: AlertingStore;
let admin: string;
let count = 0;

async function startWorker(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(__dirname, '../../dist/apps/worker/main.js')], {
    env: { ...process.env, ...environment, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the worker ended with ${String(code)}`);
    }),
  ]);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-alerting-'));
  [engine, temporal, pagerduty] = await Promise.all([
    startEmbeddedClickHouse(),
    startTestTemporal(),
    startPagerDutyEmulator({ callsPerMinute: 10_000 }),
  ]);
  environment = {
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_PASSWORD: engine.password,
    TEMPORAL_ADDRESS: temporal.address,
    HOLDFAST_ADMIN_KEY_FILE: join(folder, 'admin.key'),
    HOLDFAST_PAGERDUTY_URL: pagerduty.url,
    HOLDFAST_PAGERDUTY_ROUTING_KEYS: `${Object.entries(KEYS)
      .map(([name, key]) => `${name}=${key}`)
      .join(',')},alias=${KEYS.first},broken=short`,
    HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS: SECRETS.join(','),
  };
  api = await createApi({ auditor: UNAUDITED, configuration: readConfiguration(environment), logger: silent });
  await api.app.listen(0, '127.0.0.1');
  const { port } = api.app.getHttpServer().address() as { port: number };
  pagerduty.setWebhook({ url: `http://127.0.0.1:${port}/v1/webhooks/pagerduty`, secret: SECRETS[1]!, backoffMs: 50 });
  worker = await startWorker();
  client = api.app.get(Client);
  store = api.app.get(AlertingStore, { strict: false });
  admin = readFileSync(join(folder, 'admin.key'), 'utf8').trim();
});
afterEach(() => pagerduty.clearFaults());
afterAll(async () => {
  await end(worker, 'SIGTERM');
  await api.app.close();
  await pagerduty.stop();
  await temporal.stop();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Call {
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
const call = async (method: 'GET' | 'POST' | 'PUT', url: string, { key = admin, body, headers }: Call = {}) => {
  const answer = await api.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(body !== undefined && { payload: body as object }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? undefined : answer.json() };
};
async function keyOf(role: Role): Promise<string> {
  const answer = await call('POST', '/v1/keys', {
    body: { principal: { id: role, kind: 'person', roles: [role] } },
    headers: { 'idempotency-key': randomUUID() },
  });
  return answer.body.key as string;
}

const level = (seconds: number, ...keys: string[]) => ({
  targets: keys.map((routingKey) => ({ kind: 'pagerduty', routingKey })),
  acknowledgeTimeoutSeconds: seconds,
});
async function policy(levels: readonly object[], repeats = 0): Promise<string> {
  const id = `policy-${++count}`;
  expect(await call('PUT', `/v1/escalation-policies/${id}`, { body: { levels, repeats } })).toMatchObject({
    status: 200,
  });
  return id;
}
function alertFor(id: string, processId = 'order-to-cash'): AlertToEscalate {
  const fingerprint = `${processId}_${++count}`;
  return {
    alertId: `${fingerprint}.1`,
    fingerprint,
    process: processId,
    subject: { kind: 'reconciliation', id: fingerprint },
    severity: 'critical',
    policy: id,
    labels: {},
    facts: { open: 3, revision: 1 },
  };
}
async function raise(id: string, processId?: string): Promise<string> {
  const alert = alertFor(id, processId);
  await escalate(alert);
  return alert.alertId;
}
async function escalate(alert: AlertToEscalate): Promise<void> {
  await client.workflow.start(escalateAlert.name, {
    workflowId: escalateAlert.id(alert),
    taskQueue: 'control',
    args: [alert],
  });
}
const alertOf = async (id: string) => (await call('GET', `/v1/alerts/${id}`)).body;
const notified = (id: string) =>
  pagerduty
    .notifications()
    .map(({ dedupKey }) => dedupKey)
    .filter((dedupKey) => dedupKey.startsWith(`${id}/`));
const paged = (id: string, pages = 1) =>
  until(`${id} has paged ${pages} times`, async () => ((await alertOf(id))?.pages ?? 0) >= pages);
async function heal(id: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowIdOf(id));
  await handle.signal(resolve, { by: '', reason: 'healed', at: Date.now() * 1000 });
  await handle.result();
}

describe('escalation policies', () => {
  it('are versioned documents', async () => {
    const levels = [level(60, 'first'), { targets: [{ kind: 'pagerduty', routingKey: 'second' }] }];
    const made = await call('PUT', '/v1/escalation-policies/on-call', { body: { levels, repeats: 2 } });
    expect(made).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    expect(made.body).toMatchObject({ id: 'on-call', version: 1, repeats: 2, changedBy: 'admin' });
    expect(made.body.levels[1].acknowledgeTimeoutSeconds).toBe(300);

    const change = (headers: Record<string, string>) =>
      call('PUT', '/v1/escalation-policies/on-call', { body: { levels, repeats: 3 }, headers });
    expect(await change({})).toMatchObject({ status: 428 });
    expect(await change({ 'if-match': '"7"' })).toMatchObject({ status: 412, body: { code: 'version_mismatch' } });
    expect(await change({ 'if-match': '"1"' })).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect((await call('GET', '/v1/escalation-policies/on-call')).body).toMatchObject({ version: 2, repeats: 3 });
    const { body: history } = await call('GET', '/v1/escalation-policies/on-call/history');
    expect(
      history.items.map(({ version, repeats }: { version: number; repeats: number }) => [version, repeats]),
    ).toEqual([
      [2, 3],
      [1, 2],
    ]);
    expect((await call('GET', '/v1/escalation-policies')).body.items[0]).toMatchObject({ id: 'on-call' });
    expect(await call('GET', '/v1/escalation-policies/nobody')).toMatchObject({
      status: 404,
      body: { code: 'escalation_policy_not_found' },
    });
  });

  it.each([
    ['a name that is not configured', [level(60, 'unknown')], 'levels.0.targets.0.routingKey', /not configured/],
    ['a key that is none', [level(60, 'broken')], 'levels.0.targets.0.routingKey', /no routing key/],
    ['one name at two levels', [level(60, 'first'), level(60, 'first')], 'levels.1.targets.0.routingKey', /same/],
    ['one key by two names', [level(60, 'first', 'alias')], 'levels.0.targets.1.routingKey', /same/],
    ['no level', [], 'levels', /one level/],
    ['no target', [level(60)], 'levels.0.targets', /./],
    ['no time', [level(0, 'first')], 'levels.0.acknowledgeTimeoutSeconds', /./],
  ])('with %s are refused, by field', async (_, levels, field, reason) => {
    const answer = await call('PUT', '/v1/escalation-policies/wrong', { body: { levels } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field, reason: expect.stringMatching(reason) }] } });
    expect(JSON.stringify(answer.body)).not.toContain(KEYS.first);
    expect((await call('GET', '/v1/escalation-policies/wrong')).status).toBe(404);
  });
});

describe('alerts over HTTP', () => {
  it('need the permission that each route states', async () => {
    const [viewer, responder, sender] = [await keyOf('viewer'), await keyOf('responder'), await keyOf('sender')];
    const id = await raise(await policy([level(600, 'first')]));
    await paged(id);
    expect((await call('GET', '/v1/alerts', { key: sender })).status).toBe(403);
    expect((await call('GET', `/v1/alerts/${id}`, { key: viewer })).status).toBe(200);
    expect((await call('POST', `/v1/alerts/${id}/acknowledge`, { key: viewer })).status).toBe(403);
    expect((await call('PUT', '/v1/escalation-policies/x', { key: responder, body: {} })).status).toBe(403);
    expect((await call('POST', '/v1/escalation-policies/x/test', { key: responder })).status).toBe(403);
    expect(await call('POST', `/v1/alerts/${id}/acknowledge`, { key: responder })).toMatchObject({
      status: 200,
      body: { state: 'acknowledged', acknowledgedBy: 'responder' },
    });
    expect(await call('POST', `/v1/alerts/${id}/acknowledge`, { key: responder })).toMatchObject({
      status: 409,
      body: { code: 'alert_acknowledged' },
    });
    expect(await call('POST', `/v1/alerts/${id}/resolve`, { key: responder })).toMatchObject({
      status: 200,
      body: { state: 'resolved', resolvedBy: 'responder', resolvedReason: 'manual' },
    });
    expect(await call('POST', `/v1/alerts/${id}/acknowledge`)).toMatchObject({
      status: 409,
      body: { code: 'alert_resolved' },
    });
    expect(await call('POST', '/v1/alerts/nothing.1/resolve')).toMatchObject({
      status: 404,
      body: { code: 'alert_not_found' },
    });
  });

  it('are listed newest first, by state and process, page by page', async () => {
    const id = await policy([level(600, 'first')]);
    const raised: string[] = [];
    for (let n = 0; n < 5; n++) {
      raised.unshift(await raise(id, 'listed'));
      await paged(raised[0]!);
    }
    await call('POST', `/v1/alerts/${raised[1]}/acknowledge`);
    await heal(raised[2]!);
    const ids = async (query: string) =>
      (await call('GET', `/v1/alerts?process=listed&${query}`)).body.items.map((one: { id: string }) => one.id);
    expect(await ids('')).toEqual(raised);
    expect(await ids('state=open')).toEqual([raised[0], raised[3], raised[4]]);
    expect(await ids('state=acknowledged')).toEqual([raised[1]]);
    expect(await ids('state=resolved')).toEqual([raised[2]]);

    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await call('GET', `/v1/alerts?process=listed&limit=2${cursor}`);
      seen.push(...body.items.map((one: { id: string }) => one.id));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(raised);
    expect(await call('GET', '/v1/alerts?cursor=nonsense')).toMatchObject({
      status: 400,
      body: { code: 'invalid_cursor' },
    });
    expect((await call('GET', '/v1/alerts?state=asleep')).status).toBe(400);
    for (const one of [raised[0]!, raised[1]!, raised[3]!, raised[4]!]) await heal(one);
  });

  it('of a test are raised once for an Idempotency-Key, and end when a responder acknowledges in PagerDuty', async () => {
    const id = await policy([level(600, 'first')]);
    const headers = { 'idempotency-key': randomUUID() };
    const answer = await call('POST', `/v1/escalation-policies/${id}/test`, { headers });
    expect(answer.status).toBe(202);
    const { alert } = answer.body as { alert: string };
    expect(await alertOf(alert)).toMatchObject({ state: 'open', raisedBy: 'admin', subject: { kind: 'test', id } });
    expect((await call('POST', `/v1/escalation-policies/${id}/test`, { headers })).body).toEqual(answer.body);
    await paged(alert);
    await pagerduty.idle();
    pagerduty.acknowledge(`${alert}/L1/R0`, KEYS.first, { id: 'PADA', type: 'user_reference', summary: 'Ada' });
    await until('the test is over', async () => (await alertOf(alert)).state === 'resolved');
    expect(await alertOf(alert)).toMatchObject({ acknowledgedBy: 'pagerduty:PADA', resolvedBy: 'pagerduty:PADA' });
    await until('its incident is closed', () =>
      pagerduty.incidents().every(({ dedupKey, status }) => !dedupKey.startsWith(alert) || status === 'resolved'),
    );
    expect(notified(alert)).toHaveLength(1);
    expect(
      await call('POST', '/v1/escalation-policies/nobody/test', { headers: { 'idempotency-key': randomUUID() } }),
    ).toMatchObject({ status: 404 });
  });
});

describe('webhooks', () => {
  const eventOf = (key: string, type = 'incident.acknowledged', id: string = randomUUID()) => ({
    event: {
      id,
      event_type: type,
      resource_type: 'incident',
      occurred_at: new Date().toISOString(),
      agent: { id: 'PADA', type: 'user_reference', summary: 'Ada' },
      data: { id: 'Q1', type: 'incident', incident_key: key },
    },
  });
  const deliver = (payload: string, secret = SECRETS[0]!, headers: Record<string, string> = {}) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/webhooks/pagerduty',
      payload,
      headers: {
        'content-type': 'application/json',
        'x-pagerduty-signature': `v1=${createHmac('sha256', secret).update(payload).digest('hex')}`,
        ...headers,
      },
    });

  it('count only when one of the secrets signed the very bytes', async () => {
    const id = await raise(await policy([level(600, 'first')]));
    await paged(id);
    const payload = JSON.stringify(eventOf(`${id}/L1/R0`));
    expect((await deliver(payload, 'whsec_wrong')).json()).toMatchObject({
      status: 403,
      code: 'webhook_signature_invalid',
    });
    expect((await deliver(payload, SECRETS[0], { 'x-pagerduty-signature': '' })).statusCode).toBe(403);
    const other = `${payload} `;
    expect(
      (
        await deliver(other, SECRETS[0], {
          'x-pagerduty-signature': `v1=${createHmac('sha256', SECRETS[0]!).update(payload).digest('hex')}`,
        })
      ).statusCode,
    ).toBe(403);
    expect((await alertOf(id)).state).toBe('open');
    expect((await deliver(payload)).statusCode).toBe(202);
    await until('it is acknowledged', async () => (await alertOf(id)).state === 'acknowledged');
    await heal(id);
  });

  it('are taken once, however often they are delivered', async () => {
    const id = await raise(await policy([level(600, 'first')]));
    await paged(id);
    const payload = JSON.stringify(eventOf(`${id}/L1/R0`));
    const answers = await Promise.all(Array.from({ length: 5 }, () => deliver(payload)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202, 202, 202]);
    await until('it is acknowledged', async () => (await alertOf(id)).state === 'acknowledged');
    expect((await deliver(payload)).statusCode).toBe(202);
    await heal(id);
    const { transitions } = await alertOf(id);
    expect(transitions.filter(({ kind }: { kind: string }) => kind === 'acknowledged')).toHaveLength(1);
  });

  it.each([
    ['an alert that does not exist', 'order-to-cash_nothing.1/L1/R0'],
    ['a key of somebody else', 'server-42-cpu'],
    ["a key that reaches for another's workflow", '../change/escalation-policy/x/L1/R0'],
  ])('about %s are recorded as ignored', async (_, key) => {
    const event = eventOf(key);
    expect((await deliver(JSON.stringify(event))).statusCode).toBe(202);
    const found = await api.app.get(ClickHouse).row(deliveries, { id: event.event.id });
    expect(found).toEqual({ outcome: 'ignored' });
  });

  it('of no concern are answered and forgotten', async () => {
    for (const payload of [
      '{}',
      'not json',
      JSON.stringify(eventOf('x', 'incident.triggered')),
      '{"event":{"event_type":"pagey.ping"}}',
    ])
      expect((await deliver(payload)).statusCode).toBe(202);
  });

  it('that are too large or of another type are refused', async () => {
    expect((await deliver('x'.repeat(1_048_577))).json()).toMatchObject({ status: 413, code: 'body_too_large' });
    expect((await deliver('{}', SECRETS[0], { 'content-type': 'text/plain' })).statusCode).toBe(415);
  });

  it('are refused while no secret is configured', async () => {
    const configuration = readConfiguration({ ...environment, HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS: '' });
    const open = await createApi({ auditor: UNAUDITED, configuration, logger: silent });
    const payload = JSON.stringify(eventOf('x'));
    const answer = await open.app.inject({
      method: 'POST',
      url: '/v1/webhooks/pagerduty',
      payload,
      headers: {
        'content-type': 'application/json',
        'x-pagerduty-signature': `v1=${createHmac('sha256', '').update(payload).digest('hex')}`,
      },
    });
    await open.app.close();
    expect(answer.json()).toMatchObject({ status: 503, code: 'webhooks_not_configured' });
  });
});

describe('an acknowledgement that races with the timeout', () => {
  const TIMEOUT_MS = 1_000;

  it('stops the ladder or comes just after the next page; what is recorded agrees with whom was called', async () => {
    const id = await policy([level(TIMEOUT_MS / 1000, 'first'), level(3_600, 'second')]);
    for (let round = 0; round < 10; round++) {
      const alert = await raise(id);
      await until('level 1 is notified', () => notified(alert).length === 1);
      await pause(TIMEOUT_MS - 150 + round * 25);
      expect((await call('POST', `/v1/alerts/${alert}/acknowledge`)).status).toBe(200);
      await heal(alert);
      await pagerduty.idle();
      const kinds = (await store.transitions(alert)).map(({ kind }) => kind);
      const late = kinds.includes('timed_out');
      expect(kinds.indexOf('timed_out')).toBeLessThan(kinds.indexOf('acknowledged'));
      expect(notified(alert)).toHaveLength(late && kinds.filter((kind) => kind === 'paged').length === 2 ? 2 : 1);
      for (const { dedupKey, status } of pagerduty.incidents())
        if (dedupKey.startsWith(alert)) expect(status).toBe('resolved');
    }
  });

  it('counts when both wait for the worker', async () => {
    const alert = await raise(await policy([level(4, 'first'), level(3_600, 'second')]));
    await paged(alert);
    await end(worker, 'SIGTERM');
    const handle = client.workflow.getHandle(workflowIdOf(alert));
    await handle.signal('acknowledge', { by: 'admin', via: 'api', at: Date.now() * 1000 });
    await until('the timer has fired', async () =>
      (await handle.fetchHistory()).events?.some(({ timerFiredEventAttributes }) => timerFiredEventAttributes),
    );
    worker = await startWorker();
    await until('it is acknowledged', async () => (await alertOf(alert)).state === 'acknowledged');
    await heal(alert);
    expect(notified(alert)).toEqual([`${alert}/L1/R0`]);
  });
});

describe('an alert that is resolved while PagerDuty takes nothing', () => {
  it('gives its page up, be it in the middle of a try or between two, and sends it not afterwards', async () => {
    const id = await policy([level(3_600, 'first')]);
    for (const tries of [1, 1, 2]) {
      pagerduty.inject({ kind: 'status', status: 503, times: 1_000 });
      const alert = await raise(id);
      const tried = (): number =>
        pagerduty.calls().filter(({ body }) => (body as { dedup_key: string }).dedup_key.startsWith(alert)).length;
      await until(`it was tried ${tries} times`, () => tried() >= tries);
      await client.workflow
        .getHandle(workflowIdOf(alert))
        .signal(resolve, { by: '', reason: 'healed', at: Date.now() * 1000 });
      await until('the page is given up', async () =>
        (await store.transitions(alert)).some(({ kind, code }) => kind === 'page_failed' && code === 'answered'),
      );
      pagerduty.clearFaults();
      expect(await client.workflow.getHandle(workflowIdOf(alert)).result()).toEqual({ state: 'resolved' });
      expect(notified(alert)).toEqual([]);
    }
  });
});

describe('a worker that is killed', () => {
  it('in the middle of a page notifies nobody twice, and skips no level', async () => {
    const id = await policy([level(3, 'first'), level(600, 'second')]);
    pagerduty.inject({ kind: 'slow', delayMs: 60_000 });
    const alert = await raise(id);
    await until('PagerDuty has the page, and has not answered', () => notified(alert).length === 1);
    await end(worker, 'SIGKILL');
    worker = await startWorker();
    await until('level 2 is paged', () => notified(alert).length === 2);
    await paged(alert, 2);
    expect(notified(alert)).toEqual([`${alert}/L1/R0`, `${alert}/L2/R0`]);
    const triggers = pagerduty
      .calls()
      .filter(({ body }) => (body as { dedup_key: string }).dedup_key === `${alert}/L1/R0`);
    expect(triggers.length).toBeGreaterThan(1); // it was sent again, under the same key
    expect((await store.transitions(alert)).map(({ kind }) => kind)).toEqual(['raised', 'paged', 'timed_out', 'paged']);
    await heal(alert);
  });

  it('behind the row of an alert that it raised: its story has its beginning all the same', async () => {
    const [escalated, raised] = [alertFor('nowhere'), alertFor('nowhere')];
    const raisedAt = Date.now() * 1000 - 60_000_000;
    const row = { policyVersion: 0, group: '', context: undefined, raisedAt };
    await store.writeAlerts([
      { ...row, alert: escalated },
      { ...row, alert: raised },
    ]);
    await escalate(escalated);
    await api.app.get(AlertRaiser, { strict: false }).raise([{ alert: raised, context: undefined }]);
    for (const { alertId } of [escalated, raised]) {
      await until('its story has begun', async () => (await store.transitions(alertId)).length > 0);
      expect((await store.transitions(alertId))[0]).toMatchObject({ seq: 0, kind: 'raised', at: raisedAt });
      await heal(alertId);
    }
  });

  it('while nobody is there: an acknowledgement is kept, and answered as soon as a worker runs', async () => {
    const alert = await raise(await policy([level(600, 'first')]));
    await paged(alert);
    await end(worker, 'SIGKILL');
    const answered = call('POST', `/v1/alerts/${alert}/acknowledge`);
    worker = await startWorker();
    expect(await answered).toMatchObject({ status: 200, body: { state: 'acknowledged' } });
    await heal(alert);
  });
});
