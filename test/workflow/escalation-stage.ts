import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AlertingModule, AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { AlertingService } from '@holdfast/domains/alerting/alerting.service';
import { AlertingStore } from '@holdfast/domains/alerting/alerting.store';
import type { AlertToEscalate } from '@holdfast/domains/alerting/core/alert';
import type { EscalationPolicyDefinition } from '@holdfast/domains/alerting/core/escalation-policy';
import { EscalationPolicyService } from '@holdfast/domains/alerting/escalation-policy.service';
import { RegisterWorkerModule } from '@holdfast/domains/register/register.module';
import { ClickHouseModule } from '@holdfast/platform/clickhouse';
import { CONFIGURATION, readConfiguration, type Configuration } from '@holdfast/platform/config';
import type { HttpApplication } from '@holdfast/platform/http';
import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { leaveSignalsToNest, TemporalModule, WorkerModule } from '@holdfast/platform/temporal';
import { bundlePath } from '@holdfast/platform/temporal/bundle';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { escalateAlert, resolve, workflowIdOf } from '@holdfast/workflows/alerting/escalate-alert/contract';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createApi } from '../../apps/api/main';

/** Set to write test/replay/escalateAlert anew: histories that every later version of the workflow has to follow. */
const RECORD = process.env['HOLDFAST_RECORD_HISTORIES'] !== undefined;
export const KEYS = { first: 'a'.repeat(32), second: 'b'.repeat(32), third: 'c'.repeat(32) };
const SECRET = 'whsec_test';
const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };

@Module({})
class Under {
  static test(configuration: Configuration): DynamicModule {
    return {
      module: Under,
      imports: [
        {
          module: class Configured {},
          global: true,
          providers: [{ provide: CONFIGURATION, useValue: configuration }],
          exports: [CONFIGURATION],
        },
        ClickHouseModule,
        TemporalModule,
        WorkerModule.of({ workflows: true, inBackground: false }),
        RegisterWorkerModule,
        AlertingWorkerModule,
      ],
    };
  }
}

export async function until<T>(
  what: string,
  found: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await found();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
    await pause(20);
  }
}

/** A worker, an API and what they need, on a clock that skips. */
export interface EscalationStage {
  readonly env: TestWorkflowEnvironment;
  readonly api: HttpApplication;
  readonly pagerduty: PagerDutyEmulator;
  readonly alerting: AlertingService;
  readonly store: AlertingStore;
  readonly engine: EmbeddedClickHouse;
  stop(): Promise<void>;
}

export async function startEscalationStage(): Promise<EscalationStage> {
  leaveSignalsToNest();
  const env = await startTimeSkipping(); // first and alone: the SDK gives it five seconds
  const [engine, pagerduty] = await Promise.all([
    startEmbeddedClickHouse(),
    startPagerDutyEmulator({ callsPerMinute: 10_000 }),
  ]);
  const configuration = readConfiguration({
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_PASSWORD: engine.password,
    TEMPORAL_ADDRESS: env.address,
    HOLDFAST_PAGERDUTY_URL: pagerduty.url,
    HOLDFAST_PAGERDUTY_ROUTING_KEYS: Object.entries(KEYS)
      .map(([name, key]) => `${name}=${key}`)
      .join(','),
    HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS: SECRET,
  });
  const api = await createApi({ auditor: UNAUDITED, configuration, imports: [AlertingModule], logger: silent });
  await api.app.listen(0, '127.0.0.1');
  const { port } = api.app.getHttpServer().address() as { port: number };
  pagerduty.setWebhook({ url: `http://127.0.0.1:${port}/v1/webhooks/pagerduty`, secret: SECRET, backoffMs: 20 });
  const worker = await NestFactory.createApplicationContext(Under.test(configuration), { logger: silent });
  return {
    ...{ env, api, pagerduty, engine },
    alerting: api.app.get(AlertingService, { strict: false }),
    store: api.app.get(AlertingStore, { strict: false }),
    async stop() {
      await worker.close();
      await api.app.close();
      await pagerduty.stop();
      await env.teardown();
      await engine.stop();
    },
  };
}

let count = 0;
/** A number that no other thing of this test run has. */
export const next = (): number => ++count;

export const level = (seconds: number, ...keys: (keyof typeof KEYS)[]) => ({
  targets: keys.map((routingKey) => ({ kind: 'pagerduty' as const, routingKey })),
  acknowledgeTimeoutSeconds: seconds,
});

export async function policy({ api }: EscalationStage, definition: EscalationPolicyDefinition): Promise<string> {
  const id = `policy-${next()}`;
  await api.app
    .get(EscalationPolicyService, { strict: false })
    .put(id, definition, 'unstated', 'admin', Date.now() * 1000);
  return id;
}

/** Raises an alert, as a reconciliation would. */
export async function raise(
  stage: EscalationStage,
  definition: EscalationPolicyDefinition,
  more: Partial<AlertToEscalate> = {},
) {
  const { env, pagerduty, store } = stage;
  const alertId = `order-to-cash_20261120T0000Z_${next()}.1`;
  const alert: AlertToEscalate = {
    alertId,
    fingerprint: alertId.slice(0, -2),
    process: 'order-to-cash',
    subject: { kind: 'reconciliation', id: alertId.slice(0, -2) },
    severity: 'critical',
    policy: more.policy ?? (await policy(stage, definition)),
    labels: {},
    facts: { open: 17, revision: 1 },
    ...more,
  };
  const handle = await env.client.workflow.start(escalateAlert.name, {
    workflowId: workflowIdOf(alert.alertId),
    taskQueue: 'control',
    args: [alert],
  });
  const kinds = async () => (await store.transitions(alert.alertId)).map(({ kind }) => kind);
  return {
    id: alert.alertId,
    handle,
    kinds,
    /** The places of the notifications of people so far: L<level>/R<repeat>. */
    notified: () =>
      pagerduty
        .notifications()
        .filter(({ dedupKey }) => dedupKey.startsWith(`${alert.alertId}/`))
        .map(({ dedupKey }) => dedupKey.slice(alert.alertId.length + 1)),
    incidents: () => pagerduty.incidents().filter(({ dedupKey }) => dedupKey.startsWith(`${alert.alertId}/`)),
    paged: (place: string) =>
      until(`${place} is recorded as paged`, async () =>
        (await store.transitions(alert.alertId)).some(
          ({ kind, dedupKey }) => kind === 'paged' && dedupKey === `${alert.alertId}/${place}`,
        ),
      ),
    happened: (kind: string) => until(`${kind} is recorded`, async () => (await kinds()).includes(kind as never)),
    heal: () => handle.signal(resolve, { by: '', reason: 'healed' as const, at: Date.now() * 1000 }),
  };
}

export async function record(alert: { handle: { fetchHistory(): Promise<unknown> } }, name: string): Promise<void> {
  const history = JSON.parse(historyToJSON((await alert.handle.fetchHistory()) as never), (key, value) =>
    key === 'identity' ||
    key === 'binaryChecksum' ||
    key === 'workerVersion' ||
    key === 'buildId' ||
    key === 'stackTrace'
      ? undefined
      : value,
  );
  await Worker.runReplayHistory({ workflowBundle: { codePath: bundlePath } }, history);
  if (!RECORD) return;
  const folder = join(__dirname, '../replay', escalateAlert.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(history, null, 2)}\n`);
}
