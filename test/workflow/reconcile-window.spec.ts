import { windowOf } from '@holdfast/domains/reconciliation/core/window';
import { ReconciliationStore } from '@holdfast/domains/reconciliation/reconciliation.store';
import { DomainError, formatInstant, microsOf, type Micros } from '@holdfast/kernel';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import {
  accept,
  cancel,
  judgeAgain,
  lateEvents,
  progress,
  reconcileWindow,
} from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, keep, MINUTE, minuteOf, processOn, startStage, until, type OpenedWindow, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
let processes = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
  const policy = {
    levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 86_400 }],
  };
  const { status } = await stage.call('PUT', '/v1/escalation-policies/on-call', { body: policy });
  expect(status).toBe(200);
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

const newProcess = (definition: Record<string, unknown> = {}) =>
  processOn(stage, `process-${(processes += 1)}`, definition);
const now = async (): Promise<Micros> => (await env.currentTimeMs()) * 1000;
const progressOf = (window: OpenedWindow) => window.handle.query(progress);
/** When something of a window's story happened, in the time of its workflow. */
const timeOf = async (window: OpenedWindow, state: string): Promise<Micros> =>
  microsOf((await window.get()).story.find((one: { state: string }) => one.state === state).at);
/** Revisions as they are stored: none may be there twice. */
async function storedRevisions({
  id,
}: OpenedWindow): Promise<{ revision: number; state: string; judgement: string }[]> {
  const query = 'SELECT revision, state, judgement FROM verdicts WHERE reconciliation = {id:String} ORDER BY revision';
  return (await stage.sql.query({ query, query_params: { id }, format: 'JSONEachRow' })).json();
}
async function activitiesOf(window: OpenedWindow): Promise<string[]> {
  const { events } = await window.handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name ?? []);
}

const looksOf = async (window: OpenedWindow): Promise<number> =>
  (await activitiesOf(window)).filter((name) => name === 'reconcileWindow.dataIsThere').length;

/** Tells that events arrived, as upkeep does. */
const arrived = ({ id, handle }: OpenedWindow): Promise<unknown> =>
  stage.client.workflow.signalWithStart(reconcileWindow.name, {
    workflowId: handle.workflowId,
    taskQueue: 'control',
    args: [windowOf(id)!],
    signal: lateEvents,
  });

/** A window that was over long ago: nothing is waited for. `missing` keys never reached the last stage. */
async function overdue({ missing = 0, policy = true }: { missing?: number; policy?: boolean } = {}) {
  const process = await newProcess(policy ? { escalationPolicy: 'on-call' } : {});
  const to = minuteOf(await now()) - 2 * HOUR;
  const from = to - HOUR;
  await process.tell(from, 'whole');
  for (let key = 1; key <= missing; key++) await process.tell(from, `key-${key}`, ['shop', 'hub']);
  return {
    process,
    from,
    to,
    open: () => process.open(from, to),
    /** What was missing arrives. */
    arrives: (key: number) => process.tell(from, `key-${key}`, ['erp']),
  };
}

describe('a window waits', () => {
  // The first of all: the test server lets no more time skip once a workflow has ended that outlived its parent.
  it('out the grace when a stage is silent', async () => {
    const process = await newProcess({ graceSeconds: 2 * 3600 });
    const to = minuteOf(await now());
    await process.tell(to - HOUR, 'order-1');
    await process.tell(to + MINUTE, 'mark', ['shop', 'hub']);
    const window = await process.open(to - HOUR, to);
    // Time passes as fast as it can while this client waits.
    const result: unknown = await env.client.workflow.getHandle(`window/${window.id}`).result();
    expect(result).toEqual({ state: 'matched', revision: 1, open: 0 });
    expect(await timeOf(window, 'matched')).toBeGreaterThanOrEqual(to + 2 * HOUR);
    expect(await window.story()).toEqual(['opened by admin', 'waiting', 'matched']);
    const looks = await looksOf(window);
    expect(looks).toBeGreaterThan(10);
    expect(looks).toBeLessThan(60);
  });

  it('until every stage has moved past its end, and no longer', async () => {
    const process = await newProcess({ graceSeconds: 3 * 3600 });
    const to = minuteOf(await now());
    await process.tell(to - HOUR, 'order-1');
    await process.tell(to, 'mark', ['shop', 'hub']);
    const window = await process.open(to - HOUR, to);
    await until('it has looked twice', async () => (await looksOf(window)) >= 2);
    expect(await progressOf(window)).toMatchObject({ state: 'waiting', revision: 0 });
    expect(await window.get()).toMatchObject({ state: 'waiting', deadline: formatInstant(to + 3 * HOUR) });
    await process.tell(to + MINUTE, 'mark', ['erp']);
    const { verdict } = await window.is('matched');
    expect(await timeOf(window, 'matched')).toBeLessThan(to + HOUR);
    expect(verdict).toMatchObject({ depth: 'digest', events: { shop: 1, hub: 1, erp: 1 }, discrepancies: {} });
    await window.handle.result();
    await keep(window.handle, reconcileWindow.name, 'waited');
  });

  it('for nothing when it is overdue', async () => {
    const { open } = await overdue();
    const window = await open();
    await window.is('matched');
    expect(await activitiesOf(window)).toEqual(['reconcileWindow.judge']);
    expect((await window.handle.fetchHistory()).events?.filter((event) => event.timerStartedEventAttributes)).toEqual(
      [],
    );
    await keep(window.handle, reconcileWindow.name, 'matched');
  });
});

describe('a window with gaps', () => {
  it('is healed by what arrives late, step by step, with one alert', async () => {
    const { open, arrives } = await overdue({ missing: 2 });
    const window = await open();
    await window.is('gaps', 1);
    const [alert] = await until('the alert is raised', async () => {
      const alerts = await window.alerts();
      return alerts.length > 0 && alerts;
    });
    expect(alert).toMatchObject({ id: `${window.id}.1`, state: 'open' });
    await until('somebody is paged', () =>
      stage.pagerduty.notifications().some(({ dedupKey }) => dedupKey.startsWith(alert!.id)),
    );
    expect((await window.discrepancies()).map(({ key, kind, stage: at }) => [key, kind, at])).toEqual([
      ['key-1', 'missing', 'erp'],
      ['key-2', 'missing', 'erp'],
    ]);

    await arrives(1);
    await window.handle.signal(lateEvents);
    await until('it was judged again', async () => (await window.revisions()).length === 2);
    expect(await window.states()).toEqual(['1 gaps 2', '2 gaps 1']);
    await window.is('gaps', 2);
    expect(await window.alerts()).toHaveLength(1);

    await arrives(2);
    await window.handle.signal(lateEvents);
    await window.is('healed');
    expect(await window.handle.result()).toEqual({ state: 'healed', revision: 3, open: 0 });
    expect(await window.states()).toEqual(['1 gaps 2', '2 gaps 1', '3 healed 0']);
    await until('the alert is resolved', async () => (await window.alerts())[0]?.state === 'resolved');
    expect(await window.alerts()).toEqual([
      expect.objectContaining({ id: `${window.id}.1`, resolvedReason: 'healed' }),
    ]);
    expect((await window.alerts())[0]).not.toHaveProperty('resolvedBy');
    expect(stage.pagerduty.notifications().filter(({ dedupKey }) => dedupKey.startsWith(window.id))).toHaveLength(1);
    // What a revision found stays readable.
    expect((await window.discrepancies('revision=1')).map(({ key }) => key)).toEqual(['key-1', 'key-2']);
    expect((await window.discrepancies('revision=2')).map(({ key }) => key)).toEqual(['key-2']);
    await keep(window.handle, reconcileWindow.name, 'gaps-healed');
  });

  it('raises no alert when its process has no policy', async () => {
    const { open } = await overdue({ missing: 1, policy: false });
    const window = await open();
    const { alert } = await window.is('gaps');
    expect(alert).toBeNull();
    await window.cancel();
    await window.is('cancelled');
    expect(await window.alerts()).toEqual([]);
  });

  it('is accepted one by one and all at once, and says by whom', async () => {
    const { open } = await overdue({ missing: 3 });
    const window = await open();
    await window.is('gaps');
    const one = { key: 'key-1', stage: 'erp', kind: 'missing' };
    expect(await window.accept({ discrepancies: [one], reason: 'a test order' })).toMatchObject({
      status: 201,
      body: { state: 'gaps', revision: 2, open: 2 },
    });
    expect((await window.discrepancies('status=open')).map(({ key }) => key)).toEqual(['key-2', 'key-3']);
    expect(await window.accept({ discrepancies: [one], reason: 'again' })).toMatchObject({
      status: 400,
      body: { code: 'unknown_discrepancy' },
    });
    expect(await window.accept({ all: true, reason: 'known at the ERP' })).toMatchObject({
      body: { state: 'accepted', revision: 3, open: 0 },
    });
    expect(await window.story()).toEqual(['opened by admin', 'waiting', 'gaps', 'gaps by admin', 'accepted by admin']);
    expect(await window.handle.result()).toEqual({ state: 'accepted', revision: 3, open: 0 });
    expect((await window.discrepancies('status=accepted')).map(({ key, accepted }) => [key, accepted])).toEqual([
      ['key-1', { by: 'admin', reason: 'a test order' }],
      ['key-2', { by: 'admin', reason: 'known at the ERP' }],
      ['key-3', { by: 'admin', reason: 'known at the ERP' }],
    ]);
    await until('the alert is resolved', async () => (await window.alerts())[0]?.state === 'resolved');
    expect(await window.alerts()).toEqual([
      expect.objectContaining({ resolvedReason: 'accepted', resolvedBy: 'admin' }),
    ]);
    await keep(window.handle, reconcileWindow.name, 'accepted');
  });

  it('takes what was accepted for accepted when it is judged again', async () => {
    const { open, arrives } = await overdue({ missing: 2 });
    const window = await open();
    await window.is('gaps');
    await window.accept({ discrepancies: [{ key: 'key-1', stage: 'erp', kind: 'missing' }], reason: 'a test order' });
    await arrives(2);
    await window.handle.signal(lateEvents);
    await window.is('accepted', 3);
    expect(await window.states()).toEqual(['1 gaps 2', '2 gaps 1', '3 accepted 0']);
  });
});

describe('late events', () => {
  it('that change nothing make no revision', async () => {
    const { open, arrives } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    await window.handle.signal(lateEvents);
    expect(await progressOf(window)).toMatchObject({ state: 'gaps', revision: 1 }); // answered after the signal
    await arrives(1);
    await window.handle.signal(lateEvents);
    await window.is('healed');
    expect(await window.states()).toEqual(['1 gaps 1', '2 healed 0']);
  });

  it('that come during a judgement which has seen them make no other one', async () => {
    const { open, arrives } = await overdue({ missing: 2 });
    const window = await open();
    await window.is('gaps');
    const openDoor = stage.judge.close();
    await arrives(1);
    await window.handle.signal(lateEvents);
    await until('it is being judged', () => stage.judge.waiting === 1);
    await window.handle.signal(lateEvents);
    openDoor();
    await window.is('gaps', 2);
    expect(await progressOf(window)).toMatchObject({ state: 'gaps', revision: 2 });
    expect(await window.states()).toEqual(['1 gaps 2', '2 gaps 1']);
    await window.cancel();
  });

  it('reopen a window that was closed: the next revision, and an alert', async () => {
    const { process, from, open } = await overdue();
    const window = await open();
    await window.is('matched');
    await window.handle.result();
    await process.tell(from, 'lost', ['shop']);
    await arrived(window);
    await window.is('gaps', 2);
    await until('an alert is raised', async () => (await window.alerts()).length === 1);
    expect(await window.states()).toEqual(['1 matched 0', '2 gaps 1']);
    await process.tell(from, 'lost', ['hub', 'erp']);
    await arrived(window);
    await window.is('healed', 3);
    await window.handle.result();
    await keep(window.handle, reconcileWindow.name, 'reopened');
  });

  it('that have been judged do not reopen a window', async () => {
    const { open } = await overdue();
    const window = await open();
    await window.is('matched');
    await window.handle.result();
    await arrived(window);
    expect(await window.handle.result()).toEqual({ state: 'matched', revision: 1, open: 0 });
    expect(await window.story()).toEqual(['opened by admin', 'waiting', 'matched']);
  });

  it('leave a window that was cancelled as it is, until somebody has it judged', async () => {
    const { open, arrives } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    await window.cancel();
    await window.handle.result();
    await arrives(1);
    await arrived(window);
    expect(await window.handle.result()).toEqual({ state: 'gaps', revision: 1, open: 1 });
    expect(await window.get()).toMatchObject({ state: 'cancelled', revision: 1 });
    await window.judge();
    await window.is('healed', 2);
  });

  it('wait, after a judgement that took long, before they start the next', async () => {
    const { open, arrives } = await overdue({ missing: 2 });
    const window = await open();
    await window.is('gaps');
    const timers = async (): Promise<number> =>
      (await window.handle.fetchHistory()).events?.filter((one) => one.timerStartedEventAttributes).length ?? 0;
    const openDoor = stage.judge.close();
    await window.judge();
    await until('it is being judged', () => stage.judge.waiting === 1);
    const since = await now();
    await until('that takes long', async () => (await now()) - since > 1_500_000);
    openDoor();
    await window.is('gaps', 2);
    expect(await timers()).toBe(0);
    await arrives(1);
    await window.handle.signal(lateEvents);
    await window.is('gaps', 3);
    expect(await timers()).toBe(1);
    await window.cancel();
  });

  it('that bring other gaps raise the next alert when somebody has resolved the first by hand', async () => {
    const { process, from, open } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    await until('the alert is raised', async () => (await window.alerts()).length === 1);
    const alerts = async (): Promise<string[]> =>
      (await window.alerts()).map(({ id, state }) => `${id.slice(window.id.length)} ${state}`).sort();
    await process.tell(from, 'second', ['shop', 'hub']);
    await arrived(window);
    await window.is('gaps', 2);
    expect(await alerts()).toEqual(['.1 open']);
    expect((await stage.call('POST', `/v1/alerts/${window.id}.1/resolve`)).status).toBe(200);
    await window.judge();
    await window.is('gaps', 3);
    expect(await window.get()).toMatchObject({ alert: `${window.id}.1` });
    await process.tell(from, 'third', ['shop', 'hub']);
    await arrived(window);
    await window.is('gaps', 4);
    await until('the next alert is raised', async () => (await window.alerts()).length === 2);
    expect(await alerts()).toEqual(['.1 resolved', '.4 open']);
    await window.cancel();
    await until('it is resolved', async () => (await alerts())[1] === '.4 resolved');
    await keep(window.handle, reconcileWindow.name, 'alert-anew');
  });
});

describe('an acceptance', () => {
  const store = () => stage.worker.get(ReconciliationStore, { strict: false });
  /** Proposes to accept what is open in the newest revision. */
  async function proposed(
    window: OpenedWindow,
    selected: Parameters<ReconciliationStore['proposeAcceptance']>[3] = [],
  ) {
    const [seen] = await store().verdicts(window.id);
    const acceptance = `acceptance-${(processes += 1)}`;
    await store().proposeAcceptance(acceptance, window.id, seen!, selected, 'known', 'ann', await now());
    return acceptance;
  }

  const reasonOf = async (update: Promise<unknown>): Promise<unknown> => {
    const error: unknown = await update.then(
      () => 'it was taken',
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      if ('type' in cause && typeof cause.type === 'string') return cause.type;
    return error;
  };

  it('is refused without gaps, and leaves no trace in the history', async () => {
    const process = await newProcess({ graceSeconds: 3 * 3600 });
    const to = minuteOf(await now());
    const window = await process.open(to - HOUR, to);
    await window.is('waiting');
    expect(await reasonOf(window.handle.executeUpdate(accept, { args: ['acceptance', 'ann'] }))).toBe('no_gaps');
    const { events } = await window.handle.fetchHistory();
    expect(events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toEqual([]);
    expect(await window.accept({ all: true, reason: 'why not' })).toMatchObject({
      status: 409,
      body: { code: 'no_gaps' },
    });
    await window.cancel();
  });

  it('that is not in the store is refused, and the window goes on', async () => {
    const { open, arrives } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    const update = window.handle.executeUpdate(accept, { args: ['no-such-acceptance', 'ann'] });
    expect(await reasonOf(update)).toBe('acceptance_not_found');
    expect(await window.states()).toEqual(['1 gaps 1']);
    await arrives(1);
    await window.handle.signal(lateEvents);
    await window.is('healed');
  });

  it('of all is refused when the window was judged again since it was seen', async () => {
    const { process, from, open } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    const acceptance = await proposed(window);
    await process.tell(from, 'unseen', ['shop']);
    await arrived(window);
    await window.is('gaps', 2);
    const update = window.handle.executeUpdate(accept, { args: [acceptance, 'ann'] });
    expect(await reasonOf(update)).toBe('revision_changed');
    expect(await window.accept({ all: true, reason: 'r', revision: 1 })).toMatchObject({
      status: 409,
      body: { code: 'revision_changed' },
    });
    expect(await window.accept({ all: true, reason: 'r', revision: 3 })).toMatchObject({
      status: 404,
      body: { code: 'revision_not_found' },
    });
    expect(await window.states()).toEqual(['1 gaps 1', '2 gaps 2']);
    expect(await window.accept({ all: true, reason: 'r', revision: 2 })).toMatchObject({ status: 201 });
  });

  it('of one is carried out when that one is as it was seen, and refused when it is not', async () => {
    const { process, from, open } = await overdue({ missing: 2 });
    const window = await open();
    await window.is('gaps');
    const [first, second] = await Promise.all(
      ['key-1', 'key-2'].map((key) => proposed(window, [{ key, stage: 'erp', kind: 'missing' }])),
    );
    await process.tell(from, 'key-1', ['shop', 'hub']); // now two of it are missing
    await arrived(window);
    await window.is('gaps', 2);
    expect(await reasonOf(window.handle.executeUpdate(accept, { args: [first!, 'ann'] }))).toBe('revision_changed');
    expect(await window.handle.executeUpdate(accept, { args: [second!, 'ann'] })).toMatchObject({ open: 1 });
    await window.cancel();
  });

  it('that comes with the first task of a run finds who takes it', async () => {
    const { open } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    const acceptance = await proposed(window);
    await window.handle.terminate();
    const startWorkflowOperation = new WithStartWorkflowOperation(reconcileWindow.name, {
      workflowId: window.handle.workflowId,
      taskQueue: 'control',
      args: [windowOf(window.id)!],
      workflowIdConflictPolicy: 'FAIL',
    });
    const verdict = await stage.client.workflow.executeUpdateWithStart(accept, {
      args: [acceptance, 'ann'],
      startWorkflowOperation,
    });
    expect(verdict).toEqual({ state: 'accepted', revision: 2, open: 0 });
    await window.is('accepted');
  });

  it('that nobody carries out in time is answered with 503', async () => {
    const { open } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    const openDoor = stage.judge.close();
    await window.judge();
    await until('it is being judged', () => stage.judge.waiting === 1);
    expect(await window.accept({ all: true, reason: 'r' })).toMatchObject({
      status: 503,
      body: { code: 'no_worker', retryable: true },
    });
    openDoor();
    await window.is('gaps', 2);
    await window.cancel();
  });

  it('that comes while the window is judged waits for the verdict', async () => {
    const { open, arrives } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    const openDoor = stage.judge.close();
    await arrives(1);
    await window.handle.signal(lateEvents);
    await until('it is being judged', () => stage.judge.waiting === 1);
    const update = reasonOf(window.handle.executeUpdate(accept, { args: ['acceptance', 'ann'] }));
    openDoor();
    expect(await update).toBe('no_gaps'); // it healed meanwhile
    await window.is('healed');
  });
});

describe('judging again', () => {
  it('does not wait for the grace', async () => {
    const process = await newProcess({ graceSeconds: 3 * 3600 });
    const to = minuteOf(await now());
    await process.tell(to - HOUR, 'order-1', ['shop']);
    const window = await process.open(to - HOUR, to);
    await window.is('waiting');
    expect((await window.judge()).status).toBe(202);
    await window.is('gaps', 1);
    expect(await window.story()).toEqual(['opened by admin', 'waiting', 'judging by admin', 'gaps']);
    await window.cancel();
  });

  it('makes the next revision of an open window, and raises no second alert', async () => {
    const { open } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps', 1);
    await window.judge();
    await window.is('gaps', 2);
    expect(await window.states()).toEqual(['1 gaps 1', '2 gaps 1']);
    expect(await window.alerts()).toHaveLength(1);
    await window.cancel();
    await window.is('cancelled');
  });

  it('reopens a closed window: the next revision, and an alert raised anew', async () => {
    const { process, from, open, arrives } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    await arrives(1);
    await window.handle.signal(lateEvents);
    await window.is('healed');
    await until('the alert is resolved', async () => (await window.alerts())[0]?.state === 'resolved');
    await process.tell(from, 'another', ['shop']);
    await window.judge();
    await window.is('gaps', 3);
    expect(await window.states()).toEqual(['1 gaps 1', '2 healed 0', '3 gaps 1']);
    await until('an alert is raised anew', async () => (await window.alerts()).length === 2);
    expect((await window.alerts()).map(({ id, state }) => `${id.slice(window.id.length)} ${state}`).sort()).toEqual([
      '.1 resolved',
      '.3 open',
    ]);
    await process.tell(from, 'another', ['hub', 'erp']);
    await window.handle.signal(lateEvents);
    await window.is('healed', 4);
    await until('it is resolved as well', async () =>
      (await window.alerts()).every(({ state }) => state === 'resolved'),
    );
  });

  it('that is asked for while a window is judged is not lost when that verdict closes it', async () => {
    const { process, from, open } = await overdue();
    const openDoor = stage.judge.close();
    const window = await open();
    await until('it is being judged', () => stage.judge.waiting === 1);
    await window.handle.signal(judgeAgain, 'ann');
    await process.tell(from, 'another', ['shop']);
    openDoor();
    await window.is('gaps', 2);
    expect((await window.states())[1]).toBe('2 gaps 1');
    expect(await window.story()).toContain('judging by ann');
    await window.cancel();
  });
});

describe('cancelling', () => {
  it('ends a window that waits, and opening it again does not bring it back', async () => {
    const process = await newProcess({ graceSeconds: 3 * 3600 });
    const to = minuteOf(await now());
    const window = await process.open(to - HOUR, to);
    await window.is('waiting');
    expect((await window.cancel()).status).toBe(202);
    expect(await window.handle.result()).toMatchObject({ revision: 0 });
    expect(await window.story()).toEqual(['opened by admin', 'waiting', 'cancelled by admin']);
    expect(await window.revisions()).toEqual([]);
    expect(await window.cancel()).toMatchObject({ status: 409, body: { code: 'reconciliation_closed' } });
    await process.open(to - HOUR, to);
    expect((await window.get()).state).toBe('cancelled');
    expect((await window.handle.describe()).status.name).toBe('COMPLETED');
  });

  it('breaks off a judgement, which writes no revision any more', async () => {
    const { open } = await overdue({ missing: 1 });
    const openDoor = stage.judge.close();
    const window = await open();
    await until('it is being judged', () => stage.judge.waiting === 1);
    await window.handle.signal(cancel, 'ann');
    await window.is('cancelled');
    await window.handle.result();
    openDoor();
    expect(stage.judge.waiting).toBe(0); // it had ended before the window did
    expect(await window.story()).toEqual(['opened by admin', 'waiting', 'cancelled by ann']);
    expect(await window.revisions()).toEqual([]);
    await keep(window.handle, reconcileWindow.name, 'cancelled-judging');

    await window.judge();
    await window.is('gaps', 1);
    await window.cancel();
  });

  it('closes an open window as it is, and resolves its alert', async () => {
    const { open } = await overdue({ missing: 1 });
    const window = await open();
    await window.is('gaps');
    await until('the alert is raised', async () => (await window.alerts()).length === 1);
    await window.cancel();
    await window.is('cancelled');
    expect(await window.handle.result()).toEqual({ state: 'gaps', revision: 1, open: 1 });
    await until('the alert is resolved', async () => (await window.alerts())[0]?.state === 'resolved');
    expect(await window.alerts()).toEqual([
      expect.objectContaining({ resolvedReason: 'cancelled', resolvedBy: 'admin' }),
    ]);
    await keep(window.handle, reconcileWindow.name, 'cancelled');
  });
});

describe('whatever comes at once', () => {
  it('makes one revision after the other, and none twice', async () => {
    const { process, from, open } = await overdue({ missing: 6 });
    const window = await open();
    await window.is('gaps');
    stage.judge.mostAtOnce = 0;
    const openDoor = stage.judge.close();
    await process.tell(from, 'one-more', ['shop', 'hub']);
    await window.handle.signal(judgeAgain, 'ann');
    await until('it is being judged', () => stage.judge.waiting === 1);
    // All of these find the window busy, and are woken together when it no longer is.
    const proposals = await Promise.all(
      [1, 2, 3, 4]
        .map((key) =>
          window.accept({ discrepancies: [{ key: `key-${key}`, stage: 'erp', kind: 'missing' }], reason: 'r' }),
        )
        .concat([
          window.handle.signal(lateEvents).then(openDoor) as never,
          window.handle.signal(judgeAgain, 'bob') as never,
        ]),
    );
    for (const { status } of proposals.slice(0, 4)) expect(status).toBe(201);
    await until(
      'all is done',
      async () => (await progressOf(window)).state === 'gaps' && (await window.revisions()).length >= 7,
    );
    const stored = await storedRevisions(window);
    expect(stored.map(({ revision }) => revision)).toEqual(stored.map((_, index) => index + 1));
    expect(stage.judge.mostAtOnce).toBe(1);
    expect((await window.revisions()).at(-1)).toMatchObject({ open: 3, accepted: 4 });
    await window.accept({ all: true, reason: 'the rest' });
    await window.is('accepted');
    expect(await window.handle.result()).toMatchObject({ state: 'accepted', open: 0 });
  });
});

describe('a step', () => {
  it('that ClickHouse does not take at once is tried again by way of the server, where it holds up nothing else', async () => {
    const { open } = await overdue({ missing: 1 });
    const write = jest.spyOn(stage.worker.get(ReconciliationStore, { strict: false }), 'addTransition');
    const away = new DomainError('unavailable', 'store_unavailable', 'away');
    for (let refused = 0; refused < 5; refused++) write.mockRejectedValueOnce(away);
    const window = await open();
    await window.is('gaps');
    expect(await window.story()).toEqual(['opened by admin', 'waiting', 'gaps']);
    expect(await activitiesOf(window)).toContain('reconcileWindow.record');
    write.mockRestore();
    await window.cancel();
    await window.handle.result();
  });
});
