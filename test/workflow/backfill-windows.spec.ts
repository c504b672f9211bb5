import { formatInstant, type Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { backfillWindows } from '@holdfast/workflows/reconciliation/backfill-windows/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, keep, minuteOf, processOn, startStage, until, type Stage } from './stage';

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
  processOn(stage, `past-${(processes += 1)}`, definition);
/** The hour that began so many hours ago. */
const hoursAgo = (hours: number): Micros => Math.floor(minuteOf(Date.now() * 1000) / HOUR) * HOUR - hours * HOUR;
const ask = (process: string, from: Micros, to: Micros, atOnce = 4) =>
  stage.call('POST', '/v1/backfills', {
    body: { process, from: formatInstant(from), to: formatInstant(to), atOnce },
  });
const ended = (id: string) =>
  until(
    'the back-fill has ended',
    async () => {
      const { body } = await stage.call('GET', `/v1/backfills/${id}`);
      return body.state === 'running' ? undefined : body;
    },
    60,
  );
const windowsOf = async (process: string): Promise<{ from: string; to: string; state: string; openedBy: string }[]> =>
  (await stage.call('GET', `/v1/reconciliations?process=${process}&limit=1000`)).body.items;

it('opens and judges every window of the span, so many at a time, and passes over what was opened before', async () => {
  const { id, open } = await newProcess({ window: { seconds: 3600 } });
  const [from, to] = [hoursAgo(15), hoursAgo(3)];
  const own = await open(from + 2 * HOUR - HOUR / 2, from + 3 * HOUR); // half of one cell, and the next
  await own.is('matched');
  const shut = stage.judge.close();
  const { body, status } = await ask(id, from, to, 3);
  expect([status, body]).toMatchObject([202, { process: id, atOnce: 3, askedBy: 'admin', state: 'running' }]);
  const unjudged = async () => (await windowsOf(id)).filter(({ state }) => state !== 'matched');
  await until('as many are open as may be', async () => (await unjudged()).length === 3);
  await until('some are being judged', () => stage.judge.waiting > 0);
  expect(await unjudged()).toHaveLength(3);
  shut();
  const done = await ended(body.id);
  expect(done).toMatchObject({ state: 'done', opened: 10, judged: 10, withGaps: 0, passed: 2 });
  const windows = await windowsOf(id);
  expect(windows).toHaveLength(11);
  expect(windows.filter(({ state }) => state === 'matched')).toHaveLength(11);
  const spans = windows.map((one) => one.from).sort();
  expect([spans[0], windows[0]!.to]).toEqual([formatInstant(from), formatInstant(to)]);
  await keep(stage.client.workflow.getHandle(`backfill/${body.id}`), backfillWindows.name, 'done');
});

it('tells of gaps, and of windows that slide', async () => {
  const process = await newProcess({ window: { seconds: 7200, every: 3600 } });
  const from = hoursAgo(10);
  await process.tell(from + HOUR + 5, 'lost', ['shop']);
  const { body } = await ask(process.id, from, from + 3 * HOUR);
  expect(await ended(body.id)).toMatchObject({ state: 'done', opened: 3, judged: 3, withGaps: 2, passed: 0 });
  expect((await windowsOf(process.id)).map((one) => one.from)).toEqual(
    [2, 1, 0].map((hour) => formatInstant(from + hour * HOUR)),
  );
  expect(await ended((await ask(process.id, from, from + 4 * HOUR)).body.id)).toMatchObject({ opened: 1, passed: 3 });
});

it('opens nothing more once it is stopped, and what is open goes on', async () => {
  const { id } = await newProcess({ window: { seconds: 3600 } });
  const shut = stage.judge.close();
  const { body } = await ask(id, hoursAgo(20), hoursAgo(2), 2);
  await until('two are being judged', () => stage.judge.waiting === 2);
  expect((await stage.call('POST', `/v1/backfills/${body.id}/stop`)).status).toBe(202);
  expect(await ended(body.id)).toMatchObject({ state: 'stopped', opened: 2, judged: 0 });
  shut();
  await until('both are judged', async () => (await windowsOf(id)).every(({ state }) => state === 'matched'));
  expect(await windowsOf(id)).toHaveLength(2);
  expect((await stage.call('POST', `/v1/backfills/${body.id}/stop`)).body.state).toBe('stopped');
  await keep(stage.client.workflow.getHandle(`backfill/${body.id}`), backfillWindows.name, 'stopped');
});

it('refuses what it cannot do, by field', async () => {
  const { id } = await newProcess();
  const refused = async (answer: ReturnType<typeof ask>) => {
    const { status, body } = await answer;
    return [status, body.errors?.[0]?.field];
  };
  expect(await refused(ask('nowhere', hoursAgo(2), hoursAgo(1)))).toEqual([400, 'process']);
  expect(await refused(ask(id, hoursAgo(2), hoursAgo(-2)))).toEqual([400, 'to']);
  expect(await refused(ask(id, hoursAgo(1), hoursAgo(2)))).toEqual([400, 'to']);
  expect(await refused(ask(id, hoursAgo(2), hoursAgo(1), 0))).toEqual([400, 'atOnce']);
  expect((await stage.call('GET', '/v1/backfills/none')).status).toBe(404);
  const listed = await stage.call('GET', `/v1/backfills?process=${id}`);
  expect([listed.status, listed.body.items]).toEqual([200, []]);
});
