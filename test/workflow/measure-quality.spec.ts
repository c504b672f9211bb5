import { formatInstant, type Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { checkReference } from '@holdfast/workflows/quality/check-reference/contract';
import { evaluateObjective } from '@holdfast/workflows/quality/evaluate-objective/contract';
import { measureQuality } from '@holdfast/workflows/quality/measure-quality/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, keep, MINUTE, processOn, startStage, until, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
const sqlTime = (at: Micros): string => formatInstant(at).replace('Z', '').replace('T', ' ');
const now = async (): Promise<Micros> => (await env.currentTimeMs()) * 1000;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
  await processOn(stage, 'measured', {});
  await processOn(stage, 'billing', {});
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

let records = 0;
async function received(process: string, name: string, key: string, at: Micros): Promise<void> {
  const values = [
    {
      ...{ process, source: name, stage: name, key, outcome: 'stored', sign: 1 },
      ...{ occurred_at: sqlTime(at), origin_at: sqlTime(at), received_at: sqlTime(at) },
      identity: String((records += 1)).padStart(16, '0'),
    },
  ];
  await stage.sql.insert({ table: 'tracking_records', format: 'JSONEachRow', values });
}
async function put(path: string, body: object): Promise<void> {
  const answer = await stage.call('PUT', path, { body });
  expect([answer.body, answer.status]).toEqual([answer.body, 200]);
}
const measure = () =>
  stage.client.workflow.start(measureQuality.name, {
    workflowId: measureQuality.id(undefined),
    taskQueue: 'control',
    args: [],
  });
const objective = { process: 'measured', target: 0.9, minimumObservations: 2, owner: 'orders-team' };

test('a run measures KPIs, evaluates what is enabled and checks what is due', async () => {
  const first = (await now()) - 3 * HOUR;
  await received('measured', 'shop', 'K1', first);
  await received('measured', 'erp', 'K1', first + MINUTE);
  await received('measured', 'shop', 'K2', first);
  const promised = { kind: 'completeness', withinSeconds: 600 };
  const period = { kind: 'rolling', days: 1 };
  await put('/v1/objectives/complete', { ...objective, promised, period });
  await put('/v1/objectives/asleep', { ...objective, promised, period, enabled: false });
  const business = { kind: 'stage', process: 'billing', stage: 'shop' };
  const reference = { process: 'measured', stage: 'shop', business, owner: 'finance', everySeconds: 86_400 };
  await put('/v1/references/billed', { ...reference, lookbackHours: 24 });
  const run = await measure();
  expect(await run.result()).toMatchObject({ done: 2, failed: 0 });
  const evaluations = async (id: string): Promise<{ state: string; numerator: number; denominator: number }[]> =>
    (await stage.call('GET', `/v1/objectives/${id}/evaluations`)).body.items;
  expect(await evaluations('complete')).toMatchObject([{ state: 'breached', numerator: 1, denominator: 2 }]);
  expect(await evaluations('asleep')).toEqual([]);
  const checks = async (): Promise<object[]> => (await stage.call('GET', '/v1/references/billed/checks')).body.items;
  expect(await checks()).toMatchObject([{ tracking: { keys: 2, orphans: 2, examples: ['K1', 'K2'] } }]);
  const { body: findings } = await stage.call('GET', '/v1/findings?process=measured');
  expect(
    findings.items.map(({ kind, subject, source }: Record<string, unknown>) => [kind, subject, source]).sort(),
  ).toEqual([
    ['objective_breached', 'objective/complete', null],
    ['orphan_in_tracking', 'reference/billed', null],
  ]);
  const kpis = (await stage.call('GET', '/v1/processes/measured/kpis')).body;
  expect(kpis.asOf).not.toBeNull();
  expect(kpis.successRate).toEqual({ keys: 2, reached: 1, rate: 0.5 });
  await keep(run, measureQuality.name, 'measured');
  await keep(stage.client.workflow.getHandle(evaluateObjective.id('complete')), evaluateObjective.name, 'evaluated');
  await keep(stage.client.workflow.getHandle(checkReference.id('billed')), checkReference.name, 'checked');

  // What came into histories are ids and counts.
  const history = JSON.stringify(await run.fetchHistory());
  expect(history).not.toContain(Buffer.from('"K1"').toString('base64'));

  // The reference has been checked today; the objective is evaluated each time.
  const again = await measure();
  expect(await again.result()).toMatchObject({ done: 1, failed: 0 });
  expect([(await evaluations('complete')).length, (await checks()).length]).toEqual([2, 1]);
  await keep(again, measureQuality.name, 'again');
});

test('what is asked for is done at once, and by one at a time', async () => {
  await put('/v1/objectives/asked', { ...objective, promised: { kind: 'accuracy' }, enabled: false });
  const answers = await Promise.all(['a', 'b', 'c'].map(() => stage.call('POST', '/v1/objectives/asked/evaluate')));
  for (const { status, body } of answers)
    expect([status, body]).toEqual([200, expect.objectContaining({ state: 'insufficient_data', ratio: null })]);
  const times = answers.map(({ body }) => (body as { evaluatedAt: string }).evaluatedAt);
  expect(new Set(times).size).toBe(3);
  expect((await stage.call('POST', '/v1/objectives/nobody/evaluate')).status).toBe(404);

  const business = { kind: 'stage', process: 'billing', stage: 'shop' };
  await put('/v1/references/asked', { process: 'measured', stage: 'erp', business, owner: 'finance', enabled: false });
  const started = await stage.call('POST', '/v1/references/asked/check');
  expect([started.status, started.body]).toEqual([202, { reference: 'asked', isNew: true }]);
  await until('it is checked', async () => {
    const { items } = (await stage.call('GET', '/v1/references/asked/checks')).body;
    return items.length === 1;
  });
});
