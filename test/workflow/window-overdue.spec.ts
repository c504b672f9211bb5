import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { reconcileWindow } from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, keep, minuteOf, processOn, startStage, until, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
  const levels = [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 86_400 }];
  expect((await stage.call('PUT', '/v1/escalation-policies/on-call', { body: { levels } })).status).toBe(200);
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

it('a window that cannot be judged pages once its deadline is over; what is found at last takes the place of that', async () => {
  const process = await processOn(stage, 'stuck', { escalationPolicy: 'on-call', resolveWithinSeconds: 6 * 3600 });
  const to = minuteOf(Date.now() * 1000) - 2 * HOUR;
  await process.tell(to - HOUR, 'whole');
  await process.tell(to - HOUR, 'lost', ['shop', 'hub']);
  stage.judge.isBroken = true;
  const window = await process.open(to - HOUR, to);
  await env.sleep('3h');
  expect(await window.alerts()).toEqual([]);
  await env.sleep('2h');
  const [alert] = await until('the deadline pages', async () => {
    const alerts = await window.alerts();
    return alerts.length > 0 && alerts;
  });
  expect(alert).toMatchObject({ id: `${window.id}.0.unjudged~`, state: 'open' });
  const isTold = (): boolean =>
    stage.pagerduty.incidents().some(({ title }) => title.endsWith('is past its deadline and not judged'));
  await until('somebody is told', () => Promise.resolve(isTold()));
  stage.judge.isBroken = false;
  await env.sleep('31s'); // the longest pause between two tries
  await window.is('gaps', 1);
  const states = async () => (await window.alerts()).map(({ id, state, facts }) => [id, state, facts.open]).sort();
  await until('the gaps page', async () => (await states()).length === 2);
  await until('the first alert is over', async () => (await states())[0]![1] === 'resolved');
  expect(await states()).toEqual([
    [`${window.id}.0.unjudged~`, 'resolved', 0],
    [`${window.id}.1.overdue~`, 'open', 1],
  ]);
  await process.tell(to - HOUR, 'lost', ['erp']);
  await window.judge();
  await window.is('healed', 2);
  await until('all alerts are over', async () => (await states())[1]![1] === 'resolved');
  await keep(window.handle, reconcileWindow.name, 'not-judged');
});
