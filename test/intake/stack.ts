import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { ProcessDefinition } from '@holdfast/domains/catalog/core/process';
import { ProcessDefinitionSchema } from '@holdfast/domains/catalog/catalog.schemas';
import { IdentityKeeper } from '@holdfast/domains/tracking/intake/identity-keeper';
import { STRAGGLERS } from '@holdfast/domains/tracking/intake/intake-memory';
import { IntakeKnowledge } from '@holdfast/domains/tracking/intake/knowledge';
import { RegisterStore } from '@holdfast/domains/register/register.store';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { readConfiguration, type Configuration } from '@holdfast/platform/config';
import type { HttpApplication } from '@holdfast/platform/http';
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { z } from 'zod';
import { createApi } from '../../apps/api/main';
import { type Account, accountOf } from '../../apps/cli/account';

/** How long an answer may take before the test gives up. */
const IDLE_MS = 60_000;
const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };
/** Intake starts no workflow: a Temporal that answers is enough. Processes are written to the register as its workflow would. */
const temporal = {
  connection: {
    withDeadline: (_: number, ask: () => unknown) => ask(),
    workflowService: { getSystemInfo: async () => ({}) },
  },
} as unknown as Client;

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}
export const countsOf = (of: unknown): Account => accountOf((part) => (of as Account)[part]);
export { NO_ACCOUNT as NONE } from '../../apps/cli/account';

export const ORDERS: z.input<typeof ProcessDefinitionSchema> = {
  stages: [
    { id: 'shop', role: 'source' },
    { id: 'hub', role: 'integration' },
    { id: 'erp', role: 'target' },
  ],
  fields: [{ name: 'amount' }],
};

/** The API over real HTTP, on an engine that the suite has started. */
export class IntakeStack {
  private constructor(
    readonly api: HttpApplication,
    readonly clickhouse: ClickHouse,
    readonly address: string,
    readonly key: string,
    private readonly folder: string,
  ) {}

  static async start(
    engine: Pick<EmbeddedClickHouse, 'url' | 'password'>,
    overrides: Partial<Configuration> = {},
    folder = mkdtempSync(join(tmpdir(), 'holdfast-intake-')),
  ): Promise<IntakeStack> {
    const configuration = readConfiguration({
      CLICKHOUSE_URL: engine.url,
      CLICKHOUSE_PASSWORD: engine.password,
      HOLDFAST_ADMIN_KEY_FILE: join(folder, 'admin.key'),
    });
    const api = await createApi({
      auditor: UNAUDITED,
      configuration: { ...configuration, ...overrides },
      temporal,
      logger: silent,
    });
    await api.app.listen(0, '127.0.0.1');
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    const key = readFileSync(join(folder, 'admin.key'), 'utf8').trim();
    return new IntakeStack(api, api.app.get(ClickHouse), `http://127.0.0.1:${port}`, key, folder);
  }

  async stop(): Promise<void> {
    await this.api.app.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Another API on the same engine, with the same key. */
  async beside(
    engine: Pick<EmbeddedClickHouse, 'url' | 'password'>,
    overrides: Partial<Configuration> = {},
  ): Promise<IntakeStack> {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-intake-'));
    copyFileSync(join(this.folder, 'admin.key'), join(folder, 'admin.key'));
    return IntakeStack.start(engine, overrides, folder);
  }

  /** Ends this one, and starts another on the same engine and with the same key. */
  async restart(
    engine: Pick<EmbeddedClickHouse, 'url' | 'password'>,
    overrides: Partial<Configuration> = {},
  ): Promise<IntakeStack> {
    await this.api.app.close();
    return IntakeStack.start(engine, overrides, this.folder);
  }

  /** Has all that was received copied to where identities are kept for ever, as the API does by itself once nothing can be on its way any more. */
  async keepIdentities(): Promise<void> {
    const knowledge = this.api.app.get(IntakeKnowledge, { strict: false });
    await until('the filter', async () => knowledge.ready);
    await this.api.app.get(IdentityKeeper, { strict: false }).keep(Date.now() * 1000 + STRAGGLERS);
  }

  /** Writes a version of a process, as a change of it would. */
  putProcess(id: string, definition: z.input<typeof ProcessDefinitionSchema>, version = 1): Promise<void> {
    return this.putDocument(
      'process',
      id,
      ProcessDefinitionSchema.parse(definition) satisfies ProcessDefinition,
      version,
    );
  }

  /** Writes a version of a document, checked by its schema before. */
  async putDocument(kind: string, id: string, document: object, version = 1): Promise<void> {
    const body = JSON.stringify(document);
    const store = new RegisterStore(this.clickhouse);
    await store.append(kind, id, version, `${id}-${version}`, { body, by: 'admin', at: Date.now() * 1000 });
  }

  async get(path: string): Promise<Reply> {
    return this.send('GET', path, undefined, {});
  }

  /** @param body text or bytes as they are, values as a JSON array */
  async post(body: string | Buffer | readonly unknown[], headers: Record<string, string> = {}): Promise<Reply> {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.send('POST', '/v1/events', bytes, { 'content-type': 'application/json', ...headers });
  }

  async postLines(records: readonly unknown[], headers: Record<string, string> = {}): Promise<Reply> {
    const lines = records.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    return this.post(lines.join('\n'), { 'content-type': 'application/x-ndjson', ...headers });
  }

  /** The account of everything that was ever received from a source, or from all. */
  async account(
    source?: string,
  ): Promise<Account & { bySource: (Account & { source: string; process: string | null })[] }> {
    const from = formatInstant(Math.floor(Date.now() / 1000 - 86_400) * 1_000_000);
    const to = formatInstant(Math.floor(Date.now() / 1000 + 10) * 1_000_000);
    const { status, body } = await this.get(
      `/v1/intake?from=${from}&to=${to}${source === undefined ? '' : `&source=${encodeURIComponent(source)}`}`,
    );
    if (status !== 200) throw new Error(`account: ${status} ${JSON.stringify(body)}`);
    return body as never;
  }

  /** The whole timeline of a key, read page by page. */
  async timeline(process: string, key: string, limit = 100): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    for (let cursor = ''; ;) {
      const path = `/v1/events?process=${process}&key=${encodeURIComponent(key)}&limit=${limit}${cursor}`;
      const { status, body } = await this.get(path);
      if (status !== 200) throw new Error(`timeline: ${status} ${JSON.stringify(body)}`);
      items.push(...(body['items'] as Record<string, unknown>[]));
      if (body['next'] === undefined) return items;
      cursor = `&cursor=${body['next'] as string}`;
    }
  }

  send(
    method: string,
    path: string,
    body: string | Buffer | undefined,
    headers: Record<string, string>,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.address}${path}`,
        { method, headers: { authorization: `Bearer ${this.key}`, ...headers }, timeout: IDLE_MS },
        (answer) => {
          const chunks: Buffer[] = [];
          answer
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('error', reject)
            .on('end', () => {
              const text = Buffer.concat(chunks).toString();
              const { statusCode: status = 0, headers: told } = answer;
              resolve({
                status,
                headers: told,
                body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
              });
            });
        },
      );
      call.on('error', reject).on('timeout', () => call.destroy(new Error('no answer')));
      call.end(body);
    });
  }
}

/** A record that is right, but for what is given. */
export function event(over: Record<string, unknown> = {}): Record<string, unknown> {
  const { id = 'e1', key = 'K1' } = over;
  return {
    id,
    source: 'test',
    process: 'orders',
    stage: 'shop',
    key,
    type: 'order.placed',
    occurredAt: '2026-11-20T09:00:00Z',
    originAt: '2026-11-20T09:00:00Z',
    data: { amount: 1 },
    ...over,
  };
}

/** Waits until it is so. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, seconds = 30): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const at = (text: string): Micros => Date.parse(text) * 1000;

/** An engine, the API on it and a process `orders`, for one suite. The suite may put others in their place; the last ones are stopped. */
export function intakeSuite(overrides: Partial<Configuration> = {}): {
  engine: EmbeddedClickHouse;
  stack: IntakeStack;
} {
  const suite = {} as { engine: EmbeddedClickHouse; stack: IntakeStack };
  beforeAll(async () => {
    suite.engine = await startEmbeddedClickHouse();
    suite.stack = await IntakeStack.start(suite.engine, overrides);
    await suite.stack.putProcess('orders', ORDERS);
  });
  afterAll(async () => {
    await suite.stack.stop();
    await suite.engine.stop();
    rmSync(suite.engine.dataDir, { recursive: true, force: true }); // one that was given its directory has left it
  });
  return suite;
}
