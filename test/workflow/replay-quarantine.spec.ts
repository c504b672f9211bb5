import { QUEUE_START, NO_PROGRESS } from '@holdfast/domains/tracking/core/quarantine';
import { Readmission } from '@holdfast/domains/tracking/intake/readmission';
import { QuarantineActivities } from '@holdfast/domains/tracking/quarantine/quarantine.activities';
import { QuarantineStore } from '@holdfast/domains/tracking/quarantine/quarantine.store';
import { formatInstant } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { progress, replayQuarantine, stop } from '@holdfast/workflows/tracking/replay-quarantine/contract';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
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
    const store = stage.api.app.get(QuarantineStore, { strict: false });
    const asked = { selection: JSON.stringify({ source }), askedBy: 'ann', askedAt: Date.now() * 1000 };
    await store.addReplay(replayId, 0, { ...asked, state: 'running' }, NO_PROGRESS, asked.askedAt);
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

  it('finds what a page that was cut short had let out already, and lets it out once', async () => {
    const source = await quarantine(5, true);
    const store = stage.api.app.get(QuarantineStore, { strict: false });
    const items = await store.items({ source }, QUEUE_START, 10);
    const records = await store.records(items);
    const mended = items.slice(0, 3).map((item) => ({ item, record: records.get(item.item)! }));
    await stage.api.app.get(Readmission, { strict: false }).admit(mended); // and no more: as if the process had died
    const asked = { selection: JSON.stringify({ source }), askedBy: 'ann', askedAt: Date.now() * 1000 };
    await store.addReplay(`cut-${source}`, 0, { ...asked, state: 'running' }, NO_PROGRESS, asked.askedAt);
    const steps = stage.api.app.get(QuarantineActivities, { strict: false });
    const page = await new MockActivityEnvironment().run(() => steps.replayPage(`cut-${source}`, QUEUE_START));
    expect(page).toEqual({ released: 2, stillBad: 0, gone: 3, next: null });
    expect(await account(source)).toMatchObject({ stored: 5, quarantined: 0 });
    const after = await store.items({ source }, QUEUE_START, 10);
    expect(after.map(({ state, became }) => [state, became])).toEqual(Array(5).fill(['released', 'stored']));
  });
});
