import { DecisionActivities } from '@holdfast/domains/resolution/decision.activities';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { decideDiscrepancies } from '@holdfast/workflows/resolution/decide-discrepancies/contract';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
import {
  type Answer,
  HOUR,
  keep,
  minuteOf,
  processOn,
  startStage,
  until,
  type OpenedWindow,
  type Stage,
} from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
let processes = 0;
const keys: Record<string, string> = {};

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
  for (const id of ['ann', 'bob', 'cy']) {
    const body = { principal: { id, kind: 'person', roles: ['operator'] } };
    keys[id] = (await stage.call('POST', '/v1/keys', { body })).body.key as string;
  }
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

const now = async (): Promise<Micros> => (await env.currentTimeMs()) * 1000;
const as = (who: string) => ({ authorization: `Bearer ${keys[who]}` });
const decision = async (id: string): Promise<Answer['body']> => (await stage.call('GET', `/v1/decisions/${id}`)).body;
const isAt = (id: string, state: string): Promise<Answer['body']> =>
  until(`the decision is ${state}`, async () => {
    const found = await decision(id);
    return found.state === state && found;
  });
const handleOf = (id: string) => env.client.workflow.getHandle(`decision/${id}`);
const answer = (id: string, how: 'approve' | 'refuse', who: string, comment?: string): Promise<Answer> =>
  stage.call('POST', `/v1/decisions/${id}/${how}`, {
    headers: as(who),
    body: comment === undefined ? {} : { comment },
  });

/** Windows of an hour each, in which these many keys never reached the last stage. */
async function windowsWith(missing: readonly number[], definition: Record<string, unknown> = {}) {
  const process = await processOn(stage, `decided-${(processes += 1)}`, definition);
  const end = minuteOf(Date.now() * 1000) - 2 * HOUR; // in the time of the API, which does not skip
  const windows: OpenedWindow[] = [];
  for (const [n, count] of missing.entries()) {
    const from = end - (n + 1) * HOUR;
    await process.tell(from, `whole-${n}`);
    for (let key = 1; key <= count; key++) await process.tell(from, `key-${n}-${key}`, ['shop', 'hub']);
    const window = await process.open(from, from + HOUR);
    await window.is('gaps');
    windows.push(window);
  }
  const span = { process: process.id, from: formatInstant(end - missing.length * HOUR), to: formatInstant(end) };
  return {
    process,
    windows,
    span,
    async propose(action: string, select: object = span, more: object = {}, who = 'ann'): Promise<string> {
      const body = { action, reason: 'known at the ERP', select, ...more };
      const made = await stage.call('POST', '/v1/decisions', { body, headers: as(who) });
      expect([made.status, made.body]).toEqual([202, { id: expect.any(String) }]);
      return made.body.id as string;
    },
    end: async () => {
      for (const window of windows) await window.cancel();
    },
  };
}
const FOUR_EYES = { fourEyes: { approveWithinSeconds: 3_600 } };

// In the time of the API: before a test lets time skip.
it('what is ignored for a time comes back as open when that is over', async () => {
  const { windows, span, propose } = await windowsWith([2]);
  const expiresAt = formatInstant((Date.now() + 3_000) * 1000);
  const id = await propose('ignore', { ...span, keys: ['key-0-1'] }, { expiresAt });
  expect((await isAt(id, 'expired')).decided).toEqual({ windows: 1, discrepancies: 1 });
  await until('it is open again', async () => (await windows[0]!.states()).length === 3);
  expect(await windows[0]!.states()).toEqual(['1 gaps 2', '2 gaps 1', '3 gaps 2']);
  expect((await windows[0]!.discrepancies('status=open')).map(({ key }) => key)).toEqual(['key-0-1', 'key-0-2']);
  const { items } = (await stage.call('GET', `${windows[0]!.url}/decisions`)).body;
  expect(items).toMatchObject([
    { decision: id, action: 'ignore', discrepancies: 1, rule: null, by: 'ann', outcome: 'expired' },
  ]);
  await keep(handleOf(id), decideDiscrepancies.name, 'expired');
});

// Before a window is closed: the test server lets no more time skip once a workflow has ended that outlived its parent.
it('a proposal that nobody answers in time lapses, and nothing is accepted', async () => {
  const { windows, propose } = await windowsWith([1], FOUR_EYES);
  const id = await propose('accept');
  const proposed = await isAt(id, 'proposed');
  expect(proposed).toMatchObject({ found: { windows: 1, discrepancies: 1 }, approveBy: expect.any(String) });
  await env.sleep('2h');
  await isAt(id, 'lapsed');
  expect(await handleOf(id).result()).toBe('lapsed');
  expect(await answer(id, 'approve', 'bob')).toMatchObject({ status: 409, body: { code: 'decision_closed' } });
  expect(await windows[0]!.states()).toEqual(['1 gaps 1']);
  await keep(handleOf(id), decideDiscrepancies.name, 'lapsed');
});

it('a decision in bulk accepts what it selects in every window, and says on how many', async () => {
  const { windows, propose, span, end } = await windowsWith([2, 1, 3]);
  const id = await propose('accept', { ...span, kinds: ['missing'], stages: ['erp'], keyPrefix: 'key-' });
  const { found, decided, steps } = await isAt(id, 'applied');
  expect([found, decided]).toEqual([
    { windows: 3, discrepancies: 6 },
    { windows: 3, discrepancies: 6 },
  ]);
  expect(steps.map(({ step, by }: Record<string, string>) => [step, by])).toEqual([
    ['proposed', 'ann'],
    ['applied', null],
  ]);
  for (const window of windows) {
    await window.is('accepted');
    expect((await window.story()).at(-1)).toBe('accepted by ann');
  }
  expect(await handleOf(id).result()).toBe('applied');
  await keep(handleOf(id), decideDiscrepancies.name, 'applied');
  await end().catch(() => undefined);
});

it('is about what was there when it was made: what came since stays open', async () => {
  const { process, windows, propose, span } = await windowsWith([1], FOUR_EYES);
  const id = await propose('accept');
  await isAt(id, 'proposed');
  const from = Date.parse(span.from) * 1000;
  await process.tell(from, 'key-0-new', ['shop', 'hub']);
  await windows[0]!.judge();
  await windows[0]!.is('gaps', 2);
  expect((await answer(id, 'approve', 'bob')).status).toBe(200);
  await isAt(id, 'applied');
  expect((await windows[0]!.discrepancies('status=open')).map(({ key }) => key)).toEqual(['key-0-new']);
  expect((await windows[0]!.discrepancies('status=accepted')).map(({ key }) => key)).toEqual(['key-0-1']);
});

describe('with four eyes', () => {
  it('nobody approves or refuses what they proposed; somebody else does, with a comment', async () => {
    const { windows, propose, span } = await windowsWith([1], FOUR_EYES);
    const id = await propose('accept');
    await isAt(id, 'proposed');
    for (const how of ['approve', 'refuse'] as const)
      expect(await answer(id, how, 'ann')).toMatchObject({ status: 409, body: { code: 'own_proposal' } });
    expect(await windows[0]!.states()).toEqual(['1 gaps 1']);
    const approved = await answer(id, 'approve', 'bob', 'seen in the ERP');
    expect(approved).toMatchObject({
      status: 200,
      body: { steps: [{ by: 'ann' }, { step: 'approved', by: 'bob', comment: 'seen in the ERP' }] },
    });
    await windows[0]!.is('accepted');
    expect(await handleOf(id).result()).toBe('applied');
    await keep(handleOf(id), decideDiscrepancies.name, 'approved');
    const exported = await stage.call('GET', `/v1/verdict-exports?${new URLSearchParams(span).toString()}`);
    expect(exported.lines.find(({ record }) => record === 'decision')).toMatchObject({
      ...{ decision: id, by: 'ann', reason: 'known at the ERP', approvedBy: 'bob', approvedAt: expect.any(String) },
    });
  });

  it('of all who answer at once the first decides, and every other one hears that', async () => {
    const { windows, propose } = await windowsWith([1], FOUR_EYES);
    const id = await propose('accept');
    await isAt(id, 'proposed');
    const answers = await Promise.all([
      answer(id, 'refuse', 'bob'),
      answer(id, 'approve', 'cy'),
      answer(id, 'refuse', 'cy'),
      answer(id, 'approve', 'bob'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const { steps } = await decision(id);
    expect(steps.filter(({ step }: { step: string }) => step === 'approved' || step === 'refused')).toHaveLength(1);
    const isAccepted = steps.some(({ step }: { step: string }) => step === 'approved');
    await isAt(id, isAccepted ? 'applied' : 'refused');
    if (isAccepted) await windows[0]!.is('accepted');
    else expect(await windows[0]!.states()).toEqual(['1 gaps 1']);
  });

  it('what is refused never takes effect', async () => {
    const { windows, propose } = await windowsWith([1], FOUR_EYES);
    const id = await propose('accept');
    await isAt(id, 'proposed');
    expect(await answer(id, 'refuse', 'bob')).toMatchObject({ status: 200, body: { state: 'refused' } });
    expect(await handleOf(id).result()).toBe('refused');
    expect(await windows[0]!.states()).toEqual(['1 gaps 1']);
  });

  it('there is no way around it', async () => {
    const { windows } = await windowsWith([1], FOUR_EYES);
    expect(await windows[0]!.accept({ all: true, reason: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'four_eyes_required' },
    });
  });
});

it('a fix that is reported leaves it open, and has the window judged again', async () => {
  const { process, windows, span, propose } = await windowsWith([1]);
  await process.tell(Date.parse(span.from) * 1000, 'key-0-1', ['erp']);
  const id = await propose('fix_reported', { process: process.id, reconciliation: windows[0]!.id });
  await isAt(id, 'applied');
  await windows[0]!.is('healed', 2);
});

it('a page that was cut short anywhere decides the same when it is repeated', async () => {
  const { windows, propose } = await windowsWith([2, 1], FOUR_EYES);
  const id = await propose('accept');
  await isAt(id, 'proposed');
  const steps = stage.worker.get(DecisionActivities, { strict: false });
  const clickhouse = stage.worker.get(ClickHouse, { strict: false });
  const at = await now();
  const apply = () => new MockActivityEnvironment().run(() => steps.applyPage(id, '', at));
  for (const table of ['acceptance_proposals', 'resolution_decisions', 'verdicts']) {
    clickhouse.onInsert = (into) => {
      if (into !== table) return;
      clickhouse.onInsert = undefined;
      throw new Error('the worker died here');
    };
    await apply().catch(() => undefined);
    expect(clickhouse.onInsert).toBeUndefined();
  }
  const sum = { windows: 2, discrepancies: 3 };
  expect(await apply()).toEqual({ sum, next: null });
  expect(await apply()).toEqual({ sum, next: null });
  for (const window of windows) {
    await window.is('accepted', 2);
    expect(await window.states()).toHaveLength(2);
  }
});
