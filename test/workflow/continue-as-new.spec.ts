import type { Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import {
  cancel,
  judgeAgain,
  lateEvents,
  reconcileWindow,
} from '@holdfast/workflows/reconciliation/reconcile-window/contract';
import { HOUR, keep, MINUTE, minuteOf, processOn, startStage, until, type OpenedWindow, type Stage } from './stage';

/** A history as long as this is continued in a new one: short, so that a test gets there. */
const EVENTS = 60;

let temporal: TemporalServer;
let stage: Stage;
let processes = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  const suggest = `limit.historyCount.suggestContinueAsNew=${EVENTS}`;
  temporal = await startTestTemporal({ extraArgs: ['--dynamic-config-value', suggest] });
  stage = await startStage(temporal.address);
  const policy = {
    levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 86_400 }],
  };
  expect((await stage.call('PUT', '/v1/escalation-policies/on-call', { body: policy })).status).toBe(200);
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

async function openWithGaps() {
  const process = await processOn(stage, `process-${(processes += 1)}`, { escalationPolicy: 'on-call' });
  const to: Micros = minuteOf(Date.now() * 1000) - 2 * HOUR;
  await process.tell(to - MINUTE, 'lost', ['shop', 'hub']);
  const window = await process.open(to - HOUR, to);
  await window.is('gaps', 1);
  await until('the alert is raised', async () => (await window.alerts()).length === 1);
  return { window, arrives: () => process.tell(to - MINUTE, 'lost', ['erp']) };
}
const runOf = async (window: OpenedWindow): Promise<string> => (await window.handle.describe()).runId;
/** Has it judged until its history is so long that the next judgement begins a new one. @returns revisions so far */
async function almostFull(window: OpenedWindow): Promise<number> {
  for (let revision = 2; ; revision++) {
    await window.handle.signal(judgeAgain, `person-${revision}`);
    await window.is('gaps', revision);
    const { historyLength } = await window.handle.describe();
    if (historyLength >= EVENTS + 5) return revision;
  }
}

describe('a window that is followed for long', () => {
  it('goes on in a new history with its revisions, its alert and who asked', async () => {
    const { window, arrives } = await openWithGaps();
    const first = await runOf(window);
    const revisions = await almostFull(window);
    await window.handle.signal(judgeAgain, 'ann');
    await window.is('gaps', revisions + 1);
    expect(await runOf(window)).not.toBe(first);
    await keep(stage.client.workflow.getHandle(`window/${window.id}`, first), reconcileWindow.name, 'continued');
    expect((await window.revisions()).map(({ revision }) => revision)).toEqual(
      Array.from({ length: revisions + 1 }, (_, index) => index + 1),
    );
    const story = await window.story();
    expect(story.filter((line) => line === 'waiting')).toHaveLength(1);
    for (let revision = 2; revision <= revisions; revision++) expect(story).toContain(`judging by person-${revision}`);
    expect(story).toContain('judging by ann');
    expect(await window.alerts()).toMatchObject([{ id: `${window.id}.1`, state: 'open' }]);

    await arrives();
    await window.handle.signal(lateEvents);
    await window.is('healed');
    await until('the alert is resolved', async () => (await window.alerts())[0]?.state === 'resolved');
    expect(await window.alerts()).toHaveLength(1);
    await keep(window.handle, reconcileWindow.name, 'continuation');
  });

  it('takes an acceptance right after it went on', async () => {
    const { window } = await openWithGaps();
    const revisions = await almostFull(window);
    const lost = { key: 'lost', stage: 'erp', kind: 'missing' };
    const [, answer] = await Promise.all([
      window.handle.signal(judgeAgain, 'ann'),
      window.accept({ discrepancies: [lost], reason: 'known' }),
    ]);
    expect(answer).toMatchObject({ status: 201, body: { state: 'accepted', open: 0 } });
    await window.is('accepted');
    const made = (await window.revisions()).map(({ revision }) => revision);
    expect(made).toEqual(made.map((_, index) => index + 1));
    expect(made.length).toBeGreaterThan(revisions);
  });

  it('is cancelled, and not continued, when somebody cancels at that moment', async () => {
    const { window } = await openWithGaps();
    const revisions = await almostFull(window);
    await window.handle.signal(cancel, 'ann');
    await window.is('cancelled');
    expect(await window.handle.result()).toEqual({ state: 'gaps', revision: revisions, open: 1 });
    expect(await window.story()).toContain('cancelled by ann');
    await until('the alert is resolved', async () => (await window.alerts())[0]?.state === 'resolved');
  });
});
