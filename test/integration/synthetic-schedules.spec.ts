import type { AddressInfo } from 'node:net';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type FrontDoor, openFrontDoor, PROBE_KEY } from '../workflow/front-door';
import { processOn, type Stage, startStage, until } from '../workflow/stage';

let temporal: TemporalServer;
let door: FrontDoor;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  [temporal, door] = await Promise.all([startTestTemporal(), openFrontDoor()]);
  stage = await startStage(temporal.address, {
    HOLDFAST_PROBE_KEY: PROBE_KEY,
    HOLDFAST_PROBE_URL: door.url,
    HOLDFAST_HEARTBEAT_URL: `${door.url}/outside`,
    HOLDFAST_HEARTBEAT_METHOD: 'POST',
    HOLDFAST_HEARTBEAT_EVERY_SECONDS: '10',
    HOLDFAST_WATCH_HEARTBEATS_EVERY_SECONDS: '5',
  });
  door.target = `http://127.0.0.1:${(stage.api.app.getHttpServer().address() as AddressInfo).port}`;
});
afterAll(async () => {
  await stage?.stop();
  await door?.stop();
  await temporal?.stop();
});

async function made(method: 'PUT' | 'POST', path: string, body?: object): Promise<any> {
  const answer = await stage.call(method, path, { ...(body && { body }) });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const get = async (path: string): Promise<any> => (await stage.call('GET', path)).body;
const last = async (): Promise<any> => (await get('/v1/synthetic-transactions/path/status')).last;
const PATIENCE_SECONDS = 90;

test('a path is tried by its Schedule: intake that is shut, a system that does not pass on, healed; and a window is judged as without probes', async () => {
  const process = await processOn(stage, 'tried');
  const at = Math.floor(Date.now() / 60_000) * 60_000_000 - 600_000_000;
  await process.tell(at, 'order-1');
  const terms = { owner: 'orders-team', escalationPolicy: 'pager' };
  await made('PUT', '/v1/escalation-policies/pager', {
    levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }] }],
  });
  door.passOn = ['hub'];
  await made('PUT', '/v1/synthetic-transactions/path', {
    ...{ process: 'tried', send: ['shop'], expect: [{ stage: 'hub', withinSeconds: 4 }], ...terms },
    ...{ readableWithinSeconds: 3, everySeconds: 10, failuresBeforeAlert: 1 },
  });
  await until('a probe got through', async () => (await last())?.state === 'passed', PATIENCE_SECONDS);

  const alertAt = async (hop: string): Promise<string> =>
    until(
      `an alert at ${hop}`,
      async () => {
        const { items } = await get('/v1/alerts?state=open');
        return items.find((one: any) => one.subject.kind === 'synthetic' && one.labels.hop === hop)?.id as string;
      },
      PATIENCE_SECONDS,
    );
  const resolved = (id: string): Promise<unknown> =>
    until(`${id} is over`, async () => (await get(`/v1/alerts/${id}`)).state === 'resolved', PATIENCE_SECONDS);
  door.isShut = true;
  const intake = await alertAt('holdfast -> shop');
  door.isShut = false;
  await resolved(intake);
  door.passOn = [];
  const hop = await alertAt('shop -> hub');
  door.passOn = ['hub'];
  await resolved(hop);

  // One order, three stages; dozens of probes at two of them.
  const window = await process.open(at - 60_000_000, at + 600_000_000);
  const found = await until(
    'it is judged',
    async () => {
      const one = await window.get();
      return one.state === 'matched' && one;
    },
    PATIENCE_SECONDS,
  );
  expect(found.verdict.events).toEqual({ shop: 1, hub: 1, erp: 1 });
});

test('Holdfast beats outside, and watches who beats here', async () => {
  await until('it was heard outside', () => door.heard.includes('POST'), PATIENCE_SECONDS);
  await made('PUT', '/v1/heartbeats/job', {
    ...{ everySeconds: 10, graceSeconds: 0, owner: 'team', escalationPolicy: 'pager' },
  });
  await made('POST', '/v1/heartbeats/job/beat');
  const status = () => get('/v1/heartbeats/job/status');
  const { alert } = await until(
    'it is silent',
    async () => {
      const one = await status();
      return one.alert !== null && one;
    },
    PATIENCE_SECONDS,
  );
  await made('POST', '/v1/heartbeats/job/beat');
  await until(
    'it is over',
    async () => (await get(`/v1/alerts/${alert as string}`)).state === 'resolved',
    PATIENCE_SECONDS,
  );
});
