import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { inspectSources } from '@holdfast/workflows/findings/inspect-sources/contract';
import { evaluateRules } from '@holdfast/workflows/rules/evaluate-rules/contract';
import { watchGaps } from '@holdfast/workflows/oncall/watch-gaps/contract';
import { measureQuality } from '@holdfast/workflows/quality/measure-quality/contract';
import { startStage, until, type Stage } from '../workflow/stage';

let temporal: TemporalServer;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address, {
    HOLDFAST_INSPECT_EVERY_SECONDS: '3600',
    HOLDFAST_MEASURE_EVERY_SECONDS: '1800',
    HOLDFAST_ON_CALL_EVERY_SECONDS: '900',
  });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

test('a Schedule inspects as often as the configuration says, and lets no two run at once', async () => {
  const schedule = stage.client.schedule.getHandle(inspectSources.id(undefined));
  const { spec, policies, action } = await until('the Schedule is there', () =>
    schedule.describe().catch(() => undefined),
  );
  expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
  expect(policies.overlap).toBe('SKIP');
  expect(action.workflowRunTimeout).toBe(6 * 3_600_000); // one that hangs ends some time
  await schedule.trigger();
  const run = await until('it has run', async () => (await schedule.describe()).info.recentActions[0]);
  const { workflow } = run.action;
  expect(await stage.client.workflow.getHandle(workflow.workflowId).result()).toBe(0);
  const marks = await stage.sql.query({
    query: 'SELECT DISTINCT inspection FROM inspection_marks',
    format: 'JSONEachRow',
  });
  const inspected = (await marks.json<{ inspection: string }>()).map(({ inspection }) => inspection);
  expect(inspected.sort()).toEqual(['arrivals', 'checksums', 'clocks', 'sequences']);
});

test('another one measures quality, also one at a time', async () => {
  const schedule = stage.client.schedule.getHandle(measureQuality.id(undefined));
  const { spec, policies } = await until('the Schedule is there', () => schedule.describe().catch(() => undefined));
  expect(spec.intervals).toMatchObject([{ every: 1_800_000 }]);
  expect(policies.overlap).toBe('SKIP');
  await schedule.trigger();
  const run = await until('it has run', async () => (await schedule.describe()).info.recentActions[0]);
  const { workflow } = run.action;
  expect(await stage.client.workflow.getHandle(workflow.workflowId).result()).toEqual({ hours: 0, done: 0, failed: 0 });
});

test('another one looks for gaps of on-call schedules', async () => {
  const schedule = stage.client.schedule.getHandle(watchGaps.id(undefined));
  const { spec, policies } = await until('the Schedule is there', () => schedule.describe().catch(() => undefined));
  expect(spec.intervals).toMatchObject([{ every: 900_000 }]);
  expect(policies.overlap).toBe('SKIP');
  await schedule.trigger();
  const run = await until('it has run', async () => (await schedule.describe()).info.recentActions[0]);
  expect(await stage.client.workflow.getHandle(run.action.workflow.workflowId).result()).toBe(0);
});

test('another one evaluates alert rules', async () => {
  const schedule = stage.client.schedule.getHandle(evaluateRules.id(undefined));
  const { spec, policies } = await until('the Schedule is there', () => schedule.describe().catch(() => undefined));
  expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
  expect(policies.overlap).toBe('SKIP');
  await schedule.trigger();
  const run = await until('it has run', async () => (await schedule.describe()).info.recentActions[0]);
  expect(await stage.client.workflow.getHandle(run.action.workflow.workflowId).result()).toBe(0);
});
