import { EscalationPolicyService } from '@holdfast/domains/alerting/escalation-policy.service';
import type { AlertingService } from '@holdfast/domains/alerting/alerting.service';
import type { AlertingStore } from '@holdfast/domains/alerting/alerting.store';
import type { AlertToEscalate } from '@holdfast/domains/alerting/core/alert';
import type { HttpApplication } from '@holdfast/platform/http';
import type { PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import {
  acknowledge,
  acknowledgeNow,
  escalateAlert,
  live,
  resolve,
  workflowIdOf,
} from '@holdfast/workflows/alerting/escalate-alert/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  type EscalationStage,
  KEYS,
  level,
  next,
  policy,
  raise,
  record,
  startEscalationStage,
  until,
} from './escalation-stage';

jest.setTimeout(120_000);

let stage: EscalationStage;
let env: TestWorkflowEnvironment;
let api: HttpApplication;
let pagerduty: PagerDutyEmulator;
let alerting: AlertingService;
let store: AlertingStore;

beforeAll(async () => {
  stage = await startEscalationStage();
  ({ env, api, pagerduty, alerting, store } = stage);
});
afterEach(() => pagerduty.clearFaults());
afterAll(() => stage.stop());

describe('the ladder', () => {
  it('pages level 1, then level 2, and again for each repeat, says that it is exhausted, and closes everything at the end', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first'), level(600, 'second')], repeats: 1 });
    await alert.paged('L1/R0');
    await env.sleep('295s');
    expect(alert.notified()).toEqual(['L1/R0']);
    await env.sleep('10s');
    await alert.paged('L2/R0');
    await env.sleep('590s');
    expect(alert.notified()).toEqual(['L1/R0', 'L2/R0']);
    await env.sleep('15s');
    await alert.paged('L1/R1');
    await env.sleep('305s');
    await alert.paged('L2/R1');
    expect(await alert.kinds()).not.toContain('exhausted');
    await env.sleep('605s');
    await alert.happened('exhausted');
    expect(alert.notified()).toEqual(['L1/R0', 'L2/R0', 'L1/R1', 'L2/R1']);
    await env.sleep('7 days');
    expect(alert.notified()).toHaveLength(4);

    expect(await alerting.alert(alert.id)).toMatchObject({ state: 'open', exhausted: true, pages: 4 });
    await alert.heal();
    expect(await alert.handle.result()).toEqual({ state: 'resolved' });
    await pagerduty.idle();
    expect(alert.incidents().map(({ status }) => status)).toEqual(['resolved', 'resolved', 'resolved', 'resolved']);
    expect(await alert.kinds()).toEqual([
      'raised',
      'paged',
      'timed_out',
      'paged',
      'timed_out',
      'paged',
      'timed_out',
      'paged',
      'timed_out',
      'exhausted',
      'resolved',
    ]);
    expect(await alerting.alert(alert.id)).toMatchObject({ state: 'resolved', resolvedReason: 'healed' });
    await record(alert, 'exhausted-then-resolved');
  });

  it('stops at level 2 when somebody acknowledges it in PagerDuty', async () => {
    const alert = await raise(stage, {
      levels: [level(300, 'first'), level(300, 'second'), level(300, 'third')],
      repeats: 2,
    });
    await alert.paged('L1/R0');
    await env.sleep('301s');
    await alert.paged('L2/R0');
    await pagerduty.idle();
    pagerduty.acknowledge(`${alert.id}/L2/R0`, KEYS.second, { id: 'PADA', type: 'user_reference', summary: 'Ada' });
    await alert.happened('acknowledged');
    await env.sleep('1 day');
    expect(alert.notified()).toEqual(['L1/R0', 'L2/R0']);
    expect(await alerting.alert(alert.id)).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'pagerduty:PADA',
      acknowledgedVia: 'pagerduty',
    });
    // Who was paged before need not look any more.
    await until('both incidents are acknowledged', () =>
      alert.incidents().every(({ status }) => status === 'acknowledged'),
    );
    await alert.heal();
    await alert.handle.result();
    await pagerduty.idle();
    expect(alert.incidents().map(({ status }) => status)).toEqual(['resolved', 'resolved']);
    await record(alert, 'acknowledged-at-level-2');
  });

  it('stops when a person acknowledges through the API, which can be read at once', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first'), level(300, 'second')], repeats: 0 });
    await alert.paged('L1/R0');
    expect((await alerting.alert(alert.id)).live).toMatchObject({
      phase: 'paging',
      level: 1,
      repeat: 0,
      pagesUnderWay: 0,
    });
    const answer = await alerting.acknowledge(alert.id, 'ada', Date.now() * 1000);
    expect(answer).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada', acknowledgedVia: 'api' });
    await expect(alerting.acknowledge(alert.id, 'ben', Date.now() * 1000)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'alert_acknowledged',
    });
    await env.sleep('1 day');
    expect(alert.notified()).toEqual(['L1/R0']);
    expect(await alerting.resolve(alert.id, 'ada', Date.now() * 1000)).toMatchObject({
      state: 'resolved',
      resolvedBy: 'ada',
      resolvedReason: 'manual',
    });
    await expect(alerting.resolve(alert.id, 'ben', Date.now() * 1000)).rejects.toMatchObject({
      code: 'alert_resolved',
    });
    expect(await alert.handle.result()).toEqual({ state: 'resolved' });
  });

  it('counts as acknowledged when a responder resolves the incident in PagerDuty, and not as resolved', async () => {
    const alert = await raise(stage, { levels: [level(60, 'first'), level(60, 'second')], repeats: 0 });
    await alert.paged('L1/R0');
    await pagerduty.idle();
    pagerduty.resolve(`${alert.id}/L1/R0`, KEYS.first);
    await alert.happened('acknowledged');
    const { state, transitions } = await alerting.alert(alert.id);
    expect(state).toBe('acknowledged');
    expect(transitions.find(({ kind }) => kind === 'acknowledged')).toMatchObject({
      code: 'incident_resolved',
      via: 'pagerduty',
    });
    await alert.heal();
    await alert.handle.result();
    expect(alert.notified()).toEqual(['L1/R0']);
  });

  it('goes on when PagerDuty resolves an incident by itself', async () => {
    const alert = await raise(stage, { levels: [level(60, 'first'), level(60, 'second')], repeats: 0 });
    await alert.paged('L1/R0');
    await pagerduty.idle();
    const service = { id: 'PSERV', type: 'service_reference', summary: 'auto-resolve' };
    pagerduty.resolve(`${alert.id}/L1/R0`, KEYS.first, service);
    await pagerduty.idle();
    expect(await alert.kinds()).not.toContain('acknowledged');
    await env.sleep('61s');
    await alert.paged('L2/R0');
    await alert.heal();
    await alert.handle.result();
    expect(alert.notified()).toEqual(['L1/R0', 'L2/R0']);
  });

  it('pages all targets of a level at once', async () => {
    const alert = await raise(stage, { levels: [level(60, 'first', 'second'), level(60, 'third')], repeats: 0 });
    await alert.paged('L1/R0');
    await alert.paged('L1/R0/T2');
    await alert.heal();
    await alert.handle.result();
    expect(alert.notified().sort()).toEqual(['L1/R0', 'L1/R0/T2']);
  });
});

describe('answers that race', () => {
  // Racing with the timeout is tested in test/integration: the time-skipping server loses a task whose timer fires while it runs.
  it('twice, and out of order: the first counts, and an acknowledgement after the end changes nothing', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first')], repeats: 0 });
    await alert.paged('L1/R0');
    await alert.handle.signal(acknowledge, { by: 'ada', via: 'api', at: Date.now() * 1000 });
    await alert.handle.signal(acknowledge, { by: 'ben', via: 'api', at: Date.now() * 1000 });
    await alert.heal();
    await alert.heal().catch(() => undefined); // it may have ended
    await alert.handle.result();
    expect((await alert.kinds()).filter((kind) => kind === 'acknowledged' || kind === 'resolved')).toEqual([
      'acknowledged',
      'resolved',
    ]);
    expect(await alerting.alert(alert.id)).toMatchObject({ acknowledgedBy: 'ada' });
  });

  it('before the first page: nobody is paged', async () => {
    const definition = { levels: [level(300, 'first')], repeats: 0 };
    const alertId = `early_${next()}.1`;
    const alert: AlertToEscalate = {
      alertId,
      fingerprint: 'early',
      process: 'order-to-cash',
      subject: { kind: 'reconciliation', id: 'early' },
      severity: 'critical',
      policy: await policy(stage, definition),
      labels: {},
      facts: { open: 1, revision: 1 },
    };
    const handle = await env.client.workflow.signalWithStart(escalateAlert.name, {
      workflowId: workflowIdOf(alertId),
      taskQueue: 'control',
      args: [alert],
      signal: resolve,
      signalArgs: [{ by: '', reason: 'healed', at: Date.now() * 1000 }],
    });
    expect(await handle.result()).toEqual({ state: 'resolved' });
    expect((await store.transitions(alertId)).map(({ kind }) => kind)).toEqual(['raised', 'resolved']);
    expect(pagerduty.notifications().some(({ dedupKey }) => dedupKey.startsWith(alertId))).toBe(false);
  });

  it('with a page in flight: its trigger is through before its resolve is sent, so that no incident stays open', async () => {
    pagerduty.inject({ kind: 'slow', delayMs: 1_500 });
    const alert = await raise(stage, { levels: [level(300, 'first')], repeats: 0 });
    await until('PagerDuty has the page, and has not answered', () => alert.notified().length === 1);
    expect(await alert.handle.query(live)).toMatchObject({ pagesUnderWay: 1 });
    await alert.heal();
    expect(await alert.handle.result()).toEqual({ state: 'resolved' });
    await pagerduty.idle();
    expect(alert.incidents().map(({ status }) => status)).toEqual(['resolved']);
    const calls = pagerduty
      .calls()
      .filter(({ body }) => (body as { dedup_key: string }).dedup_key.startsWith(alert.id));
    expect(calls.map(({ body }) => (body as { event_action: string }).event_action)).toEqual(['trigger', 'resolve']);
    expect((await alert.kinds()).sort()).toEqual(['paged', 'raised', 'resolved']);
  });

  it('with the cancellation of the workflow: the alert is resolved, and its incidents are closed', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first')], repeats: 0 });
    await alert.paged('L1/R0');
    await alert.handle.cancel();
    expect(await alert.handle.result()).toEqual({ state: 'resolved' });
    await pagerduty.idle();
    expect(alert.incidents().map(({ status }) => status)).toEqual(['resolved']);
    expect(await alerting.alert(alert.id)).toMatchObject({ state: 'resolved', resolvedReason: 'cancelled' });
  });
});

describe('when pages fail', () => {
  it('leaves a level at once whose targets refuse for good', async () => {
    pagerduty.inject({ kind: 'status', status: 403 });
    const alert = await raise(stage, { levels: [level(86_400, 'first'), level(300, 'second')], repeats: 0 });
    await alert.paged('L2/R0');
    expect(await alert.kinds()).toEqual(['raised', 'page_failed', 'paged']);
    expect((await store.transitions(alert.id))[1]).toMatchObject({ level: 1, code: 'pagerduty_rejected' });
    await alert.heal();
    await alert.handle.result();
  });

  it('stays on a level of which one target refuses', async () => {
    const id = await policy(stage, { levels: [level(300, 'first', 'second'), level(300, 'third')], repeats: 0 });
    pagerduty.inject({ kind: 'status', status: 400 });
    const alert = await raise(stage, { levels: [], repeats: 0 }, { policy: id });
    await alert.happened('paged');
    await alert.happened('page_failed');
    await env.sleep('250s');
    expect(alert.notified()).toHaveLength(1);
    await alert.heal();
    await alert.handle.result();
  });

  it('goes on while PagerDuty is out of reach, loses no level, and notifies once per level afterwards', async () => {
    pagerduty.inject({ kind: 'status', status: 500, times: 100_000 });
    const alert = await raise(stage, { levels: [level(300, 'first'), level(300, 'second')], repeats: 2 });
    await env.sleep('2000s');
    await alert.happened('exhausted');
    const story = await store.transitions(alert.id);
    expect(story.filter(({ kind }) => kind === 'unreachable')).toHaveLength(6);
    expect(story.filter(({ code }) => code === 'superseded')).toHaveLength(4);
    expect(alert.notified()).toEqual([]);
    pagerduty.clearFaults();
    await env.sleep('60s');
    await alert.paged('L1/R2');
    await alert.paged('L2/R2');
    expect(alert.notified().sort()).toEqual(['L1/R2', 'L2/R2']);
    await alert.heal();
    await alert.handle.result();
    await pagerduty.idle();
    for (const { status } of alert.incidents()) expect(status).toBe('resolved');
  });

  it('notifies once when PagerDuty took the page and the answer got lost', async () => {
    pagerduty.inject({ kind: 'drop_after_processing' });
    const alert = await raise(stage, { levels: [level(300, 'first')], repeats: 0 });
    await alert.paged('L1/R0');
    expect(alert.notified()).toEqual(['L1/R0']);
    await alert.heal();
    await alert.handle.result();
  });

  it('shows an alert whose policy does not exist as exhausted', async () => {
    const alert = await raise(stage, { levels: [], repeats: 0 }, { policy: 'no-such-policy' });
    await alert.happened('exhausted');
    expect(await alerting.alert(alert.id)).toMatchObject({ exhausted: true, policy: { version: 0 } });
    await alert.heal();
    await alert.handle.result();
  });
});

describe('an alert', () => {
  it('follows its policy as it was when it was raised', async () => {
    const id = await policy(stage, { levels: [level(300, 'first'), level(300, 'second')], repeats: 0 });
    const alert = await raise(stage, { levels: [], repeats: 0 }, { policy: id });
    await alert.paged('L1/R0');
    await api.app
      .get(EscalationPolicyService, { strict: false })
      .put(id, { levels: [level(300, 'first'), level(300, 'third')], repeats: 0 }, 'any', 'admin', Date.now() * 1000);
    await env.sleep('301s');
    await alert.paged('L2/R0');
    expect(alert.incidents().at(-1)?.routingKey).toBe(KEYS.second);
    await alert.heal();
    await alert.handle.result();
  });

  it('that was resolved pages nobody when it is raised again', async () => {
    const id = await policy(stage, { levels: [level(300, 'first')], repeats: 0 });
    const alert = await raise(stage, { levels: [], repeats: 0 }, { policy: id });
    await alert.paged('L1/R0');
    await alert.heal();
    await alert.handle.result();
    const again = await raise(stage, { levels: [], repeats: 0 }, { policy: id, alertId: alert.id });
    expect(await again.handle.result()).toEqual({ state: 'over' });
    expect(alert.notified()).toEqual(['L1/R0']);
  });

  it('of a test resolves itself when somebody acknowledges it', async () => {
    const id = await policy(stage, { levels: [level(300, 'first')], repeats: 0 });
    const alertId = await alerting.test(id, 'bob');
    expect(await alerting.alert(alertId)).toMatchObject({
      state: 'open',
      raisedBy: 'bob',
      subject: { kind: 'test', id },
    });
    const handle = env.client.workflow.getHandle(workflowIdOf(alertId));
    await until('it has paged', async () => (await alerting.alert(alertId)).pages === 1);
    await handle.executeUpdate(acknowledgeNow, { args: [{ by: 'ada', via: 'api', at: Date.now() * 1000 }] });
    expect(await handle.result()).toEqual({ state: 'resolved' });
    expect(await alerting.alert(alertId)).toMatchObject({ state: 'resolved', resolvedBy: 'ada' });
  });
});
