import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { watchGaps } from '@holdfast/workflows/oncall/watch-gaps/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { keep, startStage, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

const HOUR_MS = 3_600_000;
/** Of now, by whole minutes. */
const after = (hours: number): Date => new Date(Math.floor(Date.now() / 60_000) * 60_000 + hours * HOUR_MS);
const time = (at: Date): string => at.toISOString().replace('.000Z', 'Z');
async function made(method: 'PUT' | 'POST', path: string, body: object, version?: number): Promise<void> {
  const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` };
  const answer = await stage.call(method, path, { body, headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
}
async function run(name: string): Promise<number> {
  const handle = await stage.client.workflow.start(watchGaps.name, {
    ...{ workflowId: watchGaps.id(undefined), taskQueue: 'control', args: [] },
  });
  const told = (await handle.result()) as number;
  await keep(handle, watchGaps.name, name);
  return told;
}
const found = async (): Promise<any[]> => (await stage.call('GET', '/v1/findings?kind=on_call_gap')).body.items;
const states = async (): Promise<string[]> =>
  (await found()).map(({ subject, state }) => `${subject as string} ${state as string}`).sort();

test('a gap is told before it happens, and is over when somebody has it', async () => {
  await made('PUT', '/v1/people/ada', { zone: 'UTC' });
  await made('PUT', '/v1/escalation-policies/pager', {
    levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }] }],
  });
  // From the hour of a handover on nobody has it: the layer ends in three days.
  const ends = after(72);
  const layer = {
    ...{ name: 'primary', rotation: { kind: 'daily' }, handover: time(ends).slice(11, 16), start: '2020-01-01' },
    participants: ['ada'],
  };
  const ending = { ...layer, end: time(ends).slice(0, 10) };
  const terms = { zone: 'UTC', owner: 'team', escalationPolicy: 'pager' };
  await made('PUT', '/v1/on-call-schedules/ending', { ...terms, layers: [ending] });
  await made('PUT', '/v1/on-call-schedules/endless', { ...terms, layers: [layer] });
  await made('PUT', '/v1/on-call-schedules/partly', { ...terms, layers: [ending], reportGaps: false });
  expect(await run('gap')).toBe(1);
  const [gap] = await found();
  expect(gap).toMatchObject({
    ...{ kind: 'on_call_gap', severity: 'error', state: 'open', subject: 'on-call-schedule/ending', owner: 'team' },
    range: { numbers: null, from: time(ends) },
    impact: { cases: 1 },
  });
  expect(gap.measures.gap_seconds).toBeGreaterThan(10 * 86_400);

  // Somebody takes what is ahead for as long as gaps are told.
  const override = { person: 'ada', from: time(ends), to: time(after(20 * 24)), reason: 'until there is a rota' };
  await made('POST', '/v1/on-call-schedules/ending/overrides', override);
  expect(await run('filled')).toBe(0);
  expect(await states()).toEqual(['on-call-schedule/ending fixed']);

  // It comes again with the next version, and pages since it is near.
  await made(
    'PUT',
    '/v1/on-call-schedules/endless',
    { ...terms, layers: [{ ...layer, start: time(after(96)).slice(0, 10) }] },
    1,
  );
  expect(await run('near')).toBe(1);
  expect(await states()).toEqual(['on-call-schedule/ending fixed', 'on-call-schedule/endless open']);
  const policies = await stage.sql.query({
    query: 'SELECT subject, argMax(policy, observed_to) AS policy FROM findings GROUP BY subject ORDER BY subject',
    format: 'JSONEachRow',
  });
  expect(await policies.json()).toEqual([
    { subject: 'on-call-schedule/ending', policy: '' },
    { subject: 'on-call-schedule/endless', policy: 'pager' },
  ]);
});
