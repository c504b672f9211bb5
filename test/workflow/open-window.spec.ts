import { OpenWindowActivities } from '@holdfast/domains/reconciliation/open-window.activities';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { openDueWindows } from '@holdfast/workflows/reconciliation/open-due-windows/contract';
import { openWindow } from '@holdfast/workflows/reconciliation/open-window/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, keep, MINUTE, minuteOf, processOn, startStage, windowOn, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
let processes = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

const newProcess = (definition: Record<string, unknown> = {}) =>
  processOn(stage, `process-${(processes += 1)}`, definition);
const now = (): Micros => Date.now() * 1000;
const post = (process: string, from: Micros, to: Micros, idempotencyKey?: string) =>
  stage.call('POST', '/v1/reconciliations', {
    body: { process, from: formatInstant(from), to: formatInstant(to) },
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });
async function windowsOf(
  process: string,
): Promise<{ id: string; from: string; to: string; openedBy: string | null }[]> {
  return (await stage.call('GET', `/v1/reconciliations?process=${process}&limit=1000`)).body.items;
}

describe('opening a window', () => {
  it('answers the same window again as it is', async () => {
    const { id, open } = await newProcess();
    const to = minuteOf(now()) - 2 * HOUR;
    const window = await open(to - HOUR, to);
    await window.is('matched');
    const again = await post(id, to - HOUR, to);
    expect(again).toMatchObject({ status: 202, body: { id: window.id, isNew: false } });
    expect(await windowsOf(id)).toHaveLength(1);
    expect(await window.states()).toEqual(['1 matched 0']); // it was not judged again
    await keep(stage.client.workflow.getHandle(`open-window/${id}`), openWindow.name, 'known');
  });

  it('refuses one that shares time with another, and takes one that only touches it', async () => {
    const { id } = await newProcess();
    const other = await newProcess();
    const to = minuteOf(now()) - 3 * HOUR;
    const opened = await post(id, to - HOUR, to);
    expect(opened).toMatchObject({ status: 202, body: { isNew: true } });
    await keep(stage.client.workflow.getHandle(`open-window/${id}`), openWindow.name, 'opened');
    for (const [from, until] of [
      [to - HOUR - MINUTE, to - HOUR + MINUTE],
      [to - MINUTE, to + MINUTE],
      [to - 2 * MINUTE, to - MINUTE],
      [to - 2 * HOUR, to + HOUR],
    ] as const) {
      expect(await post(id, from, until)).toMatchObject({
        status: 409,
        body: { code: 'window_overlaps', overlapping: opened.body.id },
      });
    }
    await keep(stage.client.workflow.getHandle(`open-window/${id}`), openWindow.name, 'overlaps');
    expect((await post(id, to, to + MINUTE)).status).toBe(202);
    expect((await post(id, to - HOUR - MINUTE, to - HOUR)).status).toBe(202);
    expect((await post(other.id, to - MINUTE, to + MINUTE)).status).toBe(202);
    expect(await windowsOf(id)).toHaveLength(3);
  });

  it('of windows that overlap, asked for at the same time, lets one in', async () => {
    const { id } = await newProcess();
    const to = minuteOf(now()) - 4 * HOUR;
    const answers = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((shift) => post(id, to - HOUR + shift * MINUTE, to + shift * MINUTE)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409]);
    expect(await windowsOf(id)).toHaveLength(1);
  });

  it('of the same window, asked for at the same time, makes it once', async () => {
    const { id } = await newProcess();
    const to = minuteOf(now()) - 4 * HOUR;
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(id, to - HOUR, to)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(answers.filter(({ body }) => body.isNew)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await windowsOf(id)).toHaveLength(1);
  });

  it('starts the workflow of a window that was left without one by a crash', async () => {
    const { id } = await newProcess();
    const to = minuteOf(now()) - 2 * HOUR;
    // The step before the workflow's start was taken, and nothing after it.
    const step = stage.worker.get(OpenWindowActivities, { strict: false });
    const registered = await step.register({ process: id, from: to - HOUR, to, by: 'ann' });
    const window = windowOn(stage, registered.id);
    expect(await window.get()).toMatchObject({ state: 'opened', story: [{ by: 'ann' }] });
    expect(await post(id, to - HOUR, to)).toMatchObject({ status: 202, body: { id: registered.id, isNew: false } });
    await window.is('matched');
    expect((await window.get()).openedBy).toBe('ann');
  });

  it('refuses an unknown process, and bounds that are the same instant', async () => {
    const to = minuteOf(now()) - HOUR;
    expect(await post('no-such-process', to - HOUR, to)).toMatchObject({
      status: 400,
      body: { code: 'unknown_process' },
    });
    const body = { process: 'any', from: '2026-11-20T10:00:00Z', to: '2026-11-20T11:00:00+01:00' };
    expect(await stage.call('POST', '/v1/reconciliations', { body })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field: 'to', reason: 'must be after from' }] },
    });
  });
});

describe('a schedule', () => {
  /** One run of a process's schedule. */
  async function run(process: string): Promise<number> {
    const workflowId = `${openDueWindows.id(process)}-${(processes += 1)}`;
    const handle = await stage.client.workflow.start(openDueWindows.name, {
      workflowId,
      taskQueue: 'control',
      args: [process],
    });
    const opened = (await handle.result()) as number;
    if (opened > 0) await keep(handle, openDueWindows.name, 'opened');
    return opened;
  }
  const scheduled = (seconds: number) => newProcess({ window: { seconds, scheduled: true }, graceSeconds: 0 });
  /** What a schedule opened before it was down for a while. */
  const openedBefore = async (process: string, from: Micros, to: Micros): Promise<void> => {
    const step = stage.worker.get(OpenWindowActivities, { strict: false });
    await step.register({ process, from, to, by: '' });
  };

  it('catches up with every window that ended while it was down', async () => {
    const { id } = await scheduled(60);
    const last = minuteOf(now()) - 10 * MINUTE;
    await openedBefore(id, last - MINUTE, last);
    const until = minuteOf(now());
    expect(await run(id)).toBeGreaterThanOrEqual(10);
    const windows = (await windowsOf(id)).filter(({ to }) => to <= formatInstant(until)).reverse();
    expect(windows.map(({ from }) => from)).toEqual(
      Array.from({ length: 11 }, (_, index) => formatInstant(last + (index - 1) * MINUTE)),
    );
    expect(windows.every(({ openedBy }) => openedBy === null)).toBe(true);
    for (const window of windows.slice(1)) await windowOn(stage, window.id).is('matched');
    const before = (await windowsOf(id)).length;
    await run(id); // it may open the minute that has ended since, and nothing twice
    expect((await windowsOf(id)).length - before).toBeLessThanOrEqual(1);
  });

  it('passes over time that a window takes which somebody opened', async () => {
    const { id } = await scheduled(60);
    const last = minuteOf(now()) - 10 * MINUTE;
    await openedBefore(id, last - MINUTE, last);
    expect((await post(id, last + 2 * MINUTE, last + 5 * MINUTE)).status).toBe(202);
    await run(id);
    const froms = (await windowsOf(id)).map(({ from }) => from).reverse();
    expect(froms.slice(0, 5)).toEqual([-1, 0, 1, 2, 5].map((minutes) => formatInstant(last + minutes * MINUTE)));
  });

  it('gets past a window that is longer than a run may open', async () => {
    const { id } = await scheduled(60);
    const last = minuteOf(now()) - 3 * HOUR;
    await openedBefore(id, last - MINUTE, last);
    expect((await post(id, last, minuteOf(now()) - 3 * MINUTE)).status).toBe(202);
    expect(await run(id)).toBeGreaterThanOrEqual(3);
  });

  it('covers what is left beside a window that somebody opened', async () => {
    const { id } = await scheduled(600);
    const last = Math.floor(now() / (10 * MINUTE)) * 10 * MINUTE - 30 * MINUTE;
    await openedBefore(id, last - 10 * MINUTE, last);
    expect((await post(id, last + 5 * MINUTE, last + 15 * MINUTE)).status).toBe(202);
    await run(id);
    const bounds = (await windowsOf(id)).map(({ from, to }) => [from, to]).reverse();
    expect(bounds.slice(1, 5)).toEqual(
      [
        [0, 5],
        [5, 15],
        [15, 20],
        [20, 30],
      ].map((pair) => pair.map((minutes) => formatInstant(last + minutes * MINUTE))),
    );
  });

  /** Another version of the process, with another window. */
  async function change(id: string, window: { seconds: number; scheduled: boolean }): Promise<void> {
    const { body, headers } = await stage.call('GET', `/v1/processes/${id}`);
    const { id: _id, version: _version, changedBy: _by, changedAt: _at, ...definition } = body;
    const answer = await stage.call('PUT', `/v1/processes/${id}`, {
      body: { ...definition, window },
      headers: { 'if-match': headers.get('etag')! },
    });
    expect(answer.status).toBe(200);
  }

  it('fills the time up to the grid of a new length', async () => {
    const { id } = await scheduled(60);
    const cell = Math.floor(now() / (10 * MINUTE)) * 10 * MINUTE - 20 * MINUTE;
    await openedBefore(id, cell + 3 * MINUTE, cell + 4 * MINUTE);
    await change(id, { seconds: 600, scheduled: true });
    await run(id);
    const bounds = (await windowsOf(id)).map(({ from, to }) => [from, to]).reverse();
    expect(bounds.slice(1, 3)).toEqual(
      [
        [4, 10],
        [10, 20],
      ].map((pair) => pair.map((minutes) => formatInstant(cell + minutes * MINUTE))),
    );
  });

  it('does not make up for the time in which it was switched off', async () => {
    const { id } = await scheduled(3600);
    const last = minuteOf(now()) - 300 * HOUR;
    await openedBefore(id, last - HOUR, last);
    await change(id, { seconds: 3600, scheduled: false });
    await change(id, { seconds: 3600, scheduled: true });
    expect(await run(id)).toBe(0);
    expect(await windowsOf(id)).toHaveLength(1);
  });

  it('goes on where it was after other changes of the process', async () => {
    const { id } = await scheduled(3600);
    const last = Math.floor(now() / HOUR) * HOUR - 3 * HOUR;
    await openedBefore(id, last - HOUR, last);
    await change(id, { seconds: 1800, scheduled: true });
    await change(id, { seconds: 3600, scheduled: true });
    expect(await run(id)).toBeGreaterThanOrEqual(3);
  });

  it('opens nothing for a process that is not scheduled any more', async () => {
    const { id } = await newProcess();
    const last = minuteOf(now()) - 10 * HOUR;
    await openedBefore(id, last - HOUR, last);
    expect(await run(id)).toBe(0);
    expect(await windowsOf(id)).toHaveLength(1);
  });
});
