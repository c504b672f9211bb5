import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ResolveWindowActivities } from '@holdfast/domains/resolution/resolve-window.activities';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { lateEvents, reconcileWindow } from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { replayFromSource } from '@holdfast/workflows/resolution/replay-from-source/contract';
import { resolveWindow } from '@holdfast/workflows/resolution/resolve-window/contract';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, keep, MINUTE, minuteOf, processOn, startStage, until, type OpenedWindow, type Stage } from './stage';

const SECRET = 'a secret of the connector';

interface Asked {
  readonly idempotencyKey: string;
  readonly keys: readonly string[];
  readonly signed: boolean;
}

/** A source that is asked to send keys again: a real HTTP server, whose next answers a test sets. */
async function startSource() {
  const asked: Asked[] = [];
  const source = {
    asked,
    statuses: [] as number[],
    onKeys: (_: readonly string[]): Promise<void> => Promise.resolve(),
    url: '',
  };
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      const { keys } = JSON.parse(body) as { keys: string[] };
      const [, t = '', v1 = ''] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['holdfast-signature'])) ?? [];
      const signed = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex') === v1;
      asked.push({ idempotencyKey: String(request.headers['idempotency-key']), keys, signed });
      const status = source.statuses.shift() ?? 202;
      const act = status < 300 ? source.onKeys(keys) : Promise.resolve();
      void act.then(() => response.writeHead(status, { 'retry-after': '1' }).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  source.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/replays`;
  return { source, stop: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
}

let env: TestWorkflowEnvironment;
let stage: Stage;
let source: Awaited<ReturnType<typeof startSource>>['source'];
let stopSource: () => Promise<void>;
let processes = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  ({ source, stop: stopSource } = await startSource());
  env = await startTimeSkipping();
  stage = await startStage(env.address, {
    HOLDFAST_CONNECTORS: `shop=${source.url}`,
    HOLDFAST_CONNECTOR_SECRETS: `shop=${SECRET}`,
  });
  for (const [id, routingKey] of [
    ['on-call', 'first'],
    ['finance', 'second'],
  ] as const) {
    const levels = [{ targets: [{ kind: 'pagerduty', routingKey }], acknowledgeTimeoutSeconds: 86_400 }];
    expect((await stage.call('PUT', `/v1/escalation-policies/${id}`, { body: { levels } })).status).toBe(200);
  }
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
  await stopSource?.();
});

const now = async (): Promise<Micros> => (await env.currentTimeMs()) * 1000;

/** A process of its own, whose rules are about it alone; and an hour of it that is over. */
async function scene(definition: Record<string, unknown> = {}) {
  const process = await processOn(stage, `resolved-${(processes += 1)}`, {
    escalationPolicy: 'on-call',
    ...definition,
  });
  const to = minuteOf(Date.now() * 1000) - 2 * HOUR; // in the time of the API, which does not skip
  const from = to - HOUR;
  await process.tell(from, 'whole');
  return {
    process,
    from,
    to,
    open: () => process.open(from, to),
    missing: (key: string) => process.tell(from, key, ['shop', 'hub']),
    arrives: (key: string) => process.tell(from, key, ['erp']),
    changed: async (key: string, by: number) => {
      await process.tell(from, key, ['shop', 'hub'], 100);
      await process.tell(from, key, ['erp'], 100 + by);
    },
    async rule(id: string, match: object, action: object, more: object = {}): Promise<void> {
      const body = { match: { processes: [process.id], ...match }, action, ...more };
      const answer = await stage.call('PUT', `/v1/resolution-rules/${process.id}-${id}`, { body });
      expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
    },
  };
}
const decisionsOf = async ({ url }: OpenedWindow) => (await stage.call('GET', `${url}/decisions`)).body.items;
const openAlerts = async (window: OpenedWindow) => (await window.alerts()).filter(({ state }) => state !== 'resolved');
const accepts = (seconds: number): object => ({ kind: 'wait', seconds });

// The first of all: the test server lets no more time skip once a workflow has ended that outlived its parent.
it('a rule that waits keeps people asleep until its time, and no longer; a window past its deadline pages anew', async () => {
  const { open, missing, rule } = await scene({ resolveWithinSeconds: 12 * 3600 });
  await missing('key-1');
  await rule('wait', { kinds: ['missing'] }, accepts(6 * 3600));
  const window = await open();
  await window.is('gaps', 1);
  await until('the rule has decided', async () => (await decisionsOf(window)).length === 1);
  expect(await decisionsOf(window)).toMatchObject([
    { action: 'wait', discrepancies: 1, revision: 1, rule: { id: expect.stringContaining('-wait'), version: 1 } },
  ]);
  expect(await window.alerts()).toEqual([]);
  await env.sleep('3h');
  expect(await window.alerts()).toEqual([]);
  await env.sleep('2h');
  const [first] = await until('the alert is raised', async () => {
    const alerts = await window.alerts();
    return alerts.length > 0 && alerts;
  });
  expect(first).toMatchObject({ id: `${window.id}.1`, state: 'open' });
  await env.sleep('8h');
  await until('the deadline pages', async () => (await openAlerts(window))[0]?.id.endsWith('.overdue~'));
  const alerts = await window.alerts();
  expect(alerts.map(({ id, state }) => [id, state]).sort()).toEqual([
    [`${window.id}.1`, 'resolved'],
    [`${window.id}.1.overdue~`, 'open'],
  ]);
  expect(alerts.find(({ state }) => state === 'resolved')).toMatchObject({ resolvedReason: 'escalated' });
  await window.cancel();
  await window.is('cancelled');
  await until('nobody is paged any more', async () => (await openAlerts(window)).length === 0);
  await keep(window.handle, reconcileWindow.name, 'overdue');
});

it('discrepancies within tolerance are accepted by the rule, with its version; the others stay open', async () => {
  const { open, changed, missing, rule, process } = await scene();
  await changed('key-1', 0.25);
  await changed('key-2', 7);
  await missing('key-3');
  const tolerant = { kind: 'accept', reason: 'known at the ERP: rounding' };
  await rule('tolerant', { fields: ['amount'], amount: { field: 'amount', atMost: 0.5 } }, tolerant);
  const window = await open();
  await window.is('gaps', 2);
  expect(await window.states()).toEqual(['1 gaps 3', '2 gaps 2']);
  expect(await decisionsOf(window)).toMatchObject([
    {
      action: 'accept',
      discrepancies: 1,
      revision: 1,
      rule: { id: `${process.id}-tolerant`, version: 1 },
      by: `rule:${process.id}-tolerant`,
    },
  ]);
  expect(await window.discrepancies('status=accepted')).toMatchObject([
    { key: 'key-1', accepted: { by: `rule:${process.id}-tolerant@1`, reason: 'known at the ERP: rounding' } },
  ]);
  expect((await window.discrepancies('status=open')).map(({ key }) => key)).toEqual(['key-2', 'key-3']);
  await until('people are told of the rest', async () => (await openAlerts(window)).length === 1);
  await keep(
    env.client.workflow.getHandle(resolveWindow.id({ window: windowNamed(window), revision: 1 })),
    resolveWindow.name,
    'accepted',
  );
  await window.cancel();
  await window.is('cancelled');
});

it('a window of which rules accept everything is accepted, and nobody is paged', async () => {
  const { open, changed, rule } = await scene();
  await changed('key-1', 0.25);
  await rule('all', { count: { most: 1 } }, { kind: 'accept', reason: 'known at the ERP' });
  const window = await open();
  await window.is('accepted', 2);
  expect(await window.states()).toEqual(['1 gaps 1', '2 accepted 0']);
  expect(await window.alerts()).toEqual([]);
  expect(await window.handle.result()).toEqual({ state: 'accepted', revision: 2, open: 0 });
});

it('more than a rule is for are left to people', async () => {
  const { open, changed, rule } = await scene();
  await changed('key-1', 0.25);
  await changed('key-2', 0.25);
  await rule('few', { count: { most: 1 } }, { kind: 'accept', reason: 'known at the ERP' });
  const window = await open();
  await window.is('gaps', 1);
  await until('people are told', async () => (await openAlerts(window)).length === 1);
  expect(await decisionsOf(window)).toEqual([]);
  await window.cancel();
});

it('a rule that pages does so by its own policy', async () => {
  const { open, missing, rule, process } = await scene();
  await missing('key-1');
  await rule('page', { kinds: ['missing'] }, { kind: 'escalate', policy: 'finance' });
  const window = await open();
  const [alert] = await until('the alert is raised', async () => {
    const alerts = await window.alerts();
    return alerts.length > 0 && alerts;
  });
  expect(alert).toMatchObject({ id: `${window.id}.1.${process.id}-page`, policy: { id: 'finance' } });
  await window.cancel();
  await window.is('cancelled');
});

describe('a replay', () => {
  const replay = (more: object = {}): object => ({ kind: 'replay', connector: 'shop', settleSeconds: 1, ...more });
  beforeEach(() => {
    source.asked.length = 0;
    source.statuses = [];
    source.onKeys = async () => undefined;
  });
  const replayOf = async (window: OpenedWindow) => {
    const [made] = await until('the replay was decided', async () => {
      const found = (await decisionsOf(window)).filter(({ action }: { action: string }) => action === 'replay');
      return found.length > 0 && found;
    });
    return env.client.workflow.getHandle(`replay-from-source/${made.decision}`);
  };

  it('asks the source in batches, signed; a batch that could not be sent comes again under its key; what arrives heals', async () => {
    const { open, missing, arrives, rule } = await scene();
    for (const key of ['key-1', 'key-2', 'key-3', 'key-4', 'key-5']) await missing(key);
    await rule('replay', { kinds: ['missing'], stages: ['erp'] }, replay({ batch: 2 }));
    source.statuses = [202, 503];
    source.onKeys = async (keys) => {
      for (const key of keys) await arrives(key);
    };
    const window = await open();
    await window.is('healed');
    expect(await window.alerts()).toEqual([]);
    expect(source.asked.map(({ keys }) => keys.length)).toEqual([2, 2, 2, 1]);
    expect(source.asked.every(({ signed }) => signed)).toBe(true);
    const [first, second, again, third] = source.asked;
    expect([again!.idempotencyKey, again!.keys]).toEqual([second!.idempotencyKey, second!.keys]);
    expect(new Set([first, again, third].flatMap((one) => one!.keys)).size).toBe(5);
    expect(new Set([first, again, third].map((one) => one!.idempotencyKey)).size).toBe(3);
    expect(await decisionsOf(window)).toMatchObject([{ action: 'replay', discrepancies: 5, outcome: 'sent' }]);
    const handle = await replayOf(window);
    expect(await handle.result()).toBe('sent');
    await keep(handle, replayFromSource.name, 'sent');
  });

  it('that is under way keeps people asleep, although late events have the window judged again', async () => {
    const { open, missing, arrives, rule } = await scene();
    for (const key of ['key-1', 'key-2']) await missing(key);
    await rule('replay', { kinds: ['missing'] }, replay({ batch: 1 }));
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    source.onKeys = async (keys) => {
      if (source.asked.length > 1) await held;
      for (const key of keys) await arrives(key);
    };
    const window = await open();
    await until('the source is asked for the second', () => source.asked.length === 2);
    await window.handle.signal(lateEvents);
    await window.is('gaps', 2);
    await until('the rules were asked again', async () => {
      const { status } = await env.client.workflow.getHandle(`resolve/${window.id}`).describe();
      return status.name === 'COMPLETED';
    });
    expect(await window.alerts()).toEqual([]);
    expect(await decisionsOf(window)).toHaveLength(1);
    answer();
    await window.is('healed');
    expect(await window.alerts()).toEqual([]);
    expect(source.asked).toHaveLength(2);
  });

  it('is tried as often as its rule says; then people are told', async () => {
    const { open, missing, rule } = await scene();
    await missing('key-1');
    await rule('replay', { kinds: ['missing'] }, replay({ attempts: 2 }));
    const window = await open();
    await until('people are told', async () => (await openAlerts(window)).length === 1, 60);
    expect(source.asked).toHaveLength(2);
    expect(await decisionsOf(window)).toMatchObject([
      { action: 'replay', outcome: 'sent', revision: 1 },
      { action: 'replay', outcome: 'sent', revision: 2 },
    ]);
    await window.cancel();
  });

  it('that the source refuses is left to people at once', async () => {
    const { open, missing, rule } = await scene();
    await missing('key-1');
    source.statuses = [422];
    await rule('replay', { kinds: ['missing'] }, replay());
    const window = await open();
    await until('people are told', async () => (await openAlerts(window)).length === 1);
    expect(source.asked).toHaveLength(1);
    expect(await decisionsOf(window)).toMatchObject([{ action: 'replay', outcome: 'failed' }]);
    const handle = await replayOf(window);
    expect(await handle.result()).toBe('failed');
    await keep(handle, replayFromSource.name, 'refused');
    await window.cancel();
  });
});

it('a pass that was cut short anywhere comes to the same when it is repeated', async () => {
  const { open, changed, missing, rule, process, from, to } = await scene();
  for (const key of ['key-1', 'key-2', 'key-3']) await changed(key, 0.25);
  for (const key of ['key-4', 'key-5']) await missing(key);
  await rule('hold', {}, { kind: 'wait', seconds: 360 * 86_400 });
  const window = await open();
  await until('the rule has decided', async () => (await decisionsOf(window)).length === 1);
  await rule('tolerant', { kinds: ['mutated'] }, { kind: 'accept', reason: 'known at the ERP' }, { priority: 1 });
  await rule('replay', { kinds: ['missing'] }, { kind: 'replay', connector: 'shop' }, { priority: 2 });
  const steps = stage.worker.get(ResolveWindowActivities, { strict: false });
  const clickhouse = stage.worker.get(ClickHouse, { strict: false });
  const named = { process: process.id, from, to };
  const pass = await steps.begin({ window: named, revision: 1 }, (await now()) + MINUTE);
  const decide = () => new MockActivityEnvironment().run(() => steps.decide(pass!));
  for (const table of ['acceptance_proposals', 'acceptances', 'resolution_replays', 'resolution_decisions']) {
    clickhouse.onInsert = (into) => {
      if (into === table) throw new Error('the worker died here');
    };
    await expect(decide()).rejects.toThrow('the worker died here');
  }
  clickhouse.onInsert = undefined;
  const resolved = await decide();
  expect(resolved).toMatchObject({
    undecided: 0,
    tallies: [
      { action: 'accept', discrepancies: 3 },
      { action: 'replay', discrepancies: 2 },
    ],
  });
  expect(await decide()).toEqual(resolved);
  expect((await window.discrepancies('status=accepted')).map(({ key }) => key)).toEqual(['key-1', 'key-2', 'key-3']);
  expect(await decisionsOf(window)).toHaveLength(3);
  await window.cancel();
});

it('a trial says what a rule would have decided about past windows, and does nothing', async () => {
  const { open, changed, missing, process, from, to, rule } = await scene();
  await changed('key-1', 0.25);
  await changed('key-2', 7);
  await missing('key-3');
  await rule('first', { kinds: ['missing'] }, { kind: 'wait', seconds: 360 * 86_400 }, { priority: 1 });
  const window = await open();
  await window.is('gaps');
  await until('the rule has decided', async () => (await decisionsOf(window)).length === 1);
  const tried = {
    rule: { match: { amount: { field: 'amount', atMost: 0.5 } }, action: { kind: 'accept', reason: 'x' } },
    process: process.id,
    from: formatInstant(from),
    to: formatInstant(to),
  };
  const answer = await stage.call('POST', '/v1/resolution-rules/trials', { body: tried });
  expect(answer).toMatchObject({
    status: 200,
    body: {
      windows: [{ reconciliation: window.id, discrepancies: 3, decides: 1, byOthers: 1, undecided: 1, revision: 1 }],
      decides: 1,
      examples: [{ key: 'key-1', kind: 'mutated' }],
      complete: true,
    },
  });
  expect(await window.states()).toEqual(['1 gaps 3']);
  expect(await decisionsOf(window)).toHaveLength(1);
  await window.cancel();
});

const windowNamed = ({ id }: OpenedWindow) => {
  const [process, from, to] = id.split('_') as [string, string, string];
  const at = (text: string): Micros =>
    Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:00Z')) * 1000;
  return { process, from: at(from), to: at(to) };
};
