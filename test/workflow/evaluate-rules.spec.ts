import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { RulesStore } from '@holdfast/domains/rules/rules.store';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { evaluateRules } from '@holdfast/workflows/rules/evaluate-rules/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { keep, startStage, type Stage, until } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address, { HOLDFAST_RULES_EVERY_SECONDS: '15' });
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

async function put(path: string, body: object, version?: number): Promise<void> {
  const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` };
  const answer = await stage.call('PUT', path, { body, headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
}
/** A round of its own instant: the clock of the workflow is this one. */
async function round(name?: string): Promise<number> {
  const query = "SELECT toInt64(max(toUnixTimestamp64Micro(evaluated_at))) AS at FROM rule_states WHERE rule = ''";
  const [last] = await (await stage.sql.query({ query, format: 'JSONEachRow' })).json<{ at: string }>();
  const next: Micros = Number(last?.at ?? 0) + 15_000_000;
  await until('the next instant', () => Date.now() * 1000 >= next, 60);
  const handle = await stage.client.workflow.start(evaluateRules.name, {
    ...{ workflowId: evaluateRules.id(undefined), taskQueue: 'control', args: [] },
  });
  const firing = (await handle.result()) as number;
  if (name !== undefined) await keep(handle, evaluateRules.name, name);
  return firing;
}
const alerts = async (): Promise<any[]> => (await stage.call('GET', '/v1/alerts')).body.items;

test('what fires is raised once, and ended when it is over', async () => {
  await put('/v1/escalation-policies/pager', { levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }] }] });
  const rule = {
    metric: { kind: 'rate', by: ['type'] },
    ...{ windowSeconds: 3_600, escalationPolicy: 'pager', labels: { team: 'orders' } },
    when: { kind: 'threshold', is: 'above', bands: [{ severity: 'critical', at: 2 }] },
  };
  await put('/v1/alert-rules/loud', rule);
  await put('/v1/alert-rules/told-to-nobody', { ...rule, escalationPolicy: undefined });
  const at = Date.now() * 1000 - 60_000_000;
  await stage.sql.insert({
    table: 'tracking_records',
    format: 'JSONEachRow',
    values: ['loud', 'loud', 'loud', 'quiet'].map((type, i) => ({
      ...{ process: 'orders', key: `k${i}`, stage: 'shop', source: 'web', id: `id-${i}`, attempt: 1, type },
      ...{ outcome: 'stored', sign: 1, identity: '0123456789abcdef', payload_hash: '1', digest: '1', definition: 1 },
      ...{ occurred_at: formatInstant(at), origin_at: formatInstant(at), received_at: formatInstant(at) },
      origin_from: 'own',
    })),
    clickhouse_settings: { date_time_input_format: 'best_effort' },
  });
  expect(await round('fires')).toBe(2);
  const [alert, ...others] = await until('the alert', async () => {
    const found = await alerts();
    return found.length > 0 && found;
  });
  expect(others).toEqual([]);
  expect(alert).toMatchObject({
    ...{ subject: { kind: 'rule', id: 'loud' }, severity: 'critical', policy: { id: 'pager' }, state: 'open' },
    facts: { open: 3 },
  });
  const { items } = (await stage.call('GET', '/v1/alert-rules/loud/state')).body;
  expect(items).toMatchObject([
    { series: { type: 'loud' }, state: 'firing', value: 3, alert: { id: alert.id, severity: 'critical' } },
    { series: { type: 'quiet' }, state: 'ok', value: 1, alert: null },
  ]);

  // Changed while it fires, it goes on firing as long as it should: it is the same alert.
  await put('/v1/alert-rules/loud', { ...rule, forSeconds: 600 }, 1);
  expect(await round()).toBe(2);
  expect(await alerts()).toHaveLength(1);

  await put('/v1/alert-rules/loud', { ...rule, enabled: false }, 2);
  expect(await round('ends')).toBe(1);
  await until('it is resolved', async () => (await alerts())[0].state === 'resolved');
  const told = await stage.sql.query({
    query: 'SELECT rule, step FROM rule_alerts FINAL ORDER BY rule, step',
    format: 'JSONEachRow',
  });
  expect(await told.json()).toEqual([
    { rule: 'loud', step: 'raised' },
    { rule: 'loud', step: 'ended' },
    { rule: 'told-to-nobody', step: 'raised' },
  ]);
  // Baselines leave these times out: from when it began, and no longer than until it was over.
  const firings = await stage.worker.get(RulesStore, { strict: false }).firings(['loud', 'told-to-nobody'], 0);
  const now = Date.now() * 1000;
  expect(firings.map(({ rule: of, series, from, to }) => [of, series, from < to, to < now])).toEqual([
    ['loud', '["loud"]', true, true],
    ['told-to-nobody', '["loud"]', true, false],
  ]);
});
