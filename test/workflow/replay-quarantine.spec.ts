import { QUEUE_START, NO_PROGRESS } from '@holdfast/domains/tracking/core/quarantine';
import { IntakeCommitter } from '@holdfast/domains/tracking/intake/committer';
import { Readmission } from '@holdfast/domains/tracking/intake/readmission';
import { Departures } from '@holdfast/domains/tracking/quarantine/departures';
import { QuarantineActivities } from '@holdfast/domains/tracking/quarantine/quarantine.activities';
import { QuarantineStore } from '@holdfast/domains/tracking/quarantine/quarantine.store';
import { TrackingStore } from '@holdfast/domains/tracking/tracking.store';
import { formatInstant } from '@holdfast/kernel';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { progress, replayQuarantine, stop } from '@holdfast/workflows/tracking/replay-quarantine/contract';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';
import { keep, processOn, startStage, until, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
let sources = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
  await processOn(stage, 'replayed', {});
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

const SHAPE = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };

/** Records that a contract forbids, and a version of it that allows them if `mended`. @returns their source */
async function quarantine(count: number, mended: boolean): Promise<string> {
  const source = `source-${(sources += 1)}`;
  const path = `/v1/contracts/${source}`;
  const contract = { owner: 'team', enforcement: 'quarantine', compatibility: 'none' };
  expect((await stage.call('PUT', path, { body: { ...contract, schema: SHAPE } })).status).toBe(200);
  const records = Array.from({ length: count }, (_, n) => ({
    ...{ id: String(n), source, process: 'replayed', stage: 'shop', key: `${source}-${n}`, type: source },
    ...{ occurredAt: '2026-11-20T10:00:00Z', originAt: '2026-11-20T10:00:00Z', data: {} },
  }));
  await until('the contract holds', async () => {
    const { body } = await stage.call('POST', '/v1/events', { body: records.slice(0, 1) });
    return body.stored === 0 && (await account(source)).quarantined === 1;
  });
  await stage.call('POST', '/v1/events', { body: records });
  if (mended) {
    const headers = { 'if-match': '*' };
    expect((await stage.call('PUT', path, { body: { ...contract, schema: true }, headers })).status).toBe(200);
    const { items } = (await stage.call('GET', `/v1/quarantine?source=${source}&limit=1`)).body;
    await until('the new version holds', async () => {
      const { body } = await stage.call('GET', `/v1/quarantine/${items[0].item}`);
      return body.problem === null;
    });
  }
  return source;
}

async function account(source: string) {
  const at = (ms: number): string => formatInstant(Math.floor(ms / 1000) * 1_000_000);
  const span = `from=${at(Date.now() - 3_600_000)}&to=${at(Date.now() + 2_000)}`;
  return (await stage.call('GET', `/v1/intake?source=${source}&${span}`)).body;
}

async function replay(source: string) {
  const { body } = await stage.call('POST', '/v1/quarantine/replays', { body: { select: { source } } });
  const handle = stage.client.workflow.getHandle(`replay/${body.id}`);
  return { id: body.id as string, handle };
}

/** Whether a page is under way. */
async function isInPage(handle: WorkflowHandle): Promise<boolean> {
  return ((await handle.describe()).raw.pendingActivities ?? []).length > 0;
}

async function asked(replayId: string, source: string): Promise<void> {
  const by = { selection: JSON.stringify({ source }), askedBy: 'ann', askedAt: Date.now() * 1000 };
  const store = stage.api.app.get(QuarantineStore, { strict: false });
  await store.addReplay(replayId, 0, { ...by, state: 'running' }, NO_PROGRESS, by.askedAt);
}

const items = async (source: string) => (await stage.call('GET', `/v1/quarantine?source=${source}`)).body.items;
const states = async (source: string): Promise<string[]> =>
  (await items(source)).map(({ state, became }: { state: string; became: string | null }) => `${state} ${became}`);

/** Does what cannot end well: the nth insert into a table fails before it is sent. */
async function failing(table: string, nth: number, act: () => Promise<unknown>): Promise<void> {
  const clickhouse = stage.api.app.get(ClickHouse, { strict: false });
  let seen = 0;
  clickhouse.onInsert = (into) => {
    if (into === table && ++seen === nth) throw new Error('nothing is written any more');
  };
  await act().then(
    (answer) => expect(answer).toMatchObject({ status: 500 }),
    () => undefined,
  );
  clickhouse.onInsert = undefined;
  expect(seen).toBe(nth);
}

describe('a replay', () => {
  it('takes mended records in page by page, and counts them', async () => {
    const source = await quarantine(450, true);
    const { id, handle } = await replay(source);
    expect(await handle.result()).toEqual({ released: 450, stillBad: 0, gone: 0 });
    expect(await handle.query(progress)).toEqual({ released: 450, stillBad: 0, gone: 0 });
    expect((await stage.call('GET', `/v1/quarantine/replays/${id}`)).body).toMatchObject({
      state: 'done',
      released: 450,
    });
    expect(await account(source)).toMatchObject({ stored: 450, quarantined: 0 });
    await keep(handle, replayQuarantine.name, 'done');
  });

  it('leaves what is still bad where it is', async () => {
    const source = await quarantine(3, false);
    const { handle } = await replay(source);
    expect(await handle.result()).toEqual({ released: 0, stillBad: 3, gone: 0 });
    expect(await account(source)).toMatchObject({ stored: 0, quarantined: 3 });
  });

  it('ends before the next page when it is stopped', async () => {
    const source = await quarantine(3, true);
    const replayId = `stopped-${source}`;
    await asked(replayId, source);
    const input = { replay: replayId, from: QUEUE_START, progress: NO_PROGRESS, pages: 0 };
    const handle = await stage.client.workflow.signalWithStart(replayQuarantine.name, {
      workflowId: replayQuarantine.id(input),
      taskQueue: 'control',
      args: [input],
      signal: stop,
      signalArgs: [],
    });
    expect(await handle.result()).toEqual(NO_PROGRESS);
    expect((await stage.call('GET', `/v1/quarantine/replays/${replayId}`)).body.state).toBe('stopped');
    expect(await account(source)).toMatchObject({ stored: 0, quarantined: 3 });
    await keep(handle, replayQuarantine.name, 'stopped');
  });

  it('counts what a page that was cut short had let out already, and lets it out once', async () => {
    const source = await quarantine(5, true);
    const replayId = `cut-${source}`;
    await asked(replayId, source);
    const steps = stage.api.app.get(QuarantineActivities, { strict: false });
    const page = () => new MockActivityEnvironment().run(() => steps.replayPage(replayId, QUEUE_START));
    await failing('quarantine_steps', 2, page); // the wishes are written, the records have left, and nobody wrote that they have
    expect(await account(source)).toMatchObject({ stored: 5, quarantined: 0 });
    expect(await page()).toEqual({ released: 5, stillBad: 0, gone: 0, next: null });
    expect(await account(source)).toMatchObject({ stored: 5, quarantined: 0 });
    expect(await states(source)).toEqual(Array(5).fill('released stored'));
    // And when it is cut short behind all of that.
    expect(await page()).toEqual({ released: 5, stillBad: 0, gone: 0, next: null });
  });

  it('ends between two pages when it is stopped; another one takes the rest', async () => {
    const source = await quarantine(450, true);
    const departures = stage.api.app.get(Departures, { strict: false });
    let begun!: Awaited<ReturnType<typeof replay>>;
    // While this turn lasts, no page of a replay can begin.
    await departures.turn(async () => {
      begun = await replay(source);
      await until('the replay waits for its turn', () => isInPage(begun.handle));
      expect((await stage.call('POST', `/v1/quarantine/replays/${begun.id}/stop`)).status).toBe(202);
    });
    expect(await begun.handle.result()).toEqual({ released: 200, stillBad: 0, gone: 0 });
    expect((await stage.call('GET', `/v1/quarantine/replays/${begun.id}`)).body).toMatchObject({
      state: 'stopped',
      released: 200,
    });
    expect(await account(source)).toMatchObject({ stored: 200, quarantined: 250 });
    expect(await (await replay(source)).handle.result()).toEqual({ released: 250, stillBad: 0, gone: 0 });
    expect(await account(source)).toMatchObject({ stored: 450, quarantined: 0 });
  });

  it('shares a selection with another one: each record leaves once, by one of them', async () => {
    const source = await quarantine(500, true);
    const departures = stage.api.app.get(Departures, { strict: false });
    const [one, other] = await departures.turn(() => Promise.all([replay(source), replay(source)]));
    const [a, b] = await Promise.all([one.handle.result(), other.handle.result()]);
    expect(Number(a.released) + Number(b.released)).toBe(500);
    expect([a.gone, b.gone, a.stillBad, b.stillBad]).toEqual([0, 0, 0, 0]);
    expect(await account(source)).toMatchObject({ stored: 500, quarantined: 0 });
  });

  it('waits while intake has no memory left for what its page holds', async () => {
    const source = await quarantine(3, true);
    const committer = stage.api.app.get(IntakeCommitter, { strict: false });
    const all = stage.configuration.HOLDFAST_INTAKE_MEMORY_BYTES;
    committer.hold(all);
    const { handle } = await replay(source);
    await until('the page waits', () => isInPage(handle));
    const select = { select: { source }, patch: [{ op: 'add', path: '/data/x', value: 1 }], dryRun: true };
    expect(await stage.call('POST', '/v1/quarantine/patches', { body: select })).toMatchObject({
      status: 429,
      body: { code: 'intake_full' },
    });
    expect(await account(source)).toMatchObject({ stored: 0, quarantined: 3 });
    committer.release(all);
    expect(await handle.result()).toMatchObject({ released: 3 });
    expect(committer.full).toBe(false);
  });
});

describe('a discard that is cut short', () => {
  const discard = (source: string, reason: string) =>
    stage.call('POST', '/v1/quarantine/discards', { body: { select: { source }, reason } });

  it('has happened, with its reason and by whom, once the records have left', async () => {
    const source = await quarantine(3, false);
    await failing('quarantine_steps', 2, () => discard(source, 'a test of the shop'));
    // What the next process finds, which knows of nothing.
    expect(await account(source)).toMatchObject({ quarantined: 0, rejected: 3 });
    expect(await states(source)).toEqual(Array(3).fill('discarded null'));
    const [item] = await items(source);
    const { steps } = (await stage.call('GET', `/v1/quarantine/${item.item}`)).body;
    expect(steps).toMatchObject([{ step: 'discarded', reason: 'a test of the shop', by: expect.any(String) }]);
    expect((await discard(source, 'once more')).body).toEqual({ items: 0 });
  });

  it.each([
    ['its wish', 'quarantine_steps', 1],
    ['the records', 'tracking_records', 1],
  ])('has not happened when %s could not be written', async (_what, table, nth) => {
    const source = await quarantine(2, false);
    await failing(table, nth, () => discard(source, 'in vain'));
    expect(await states(source)).toEqual(Array(2).fill('open null'));
    expect(await account(source)).toMatchObject({ quarantined: 2, rejected: 0 });
    expect((await discard(source, 'for good')).body).toEqual({ items: 2 });
    const [item] = await items(source);
    const { steps } = (await stage.call('GET', `/v1/quarantine/${item.item}`)).body;
    expect(steps).toMatchObject([{ step: 'discarded', reason: 'for good' }]);
  });

  it('is known to a process that starts afterwards', async () => {
    const source = await quarantine(2, false);
    const { app } = stage.api;
    const store = app.get(QuarantineStore, { strict: false });
    const readmission = app.get(Readmission, { strict: false });
    const tracking = app.get(TrackingStore, { strict: false });
    const found = await store.items({ source }, QUEUE_START, 10);
    const dying = new Departures(store, tracking);
    await dying.turn(() =>
      dying.leave(found, { by: 'ann', as: 'discarded', reason: 'ended' }, async () => {
        await readmission.discard(found);
        return []; // and no more: as if it had died here
      }),
    );
    expect(await states(source)).toEqual(Array(2).fill('open null'));
    await new Departures(store, tracking).settled();
    expect(await states(source)).toEqual(Array(2).fill('discarded null'));
    expect(await store.steps(found[0]!)).toMatchObject([{ step: 'discarded', doneBy: 'ann', reason: 'ended' }]);
  });
});
