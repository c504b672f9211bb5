import { formatInstant, type Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { inspectSources } from '@holdfast/workflows/findings/inspect-sources/contract';
import { SETTLED } from '@holdfast/domains/findings/inspections/slices';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { keep, processOn, startStage, until, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
  await processOn(stage, 'inspected', {});
  const levels = [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 86_400 }];
  const policy = await stage.call('PUT', '/v1/escalation-policies/on-call', { body: { levels, repeats: 0 } });
  expect([policy.body, policy.status]).toEqual([policy.body, 200]);
  const source = await stage.call('PUT', '/v1/sources/shop', {
    body: { owner: 'shop-team', escalationPolicy: 'on-call', inspection: { graceSeconds: 0 } },
  });
  expect([source.body, source.status]).toEqual([source.body, 200]);
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

const sqlTime = (at: Micros): string => formatInstant(at).replace('Z', '').replace('T', ' ');
const now = async (): Promise<Micros> => (await env.currentTimeMs()) * 1000;
let records = 0;

/** As if inspections had come so far before: a first one looks far back. */
async function inspectedBefore(at: Micros): Promise<void> {
  const inspections = ['sequences', 'arrivals', 'clocks', 'checksums'];
  const values = inspections.map((inspection) => ({ inspection, inspected_to: sqlTime(at) }));
  await stage.sql.insert({ table: 'inspection_marks', format: 'JSONEachRow', values });
}

/** Records as intake stores them, received so long ago that the next inspection reads them, and the last one did not. */
async function received(rows: readonly { sequence?: number; reason?: string }[]): Promise<void> {
  const at = sqlTime((await now()) - SETTLED);
  const values = rows.map((row) => ({
    ...{ process: 'inspected', source: 'shop', stage: 'shop', key: 'K', outcome: 'stored' },
    ...{ occurred_at: at, origin_at: at, received_at: at, identity: String((records += 1)).padStart(16, '0') },
    ...row,
  }));
  await stage.sql.insert({ table: 'tracking_records', format: 'JSONEachRow', values });
}

const inspect = () =>
  stage.client.workflow.start(inspectSources.name, {
    workflowId: inspectSources.id(undefined),
    taskQueue: 'control',
    args: [],
  });
const findings = async (): Promise<{ id: string; kind: string; state: string; owner: string }[]> =>
  (await stage.call('GET', '/v1/findings')).body.items;
const alerts = async (): Promise<{ id: string; state: string; subject: { kind: string; id: string } }[]> =>
  (await stage.call('GET', '/v1/alerts')).body.items;
const stateOfAlert = async (finding: string): Promise<string[]> =>
  (await alerts()).filter(({ subject }) => subject.id === finding).map(({ state }) => state);
/** How the escalation of a finding's alert ended. */
const escalationOf = (finding: string): Promise<unknown> =>
  stage.client.workflow.getHandle(`alert/finding-${finding}.1`).result();

test('an inspection finds, pages once for each, and ends the alerts of what is fixed', async () => {
  await inspectedBefore((await now()) - SETTLED - 1_000);
  await received([{ sequence: 1 }, { sequence: 2 }, { sequence: 6 }, { reason: 'digest_mismatch' }]);
  const first = await inspect();
  expect(await first.result()).toBe(2);
  const found = await findings();
  expect(found.map(({ kind, state, owner }) => [kind, state, owner]).sort()).toEqual([
    ['checksum_mismatch', 'open', 'shop-team'],
    ['sequence_gap', 'open', 'shop-team'],
  ]);
  const idOf = (kind: string): string => found.find((one) => one.kind === kind)!.id;
  const [gap, checksum] = [idOf('sequence_gap'), idOf('checksum_mismatch')];
  await until('both are paged', () => stage.pagerduty.incidents().length === 2);
  await keep(first, inspectSources.name, 'found');
  const { events } = await first.fetchHistory();
  const queues = events!.flatMap(({ activityTaskScheduledEventAttributes: one }) =>
    one?.activityType?.name === 'inspectSources.inspect' ? [one.taskQueue?.name] : [],
  );
  expect(new Set(queues)).toEqual(new Set(['inspection'])); // windows are judged beside them

  const second = await inspect();
  expect(await second.result()).toBe(0);
  const subjects = (await alerts()).map(({ subject }) => subject).sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(subjects).toEqual([gap, checksum].sort().map((id) => ({ kind: 'finding', id })));
  await keep(second, inspectSources.name, 'nothing-new');

  await received([{ sequence: 3 }, { sequence: 4 }, { sequence: 5 }]);
  const third = await inspect();
  expect(await third.result()).toBe(1);
  expect((await stage.call('GET', `/v1/findings/${gap}`)).body).toMatchObject({ state: 'fixed', impact: { cases: 0 } });
  expect(await escalationOf(gap)).toEqual({ state: 'resolved' });
  expect([await stateOfAlert(gap), await stateOfAlert(checksum)]).toEqual([['resolved'], ['open']]);
  await keep(third, inspectSources.name, 'fixed');

  // By a person: its alert is over at once, and the next inspection has nothing left to do.
  const fixed = await stage.call('POST', `/v1/findings/${checksum}/fix`, { body: { reason: 'the proxy was mended' } });
  expect(fixed.body).toMatchObject({ state: 'fixed', alerts: [`finding-${checksum}.1`] });
  expect(await escalationOf(checksum)).toEqual({ state: 'resolved' });
  const fourth = await inspect();
  expect(await fourth.result()).toBe(0);
  expect((await alerts()).map(({ state }) => state)).toEqual(['resolved', 'resolved']);
});

test('a run settles so many alerts, and the next one the rest', async () => {
  const at = (await now()) - SETTLED;
  const flood = Array.from({ length: 103 }, (_, n) => `flood-${String(n).padStart(3, '0')}`);
  // Fixed, with alerts that are over already: each is to be ended, and has nobody to page.
  const step = (finding: string, name: string, after: Micros, alert = '') => ({
    ...{ finding, at: sqlTime(at + after), step: name, alert },
  });
  const steps = flood.flatMap((finding) => [
    step(finding, 'found', 0),
    step(finding, 'alerted', 1, `finding-${finding}.1`),
    step(finding, 'fixed', 2),
  ]);
  await stage.sql.insert({ table: 'finding_steps', format: 'JSONEachRow', values: steps });
  const found = sqlTime(at);
  const rows = flood.map((finding) => ({
    ...{ finding, kind: 'lull', source: 'flood', process: 'inspected', stage: finding, severity: 'critical' },
    ...{ from_at: found, to_at: found, found_at: found, observed_to: found, cases: 1, policy: 'on-call' },
  }));
  await stage.sql.insert({ table: 'findings', format: 'JSONEachRow', values: rows });
  const ended = async (): Promise<number> => {
    const query =
      "SELECT uniqExact(finding) AS n FROM finding_steps WHERE step = 'alert_ended' AND finding LIKE 'flood-%'";
    const answer = await stage.sql.query({ query, format: 'JSONEachRow' });
    return Number((await answer.json<{ n: string }>())[0]!.n);
  };
  await (await inspect()).result();
  expect(await ended()).toBe(100);
  await (await inspect()).result();
  expect(await ended()).toBe(103);
});
