import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { announceChange } from '@holdfast/workflows/suppression/announce-change/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { keep, startStage, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address, { HOLDFAST_PAGERDUTY_CHANGE_ROUTING_KEY: 'second' });
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

async function tell(change: { id: string; state: string } & Record<string, unknown>): Promise<void> {
  const answer = await stage.call('POST', '/v1/changes', { body: { kind: 'deployment', ...change } });
  expect([answer.body, answer.status]).toEqual([answer.body, 200]);
}
const handleOf = (change: string, state: 'started' | 'finished') =>
  stage.client.workflow.getHandle(announceChange.id({ change, state }));
const shown = (change: string): unknown[] =>
  stage.pagerduty
    .changes()
    .filter(({ customDetails }) => customDetails['change'] === change)
    .map(({ summary }) => summary);

test('each state of a change is shown once, however often it is told', async () => {
  const at = '2026-11-20T03:00:00Z';
  const link = 'https://builds.example.org/4711';
  await tell({ id: 'build-1', state: 'started', title: 'ERP 4.2', at, link, labels: { service: 'erp' } });
  await handleOf('build-1', 'started').result();
  await keep(handleOf('build-1', 'started'), announceChange.name, 'sent');
  expect(stage.pagerduty.changes()).toEqual([
    {
      routingKey: 'b'.repeat(32),
      summary: 'ERP 4.2: started',
      source: 'erp',
      timestamp: expect.stringMatching(/^2026-11-20T03:00:00/),
      customDetails: { change: 'build-1', kind: 'deployment', state: 'started', service: 'erp' },
      links: [{ href: link, text: 'Change' }],
    },
  ]);
  await tell({ id: 'build-1', state: 'started' });
  await handleOf('build-1', 'started').result();
  await tell({ id: 'build-1', state: 'finished' });
  await handleOf('build-1', 'finished').result();
  expect(shown('build-1')).toEqual(['ERP 4.2: started', 'ERP 4.2: finished']);
});

test('an outage delays it; the change is noted all the same', async () => {
  stage.pagerduty.inject({ kind: 'status', status: 503, of: 'changes', times: 3 });
  await tell({ id: 'build-2', state: 'started' });
  expect((await stage.call('GET', '/v1/changes/build-2')).status).toBe(200);
  await handleOf('build-2', 'started').result();
  await keep(handleOf('build-2', 'started'), announceChange.name, 'after_an_outage');
  expect(stage.pagerduty.faults()).toEqual([]);
  expect(shown('build-2')).toEqual(['deployment build-2: started']);
});

test('what is refused for good ends it, and says so by a code', async () => {
  stage.pagerduty.inject({ kind: 'status', status: 400, of: 'changes' });
  await tell({ id: 'build-3', state: 'started' });
  await expect(handleOf('build-3', 'started').result()).rejects.toMatchObject({
    cause: { cause: { type: 'pagerduty_invalid_event' } },
  });
  // Mended, it is sent when it is told again.
  await tell({ id: 'build-3', state: 'started' });
  await handleOf('build-3', 'started').result();
  expect(shown('build-3')).toEqual(['deployment build-3: started']);
});
