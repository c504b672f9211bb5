import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { followIncident } from '@holdfast/workflows/alerting/follow-incident/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { keep, startStage, type Stage, until } from './stage';

const TOKEN = 'y_NbAkKc66ryYTWUXYEu';
const FROM = 'on-call-a@example.org';
let env: TestWorkflowEnvironment;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address, { HOLDFAST_PAGERDUTY_TOKEN: TOKEN, HOLDFAST_PAGERDUTY_FROM: FROM });
  const body = { levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }] }] };
  await ok('PUT', '/v1/escalation-policies/pager', body);
});
afterEach(() => stage.pagerduty.clearFaults());
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

async function ok(method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<any> {
  const answer = await stage.call(method, path, { ...(body && { body }) });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const alertOf = (id: string): Promise<any> => ok('GET', `/v1/alerts/${id}`);
const pageOf = async (id: string): Promise<any> =>
  (await alertOf(id)).transitions.find(({ kind }: { kind: string }) => kind === 'paged');
const incidentOf = (id: string) => stage.pagerduty.incidents().find(({ dedupKey }) => dedupKey.startsWith(`${id}/`));
const notesOf = (id: string): string[] =>
  stage.pagerduty
    .notes()
    .filter(({ incidentId }) => incidentId === incidentOf(id)?.id)
    .map(({ content }) => content);
const handleOf = (alertId: string, seq: number) =>
  stage.client.workflow.getHandle(followIncident.id({ alertId, seq, dedupKey: '' }));

async function raised(): Promise<string> {
  const { alert } = await ok('POST', '/v1/escalation-policies/pager/test');
  return alert as string;
}
async function linked(id: string): Promise<any> {
  return until(`the page of ${id} has its incident`, async () => {
    const page = await pageOf(id);
    return page?.url !== undefined && page;
  });
}

test('the page shows its incident once PagerDuty has it, through an outage of the REST API', async () => {
  stage.pagerduty.inject({ kind: 'status', status: 503, of: 'rest', times: 2 });
  stage.pagerduty.inject({ kind: 'drop_before_processing', of: 'rest' });
  const id = await raised();
  const page = await linked(id);
  const incident = incidentOf(id)!;
  expect(page).toMatchObject({
    incidentNumber: incident.number,
    url: expect.stringMatching(`/incidents/${incident.id}$`),
  });
  await handleOf(id, page.seq).result();
  await keep(handleOf(id, page.seq), followIncident.name, 'linked');
  expect(stage.pagerduty.faults()).toEqual([]);
});

test('an incident gets a note when its alert is reassigned, and when it is resolved, each once', async () => {
  const id = await raised();
  await linked(id);
  await ok('POST', `/v1/alerts/${id}/reassign`, { targets: [{ kind: 'pagerduty', routingKey: 'second' }] });
  await until('it is noted', () => notesOf(id).length === 1);
  await ok('POST', `/v1/alerts/${id}/resolve`);
  await until('it is noted', () => notesOf(id).length === 2);
  const { seq } = (await alertOf(id)).transitions.find(({ kind }: { kind: string }) => kind === 'resolved');
  await handleOf(id, seq).result();
  await keep(handleOf(id, seq), followIncident.name, 'noted');
  const [reassigned, resolved] = notesOf(id);
  expect(reassigned).toMatch(/^Reassigned in Holdfast by \S+\. \(test-/);
  expect(resolved).toMatch(/^Resolved in Holdfast by \S+: manual\. \(test-/);
  expect(stage.pagerduty.notes().every(({ from }) => from === FROM)).toBe(true);
  expect(notesOf(id)).toHaveLength(2);
});

test('a token that is not accepted holds up no page and no resolve', async () => {
  stage.pagerduty.inject({ kind: 'status', status: 401, of: 'rest', times: 1_000 });
  const id = await raised();
  const page = await until('it is paged', () => pageOf(id));
  await ok('POST', `/v1/alerts/${id}/resolve`);
  await expect(handleOf(id, page.seq).result()).rejects.toMatchObject({
    cause: { cause: { type: 'pagerduty_unauthorized' } },
  });
  expect((await pageOf(id)).url).toBeUndefined();
  await until('the incident is closed', () => incidentOf(id)?.status === 'resolved');
});
