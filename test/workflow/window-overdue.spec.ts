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

it('a window that cannot be judged pages once its deadline is over, and takes that back with its verdict', async () => {
  const process = await processOn(stage, 'stuck', { escalationPolicy: 'on-call', resolveWithinSeconds: 6 * 3600 });
  const to = minuteOf(Date.now() * 1000) - 2 * HOUR;
  await process.tell(to - HOUR, 'whole');
  stage.judge.isBroken = true;
  const window = await process.open(to - HOUR, to);
  await env.sleep('3h');
  expect(await window.alerts()).toEqual([]);
  await env.sleep('2h');
  const [alert] = await until('the deadline pages', async () => {
    const alerts = await window.alerts();
    return alerts.length > 0 && alerts;
  });
  expect(alert).toMatchObject({ id: `${window.id}.0.overdue~`, state: 'open' });
  const isTold = (): boolean =>
    stage.pagerduty.incidents().some(({ title }) => title.endsWith('is past its deadline and not judged'));
  await until('somebody is told', () => Promise.resolve(isTold()));
  stage.judge.isBroken = false;
  await window.is('matched', 1);
  await until('the alert is over', async () => (await window.alerts())[0]?.state === 'resolved');
  expect(await window.alerts()).toHaveLength(1);
  await keep(window.handle, reconcileWindow.name, 'not-judged');
});
