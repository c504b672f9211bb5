import type { AddressInfo } from 'node:net';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { probePath } from '@holdfast/workflows/synthetics/probe-path/contract';
import { tellAlive } from '@holdfast/workflows/synthetics/tell-alive/contract';
import { watchHeartbeats } from '@holdfast/workflows/synthetics/watch-heartbeats/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type FrontDoor, openFrontDoor, PROBE_KEY } from './front-door';
import { type Answer, keep, type Stage, startStage, until } from './stage';

let env: TestWorkflowEnvironment;
let door: FrontDoor;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  door = await openFrontDoor();
  stage = await startStage(env.address, {
    HOLDFAST_PROBE_KEY: PROBE_KEY,
    HOLDFAST_PROBE_URL: door.url,
    HOLDFAST_HEARTBEAT_URL: `${door.url}/outside`,
  });
  door.target = `http://127.0.0.1:${(stage.api.app.getHttpServer().address() as AddressInfo).port}`;
  await made('PUT', '/v1/escalation-policies/pager', {
    levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }] }],
  });
  await made('PUT', '/v1/processes/orders', {
    stages: ['shop', 'hub', 'erp'].map((id) => ({ id, role: id === 'erp' ? 'target' : 'source' })),
    fields: [{ name: 'amount' }],
  });
});
afterAll(async () => {
  await stage?.stop();
  await door?.stop();
  await env?.teardown();
});
beforeEach(() => Object.assign(door, { isShut: false, passOn: ['hub', 'erp'], isMarked: true }));

async function made(method: 'PUT' | 'POST', path: string, body?: object, version?: number): Promise<any> {
  const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` };
  const answer = await stage.call(method, path, { ...(body && { body }), headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const get = async (path: string): Promise<any> => (await stage.call('GET', path)).body;
const terms = { owner: 'orders-team', runbook: 'https://runbooks.example/path', escalationPolicy: 'pager' };
const path = (over: object = {}) => ({
  ...{ process: 'orders', send: ['shop'], readableWithinSeconds: 20, everySeconds: 300, ...terms },
  expect: [
    { stage: 'hub', withinSeconds: 60 },
    { stage: 'erp', withinSeconds: 120 },
  ],
  ...over,
});

let runs = 0;
/** Runs a workflow. Virtual time goes on in small steps, and only while it waits: alerts that are open wait for longer. */
async function run(contract: { name: string }, args: unknown[], history?: string): Promise<unknown> {
  const workflowId = `${contract.name}-${(runs += 1)}`;
  const handle = await stage.client.workflow.start(contract.name, { workflowId, taskQueue: 'control', args });
  await until('it has ended', async () => {
    if ((await handle.describe()).status.name !== 'RUNNING') return true;
    await env.sleep('1s');
    return false;
  });
  const result: unknown = await handle.result();
  if (history !== undefined) await keep(handle, contract.name, history);
  return result;
}
async function probe(id: string, history?: string): Promise<any> {
  await run(probePath, [id], history);
  return (await get(`/v1/synthetic-transactions/${id}/probes`)).items[0];
}
const problem = ({ status, body }: Answer): unknown[] => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ field }: { field: string }) => field),
];

describe('a probe', () => {
  test('that gets through says how long each stage took, and alerts nobody', async () => {
    await made('PUT', '/v1/synthetic-transactions/whole', path());
    const found = await probe('whole', 'passed');
    expect(found).toMatchObject({ state: 'passed', process: 'orders', hop: null, fault: null, version: 1 });
    expect(Object.keys(found.tookMs).sort()).toEqual(['erp', 'hub', 'shop']);
    const { items } = await get(`/v1/events?process=orders&key=${found.key as string}`);
    expect(items.map((one: any) => [one.stage, one.source, one.synthetic].join(' ')).sort()).toEqual([
      ...['erp erp true', 'hub hub true', 'shop holdfast-synthetics true'],
    ]);
    expect(await get('/v1/synthetic-transactions/whole/status')).toMatchObject({ failuresInARow: 0, alert: null });
  });

  test('that intake does not take is an alert after as many failures as it says, and over with the first that gets through', async () => {
    await made('PUT', '/v1/synthetic-transactions/intake', path({ failuresBeforeAlert: 2 }));
    door.isShut = true;
    const first = await probe('intake', 'not-taken');
    expect(first).toMatchObject({ state: 'broken', stage: 'shop', hop: 'holdfast -> shop', fault: 'intake_failing' });
    expect(await get('/v1/synthetic-transactions/intake/status')).toMatchObject({ failuresInARow: 1, alert: null });
    await probe('intake');
    const { alert, failuresInARow, failingSince } = await get('/v1/synthetic-transactions/intake/status');
    expect([failuresInARow, failingSince]).toEqual([2, first.at]);
    expect(await get(`/v1/alerts/${alert as string}`)).toMatchObject({
      ...{ state: 'open', severity: 'critical', process: 'orders', policy: { id: 'pager' } },
      subject: { kind: 'synthetic', id: 'intake' },
      labels: { synthetic: 'intake', stage: 'shop', hop: 'holdfast -> shop', fault: 'intake_failing' },
      context: { topHop: 'holdfast -> shop', owner: 'orders-team', runbook: terms.runbook, since: first.at },
    });
    await probe('intake'); // the same alert
    expect((await get('/v1/synthetic-transactions/intake/status')).alert).toBe(alert);
    door.isShut = false;
    expect(await probe('intake', 'healed')).toMatchObject({ state: 'passed' });
    await until('it is over', async () => (await get(`/v1/alerts/${alert as string}`)).state === 'resolved');
    expect(await get(`/v1/alerts/${alert as string}`)).toMatchObject({ resolvedReason: 'healed' });
  });

  test('that a stage does not pass on names the hop, and one that loses the mark, too', async () => {
    await made('PUT', '/v1/synthetic-transactions/hops', path({ failuresBeforeAlert: 1 }));
    door.passOn = ['hub'];
    expect(await probe('hops', 'not-passed-on')).toMatchObject({
      ...{ state: 'broken', stage: 'erp', hop: 'hub -> erp', fault: 'not_passed_on' },
    });
    const { alert } = await get('/v1/synthetic-transactions/hops/status');
    expect(await get(`/v1/alerts/${alert as string}`)).toMatchObject({ labels: { hop: 'hub -> erp' } });
    Object.assign(door, { passOn: ['hub', 'erp'], isMarked: false });
    expect(await probe('hops')).toMatchObject({ stage: 'hub', hop: 'shop -> hub', fault: 'mark_lost' });
    // Disabled, it is nobody's business any more.
    await made('PUT', '/v1/synthetic-transactions/hops', path({ failuresBeforeAlert: 1, enabled: false }), 1);
    await until('it is over', async () => (await get(`/v1/alerts/${alert as string}`)).state === 'resolved');
    const before = await get('/v1/synthetic-transactions/hops/probes');
    expect(await run(probePath, ['hops'], 'disabled')).toBeNull();
    expect(await get('/v1/synthetic-transactions/hops/probes')).toEqual(before);
  });

  test('of a path that does not exist, or that takes longer than to the next one, is refused', async () => {
    const put = (body: object) => stage.call('PUT', '/v1/synthetic-transactions/no', { body });
    expect(problem(await put(path({ process: 'nothing', escalationPolicy: 'nobody' })))).toEqual([
      ...[400, 'unusable_synthetic_transaction', 'process', 'escalationPolicy'],
    ]);
    expect(problem(await put(path({ send: ['shop', 'moon'] })))).toEqual([
      ...[400, 'unusable_synthetic_transaction', 'send.1'],
    ]);
    const late = { expect: [{ stage: 'shop', withinSeconds: 300 }] };
    expect(problem(await put(path(late))).slice(2)).toEqual(['expect.0.stage', 'expect.0.withinSeconds']);
    expect(problem(await stage.call('GET', '/v1/synthetic-transactions/no'))).toEqual([
      ...[404, 'synthetic_transaction_not_found'],
    ]);
  });
});

describe('heartbeats', () => {
  const watch = (history?: string): Promise<unknown> => run(watchHeartbeats, [], history);
  const beat = () => made('POST', '/v1/heartbeats/export/beat');
  const status = () => get('/v1/heartbeats/export/status');

  test('that stay out are an alert, which the next beat ends', async () => {
    await made('PUT', '/v1/heartbeats/export', { everySeconds: 30, graceSeconds: 10, ...terms });
    expect(await watch()).toBe(0);
    await beat();
    await env.sleep('30s');
    expect(await watch('beating')).toBe(0);
    expect(await status()).toMatchObject({ state: 'beating', beats: 1, alert: null });
    await env.sleep('30s');
    await watch();
    await env.sleep('30s');
    expect(await watch('silent')).toBe(1);
    const { state, alert } = await status();
    expect(state).toBe('silent');
    expect(await get(`/v1/alerts/${alert as string}`)).toMatchObject({
      ...{ state: 'open', subject: { kind: 'synthetic', id: 'heartbeat/export' }, labels: { heartbeat: 'export' } },
      context: { owner: 'orders-team' },
    });
    await watch(); // nothing new
    expect((await status()).alert).toBe(alert);
    await beat();
    expect(await watch('beats-again')).toBe(0);
    await until('it is over', async () => (await get(`/v1/alerts/${alert as string}`)).state === 'resolved');
    expect(await status()).toMatchObject({ state: 'beating', beats: 2, alert: null, silentSince: null });
  });

  test('are only taken of what is known', async () => {
    expect(problem(await stage.call('POST', '/v1/heartbeats/nobody/beat'))).toEqual([404, 'heartbeat_not_found']);
    const body = { everySeconds: 30, ...terms, escalationPolicy: 'nobody' };
    expect(problem(await stage.call('PUT', '/v1/heartbeats/nobody', { body }))).toEqual([
      ...[400, 'unusable_heartbeat', 'escalationPolicy'],
    ]);
  });

  test('go out while Holdfast works, and stay out when it does not', async () => {
    const before = door.heard.length;
    expect(await run(tellAlive, [], 'told')).toBe('');
    expect(door.heard.slice(before)).toEqual(['GET']);
    door.isShut = true;
    expect(await run(tellAlive, [], 'silent')).toBe('api');
    expect(door.heard.slice(before)).toEqual(['GET']);
  });
});
