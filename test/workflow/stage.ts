import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Test, type TestingModule } from '@nestjs/testing';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { Judge } from '@holdfast/domains/reconciliation/judge';
import { ReconciliationStore } from '@holdfast/domains/reconciliation/reconciliation.store';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, readConfiguration, type Configuration } from '@holdfast/platform/config';
import type { HttpApplication } from '@holdfast/platform/http';
import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { startAuditLog, type TestAuditLog } from '@holdfast/platform/testing/audit-log';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { createApi } from '../../apps/api/main';
import { WorkerApp } from '../../apps/worker/main';

/** Set to write test/replay anew: histories that every later version of a workflow has to follow. */
const RECORD = process.env['HOLDFAST_RECORD_HISTORIES'] !== undefined;
const REPLAY = join(__dirname, '../replay');
const parsed = (line: string): any => JSON.parse(line);
const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };

export const MINUTE: Micros = 60_000_000;
export const HOUR: Micros = 60 * MINUTE;

/** The real judge, which can be made to wait at its door. */
export class DoorJudge extends Judge {
  /** Resolves when a judgement may begin. */
  door: Promise<void> = Promise.resolve();
  /** Judgements at the door or behind it, by reconciliation; the most that ever were, of one. */
  private readonly inside = new Map<string, number>();
  mostAtOnce = 0;
  waiting = 0;
  /** While it is, every judgement fails. */
  isBroken = false;

  override async judge(...args: Parameters<Judge['judge']>): ReturnType<Judge['judge']> {
    const [, reconciliation, , , { signal }] = args;
    if (this.isBroken) throw new Error('the judge is out of order');
    const count = (this.inside.get(reconciliation) ?? 0) + 1;
    this.inside.set(reconciliation, count);
    this.mostAtOnce = Math.max(this.mostAtOnce, count);
    this.waiting += 1;
    try {
      const calledOff = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
      );
      calledOff.catch(() => undefined);
      await Promise.race([this.door, calledOff]);
    } finally {
      this.waiting -= 1;
    }
    try {
      return await super.judge(...args);
    } finally {
      this.inside.set(reconciliation, this.inside.get(reconciliation)! - 1);
    }
  }

  /** Closes the door. @returns what opens it */
  close(): () => void {
    let open = (): void => undefined;
    this.door = new Promise((resolve) => (open = resolve));
    return open;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;

  readonly body: any;
  /** Of an answer that is NDJSON. */
  readonly lines: readonly any[];
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Idempotency-Key; a fresh one for every POST otherwise. */
  readonly idempotencyKey?: string;
}

/** API, worker, engine and PagerDuty of one suite on the Temporal server of its choice. Everything but PagerDuty is the real thing. */
export interface Stage {
  readonly api: HttpApplication;
  readonly worker: TestingModule;
  readonly configuration: Configuration;
  readonly engine: EmbeddedClickHouse;
  readonly pagerduty: PagerDutyEmulator;
  readonly judge: DoorJudge;
  /** Time does not skip while this one waits. */
  readonly client: Client;
  /** For looking behind what the API shows. */
  readonly sql: ClickHouseClient;
  call(method: 'GET' | 'POST' | 'PUT', url: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}

const routingKeys = { first: 'a'.repeat(32), second: 'b'.repeat(32) };

export async function startStage(
  temporalAddress: string,
  environment: Readonly<Record<string, string>> = {},
  { isAudited = false } = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-stage-'));
  const [engine, pagerduty] = await Promise.all([startEmbeddedClickHouse(), startPagerDutyEmulator()]);
  const log = isAudited ? await startAuditLog(engine) : undefined;
  const adminKeyFile = join(folder, 'admin.key');
  const configuration = readConfiguration({
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_PASSWORD: engine.password,
    TEMPORAL_ADDRESS: temporalAddress,
    HOLDFAST_ADMIN_KEY_FILE: adminKeyFile,
    HOLDFAST_PAGERDUTY_URL: pagerduty.url,
    HOLDFAST_PAGERDUTY_API_URL: pagerduty.url,
    HOLDFAST_PAGERDUTY_ROUTING_KEYS: Object.entries(routingKeys)
      .map(([name, key]) => `${name}=${key}`)
      .join(','),
    // Late events are told by signal in these tests, unless one says otherwise.
    HOLDFAST_LATE_EVENTS_EVERY_MS: '3600000',
    // Rules are evaluated when a test says so.
    HOLDFAST_RULES_EVERY_SECONDS: '3600',
    ...auditedBy(log),
    ...environment,
  });
  const api = await createApi({ ...(!log && { auditor: UNAUDITED }), configuration, logger: silent });
  await api.app.listen(0, '127.0.0.1');
  const { port } = api.app.getHttpServer().address() as AddressInfo;
  const adminKey = readFileSync(adminKeyFile, 'utf8').trim();
  const worker = await Test.createTestingModule({ imports: [WorkerApp] })
    .setLogger(silent)
    .overrideProvider(CONFIGURATION)
    .useValue(configuration)
    .overrideProvider(Judge)
    .useFactory({
      factory: (evidence: EvidenceStore, store: ReconciliationStore) => new DoorJudge(evidence, store),
      inject: [EvidenceStore, ReconciliationStore],
    })
    .compile();
  await worker.init();
  const sql = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
  let calls = 0;
  return {
    api,
    worker,
    configuration,
    engine,
    pagerduty,
    judge: worker.get<Judge, DoorJudge>(Judge, { strict: false }),
    client: api.app.get(Client, { strict: false }),
    sql,
    async call(method, url, { body, headers = {}, idempotencyKey = `call-${(calls += 1)}` } = {}) {
      const answer = await fetch(`http://127.0.0.1:${port}${url}`, {
        method,
        headers: {
          authorization: `Bearer ${adminKey}`,
          ...(method === 'POST' && { 'idempotency-key': idempotencyKey }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const { status, headers: told } = answer;
      if (told.get('content-type')?.includes('ndjson'))
        return { status, headers: told, body: undefined, lines: text.trimEnd().split('\n').map(parsed) };
      return { status, headers: told, body: text === '' ? undefined : parsed(text), lines: [] };
    },
    async stop() {
      await worker.close();
      await api.app.close();
      await sql.close();
      await pagerduty.stop();
      await log?.stop();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of the log's own environment what others need of it. */
const auditedBy = (log: TestAuditLog | undefined): Record<string, string> =>
  log
    ? Object.fromEntries(
        ['HOLDFAST_AUDIT_LOG_URL', 'HOLDFAST_AUDIT_LOG_SECRET'].map((name) => [name, log.environment[name]!]),
      )
    : {};

/** Asks until it is so. @throws Error naming what still is not after so many seconds */
export async function until<T>(
  what: string,
  found: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 30,
): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; ; await pause(20)) {
    const value = await found();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
  }
}

/** The last whole minute at an instant. */
export const minuteOf = (at: Micros): Micros => Math.floor(at / MINUTE) * MINUTE;

export const STAGES = ['shop', 'hub', 'erp'] as const;
export type StageName = (typeof STAGES)[number];

/** What a test of windows needs of its stage: a process of its own, and words for what happens to it. */
export async function processOn(stage: Stage, id: string, definition: Record<string, unknown> = {}) {
  const expectStatus = async (status: number, answer: Promise<Answer>): Promise<Answer> => {
    const found = await answer;
    expect([found.body, found.status]).toEqual([found.body, status]);
    return found;
  };
  await expectStatus(
    200,
    stage.call('PUT', `/v1/processes/${id}`, {
      body: {
        stages: STAGES.map((name, index) => ({ id: name, role: ['source', 'integration', 'target'][index] })),
        fields: [{ name: 'amount' }],
        graceSeconds: 60,
        ...definition,
      },
    }),
  );
  let events = 0;
  const event = (at: Micros, name: StageName, key: string, amount: number) => ({
    id: `${id}-${(events += 1)}`,
    source: name,
    process: id,
    stage: name,
    key,
    type: 'order',
    occurredAt: formatInstant(at),
    originAt: formatInstant(at),
    data: { amount },
  });
  return {
    id,
    /** Tells events of a key, one for each of these stages. */
    async tell(at: Micros, key: string, stages: readonly StageName[] = STAGES, amount = 1): Promise<void> {
      const body = stages.map((name) => event(at, name, key, amount));
      const { body: receipt } = await expectStatus(200, stage.call('POST', '/v1/events', { body }));
      expect(receipt).toMatchObject({ stored: stages.length });
    },
    async open(from: Micros, to: Micros): Promise<OpenedWindow> {
      const body = { process: id, from: formatInstant(from), to: formatInstant(to) };
      const answer = await expectStatus(202, stage.call('POST', '/v1/reconciliations', { body }));
      return windowOn(stage, (answer.body as { id: string }).id);
    },
  };
}

export type OpenedWindow = ReturnType<typeof windowOn>;

/** One window, as people see it. */
export function windowOn(stage: Stage, id: string) {
  const url = `/v1/reconciliations/${id}`;
  const get = async (): Promise<Answer['body']> => (await stage.call('GET', url)).body;
  const story = async (): Promise<string[]> => {
    const { body } = await stage.call('GET', url);
    return (body.story as { state: string; by: string | null }[]).map(({ state, by }) =>
      by ? `${state} by ${by}` : state,
    );
  };
  const revisions = async (): Promise<{ revision: number; state: string; open: number; accepted: number }[]> =>
    (await stage.call('GET', `${url}/revisions`)).body.items.reverse();
  return {
    id,
    url,
    get,
    story,
    revisions,
    handle: stage.client.workflow.getHandle(`window/${id}`),
    states: async () => (await revisions()).map(({ revision, state, open }) => `${revision} ${state} ${open}`),
    /** Waits until the window is in that state, as people see it, at that revision or a later one, and its story says so. */
    is: (state: string, revision = 0): Promise<Answer['body']> =>
      until(`${id} is ${state} at revision ${revision}`, async () => {
        const found = await get();
        return found.state === state && found.story.at(-1).revision >= revision && found;
      }),
    discrepancies: async (query = ''): Promise<Answer['body'][]> =>
      (await stage.call('GET', `${url}/discrepancies?${query}`)).body.items,
    accept: (body: Record<string, unknown>) => stage.call('POST', `${url}/acceptances`, { body }),
    judge: () => stage.call('POST', `${url}/judge`),
    cancel: () => stage.call('POST', `${url}/cancel`),
    alerts: async (): Promise<{ id: string; state: string; facts: { open: number } }[]> =>
      (await stage.call('GET', '/v1/alerts?limit=1000')).body.items.filter((one: { id: string }) =>
        one.id.startsWith(`${id}.`),
      ),
  };
}

/** Keeps the history of a run for test/replay, when histories are recorded. */
export async function keep(
  handle: { fetchHistory(): Promise<unknown> },
  workflow: string,
  name: string,
): Promise<void> {
  if (!RECORD) return;
  const left = new Set(['identity', 'binaryChecksum', 'workerVersion', 'buildId', 'meteringMetadata', 'stackTrace']);
  const history: unknown = JSON.parse(historyToJSON((await handle.fetchHistory()) as never), (key, value: unknown) =>
    left.has(key) ? undefined : value,
  );
  mkdirSync(join(REPLAY, workflow), { recursive: true });
  writeFileSync(join(REPLAY, workflow, `${name}.json`), `${JSON.stringify(history, null, 1)}\n`);
}
