import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type Answer, startStage, type Stage, until } from '../workflow/stage';

let temporal: TemporalServer;
let stage: Stage;
let monitor: string;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  for (const id of ['infra', 'other']) {
    const levels = [
      {
        targets: [{ kind: 'pagerduty', routingKey: id === 'infra' ? 'first' : 'second' }],
        acknowledgeTimeoutSeconds: 600,
      },
    ];
    const made = await stage.call('PUT', `/v1/escalation-policies/${id}`, { body: { levels } });
    expect([made.status, made.body.errors]).toEqual([200, undefined]);
  }
  const key = await stage.call('POST', '/v1/keys', {
    body: { principal: { id: 'prometheus', kind: 'machine', roles: ['monitor'] } },
  });
  expect(key).toMatchObject({ status: 201 });
  monitor = key.body.key;
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

const post = (body: unknown, path = '/v1/alertmanager/infra/api/v2/alerts'): Promise<Answer> =>
  stage.call('POST', path, { body, headers: { authorization: `Bearer ${monitor}` } });
const problem = ({ status, body }: Answer): unknown[] => [
  ...[status, body.code],
  ...(body.errors ?? []).map(({ field, reason }: { field: string; reason: string }) => `${field}: ${reason}`),
];
/** As Prometheus writes it. */
const alert = (over: { labels?: object; startsAt?: string; endsAt?: string } = {}) => ({
  labels: { alertname: 'DiskFull', instance: 'db-1:9100', severity: 'page', ...over.labels },
  annotations: { summary: 'Disk of db-1 is\nfull', runbook_url: 'https://runbooks.example/disk' },
  startsAt: over.startsAt ?? '2026-11-20T08:00:00.123Z',
  endsAt: over.endsAt ?? new Date(Date.now() + 240_000).toISOString(),
  generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
});
const PAST = '2026-11-20T08:30:00Z';
const alerts = async (query = ''): Promise<any[]> =>
  (await stage.call('GET', `/v1/alerts?limit=100${query}`)).body.items.filter(
    ({ subject }: { subject: { kind: string } }) => subject.kind === 'external',
  );
const pages = (summary: string): number =>
  stage.pagerduty.notifications().filter((one) => JSON.stringify(one).includes(summary)).length;

test('what fires is one alert however often it is posted, and over when it is posted as over', async () => {
  for (let time = 0; time < 3; time++) expect((await post([alert()])).status).toBe(200);
  const [raised, ...others] = await until('it is raised', async () => {
    const found = await alerts();
    return found.length > 0 && found;
  });
  expect(others).toEqual([]);
  expect(raised).toMatchObject({
    ...{ subject: { kind: 'external', id: 'DiskFull' }, severity: 'critical', policy: { id: 'infra' }, state: 'open' },
    ...{ labels: { alertname: 'DiskFull', instance: 'db-1:9100' }, raisedBy: 'prometheus' },
    context: {
      ...{ summary: 'Disk of db-1 is full', since: '2026-11-20T08:00:00.123Z' },
      runbook: 'https://runbooks.example/disk',
    },
  });
  await until('somebody is paged', () => stage.pagerduty.notifications().length > 0);
  expect(pages('Disk of db-1 is full')).toBe(1);
  expect((await post([alert({ endsAt: PAST })])).status).toBe(200);
  await until('it is over', async () => (await alerts())[0].state === 'resolved');
  // Late repeats of what fired change nothing; when it begins anew it is another alert.
  expect((await post([alert()])).status).toBe(200);
  expect((await post([alert({ startsAt: '2026-11-20T09:00:00Z' })])).status).toBe(200);
  const both = await until('it is raised anew', async () => {
    const found = await alerts();
    return found.length > 1 && found;
  });
  expect(both.map(({ state }) => state)).toEqual(['open', 'resolved']);
  expect(both[0].fingerprint).toBe(raised.fingerprint);
});

test('the label names another policy; without one in the path it has to', async () => {
  const named = alert({ labels: { alertname: 'Other', escalation_policy: 'other', severity: 'warning' } });
  const plain = '/v1/alertmanager/api/v2/alerts';
  expect((await post([named], plain)).status).toBe(200);
  const [found] = await until('it is raised', async () => {
    const all = (await alerts()).filter(({ subject }) => subject.id === 'Other');
    return all.length > 0 && all;
  });
  expect(found).toMatchObject({ policy: { id: 'other' }, severity: 'warning' });
  expect(problem(await post([named, alert({ labels: { alertname: 'Nobody' } })], plain))).toEqual([
    ...[400, 'unknown_escalation_policy', '1.labels.escalation_policy: is missing; or name a policy in the path'],
  ]);
  expect(problem(await post([alert()], '/v1/alertmanager/none/api/v2/alerts'))).toEqual([
    400,
    'unknown_escalation_policy',
    '0.labels.escalation_policy: does not exist; PUT it under /v1/escalation-policies first',
  ]);
  expect((await alerts()).some(({ subject }) => subject.id === 'Nobody')).toBe(false);
});

test('what is wrong is refused with its place, and nothing of it is raised', async () => {
  const sound = alert({ labels: { alertname: 'Sound' } });
  expect(problem(await post([sound, { ...sound, startsAt: 'yesterday' }]))).toEqual([
    ...[400, 'invalid_request', '1.startsAt: must be an RFC 3339 date-time'],
  ]);
  expect(problem(await post([sound, { ...sound, labels: { severity: 'page' } }]))).toEqual([
    ...[400, 'invalid_request', '1.labels.alertname: is missing'],
  ]);
  expect((await post([{ ...sound, labels: { ...sound.labels, 'a-b': 'c' } }])).status).toBe(400);
  expect((await post([])).status).toBe(400);
  expect((await post({})).status).toBe(400);
  expect((await alerts()).some(({ subject }) => subject.id === 'Sound')).toBe(false);
});

test('a runbook that is no address of the web is left out, and the alert is raised', async () => {
  const wrong = ['!channel', 'javascript:alert(1)', `https://runbooks.example/${'x'.repeat(1_000)}`];
  const posted = wrong.map((url, index) => {
    const one = alert({ labels: { alertname: `Wrong${index}` } });
    return { ...one, annotations: { ...one.annotations, runbook_url: url } };
  });
  expect((await post(posted)).status).toBe(200);
  const found = await until('they are raised', async () => {
    const all = (await alerts()).filter(({ subject }) => subject.id.startsWith('Wrong'));
    return all.length === wrong.length && all;
  });
  for (const { context } of found)
    expect(context).toEqual({ summary: 'Disk of db-1 is full', since: '2026-11-20T08:00:00.123Z' });
});

test('a key that may raise alerts may do nothing else', async () => {
  const authorization = `Bearer ${monitor}`;
  expect((await stage.call('GET', '/v1/alerts', { headers: { authorization } })).status).toBe(403);
  const viewer = await stage.call('POST', '/v1/keys', {
    body: { principal: { id: 'viewer', kind: 'person', roles: ['viewer'] } },
  });
  const headers = { authorization: `Bearer ${viewer.body.key}` };
  const path = '/v1/alertmanager/infra/api/v2/alerts';
  expect((await stage.call('POST', path, { body: [alert()], headers })).status).toBe(403);
});
