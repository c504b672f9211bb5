import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Module, Post, Query } from '@nestjs/common';
import type { Client } from '@temporalio/client';
import { readConfiguration } from '@holdfast/platform/config';
import { Idempotent, Permission, type HttpApplication } from '@holdfast/platform/http';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { startAuditLog, type TestAuditLog } from '@holdfast/platform/testing/audit-log';
import { AuditService } from '@holdfast/domains/audit/audit.service';
import type { Action } from '@holdfast/domains/audit/core/entry';
import { createApi } from '../../apps/api/main';
import type { Report } from '../../apps/cli/audit/verify-copy';

const CLI = join(__dirname, '../../dist/apps/cli/main.js');
const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };
const temporal = {
  connection: {
    withDeadline: (_: number, ask: () => unknown) => ask(),
    workflowService: { getSystemInfo: async () => ({}) },
  },
} as unknown as Client;

let duringChange: () => Promise<void> = async () => undefined;
let changes = 0;

@Controller('v1/probe')
class ProbeController {
  @Post('change')
  @Permission('alerts:test')
  @Idempotent()
  async change(@Query('secret') _secret?: string) {
    changes += 1;
    await duringChange();
    return { changes };
  }
}
@Module({ controllers: [ProbeController] })
class ProbeModule {}

interface Entry {
  readonly id: string;
  readonly sequence: number;
  readonly kind: string;
  readonly action: string;
  readonly actor: string;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly code: string;
  readonly intent: string;
  readonly count: number;
  readonly request: string;
  readonly digest: string;
}

let engine: EmbeddedClickHouse;
let log: TestAuditLog;
let api: HttpApplication;
let url: string;
let folder: string;
let admin: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'));
  engine = await startEmbeddedClickHouse();
  log = await startAuditLog(engine);
  const configuration = readConfiguration({
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_PASSWORD: engine.password,
    HOLDFAST_ADMIN_KEY_FILE: join(folder, 'admin.key'),
    HOLDFAST_AUDIT_LOG_URL: log.environment['HOLDFAST_AUDIT_LOG_URL'],
    HOLDFAST_AUDIT_LOG_SECRET: log.environment['HOLDFAST_AUDIT_LOG_SECRET'],
  });
  api = await createApi({ configuration, temporal, imports: [ProbeModule], logger: silent });
  await api.app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${(api.app.getHttpServer().address() as AddressInfo).port}`;
  admin = readFileSync(join(folder, 'admin.key'), 'utf8').trim();
});
afterAll(async () => {
  await api?.app.close();
  await log?.stop();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => (duringChange = async () => undefined));

let fresh = 0;
interface CallOptions {
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
async function call(method: string, path: string, { key = admin, body, headers = {} }: CallOptions = {}) {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(key !== '' && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': `call-${(fresh += 1)}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: answer.status,
    requestId: answer.headers.get('x-request-id')!,
    body: isJson ? JSON.parse(text) : text,
  };
}
const entries = async (query: string): Promise<Entry[]> =>
  (await call('GET', `/v1/audit/entries?limit=1000&${query}`)).body.items;
const of = async (requestId: string): Promise<Entry[]> =>
  (await entries('')).filter(({ request }) => request === requestId).reverse();
async function until<T>(what: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; await pause(50)) {
    const found = await what();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('it does not happen');
  }
}
const sql = async (text: string): Promise<string> => {
  const headers = { authorization: `Basic ${btoa(`default:${engine.password}`)}` };
  const answer = await fetch(`${engine.url}/?database=app&mutations_sync=1`, { method: 'POST', headers, body: text });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
};
const cli = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) =>
    execFile(process.execPath, [CLI, '--url', url, '--key', admin, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  );
async function verify(...args: string[]): Promise<Report & { readonly code: number }> {
  const { code, stdout, stderr } = await cli('--json', 'audit', 'verify', ...args);
  if (stdout === '') throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as Report) };
}

describe('what the audit log is told', () => {
  it('is each look and its subject, once, before it is answered', async () => {
    const listed = await call('GET', '/v1/keys?limit=3');
    const missing = await call('GET', '/v1/sources/none');
    const [query] = await of(listed.requestId);
    expect(query).toMatchObject({
      ...{ kind: 'query', action: 'GET /v1/keys', actor: 'admin', actorKind: 'person', outcome: 'success', intent: '' },
      subject: { kind: 'keys', id: '' },
    });
    expect(query!.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await of(missing.requestId)).toMatchObject([
      { kind: 'access', subject: { kind: 'sources', id: 'none' }, outcome: 'failure', code: missing.body.code },
    ]);
  });

  it('is each change, announced before it is made', async () => {
    let announced: Entry[] = [];
    duringChange = async () => {
      announced = await entries('outcome=intended&action=POST+%2Fv1%2Fprobe%2Fchange');
    };
    const made = await call('POST', '/v1/probe/change?secret=canary');
    expect(made.status).toBe(201);
    const [intent, outcome] = await of(made.requestId);
    expect(intent).toMatchObject({ kind: 'change', outcome: 'intended' });
    expect(outcome).toMatchObject({ kind: 'change', outcome: 'success', intent: intent!.id });
    expect(announced.map(({ id }) => id)).toContain(intent!.id);
    expect(JSON.stringify([intent, outcome])).not.toContain('canary');
  });

  it('is who was refused what, and of a flood how many', async () => {
    const path = '/v1/audit/entries';
    const { body: viewer } = await call('POST', '/v1/keys', {
      body: { principal: { id: 'viewer-a', kind: 'person', roles: ['viewer'] } },
    });
    for (let i = 0; i < 30; i++) expect((await call('GET', path, { key: viewer.key })).status).toBe(403);
    for (let i = 0; i < 30; i++) expect((await call('GET', path, { key: '' })).status).toBe(401);
    const refusals = await until(async () => {
      const found = await entries('kind=refusal');
      return found.length >= 2 ? found : undefined;
    });
    expect(refusals.map(({ actor, code, outcome, action }) => [actor, code, outcome, action]).sort()).toEqual([
      ['unknown', 'key_missing', 'denied', `GET ${path}`],
      ['viewer-a', 'permission_missing', 'denied', `GET ${path}`],
    ]);
  });

  it('is not health, documents, and beats', async () => {
    const before = (await call('GET', '/v1/audit/log')).body.size;
    for (const path of [
      '/livez',
      '/readyz',
      '/problems',
      '/v1/audit/log',
      '/v1/audit/log/checkpoint',
      '/v1/statement-keys',
    ])
      expect((await call('GET', path)).status).toBe(200);
    expect((await call('GET', '/v1/audit/log')).body.size).toBe(before);
  });

  it('can be told by another domain, once under its id, and erased', async () => {
    const audit = api.app.get(AuditService, { strict: false });
    const action: Action = {
      ...({ kind: 'decision', action: 'hold.placed', actor: 'counsel-a', actorKind: 'person' } as const),
      ...({ outcome: 'success', subject: { kind: 'hold', id: 'hold-1' }, reason: 'matter/1' } as const),
    };
    const sequence = await audit.record(action, 'hold/1/place');
    expect(await audit.record(action, 'hold/1/place')).toBe(sequence);
    expect((await call('GET', `/v1/audit/entries/${sequence}`)).body.entry).toMatchObject({ ...action });
    const erasedBy = await audit.redact(sequence, 'erasure/7', { actor: 'counsel-a', actorKind: 'person' });
    expect((await call('GET', `/v1/audit/entries/${sequence}`)).body).toEqual({
      ...{ sequence, entry: null, salt: null, text: null, erasedBy },
    });
    expect(await verify()).toMatchObject({ code: 0, erased: [sequence] });
  });
});

describe('without the audit log', () => {
  it('nothing is answered and nothing changed; with it everything goes on', async () => {
    const before = changes;
    await log.kill();
    const [look, change, ready] = await Promise.all([
      call('GET', '/v1/keys'),
      call('POST', '/v1/probe/change'),
      call('GET', '/readyz'),
    ]);
    expect([look.status, look.body.code]).toEqual([503, 'audit_unavailable']);
    expect([change.status, change.body.code, change.body.carriedOut]).toEqual([503, 'audit_unavailable', undefined]);
    expect([ready.status, ready.body.dependencies.audit.ok]).toEqual([503, false]);
    expect(changes).toBe(before);
    await log.restart();
    expect((await call('GET', '/v1/keys')).status).toBe(200);
    expect((await call('POST', '/v1/probe/change')).body).toEqual({ changes: before + 1 });
  });

  it('a change that was announced says that it was carried out, and its repeat gets the answer', async () => {
    const before = changes;
    duringChange = () => log.kill();
    const headers = { 'idempotency-key': 'cut-off' };
    const cutOff = await call('POST', '/v1/probe/change', { headers });
    expect([cutOff.status, cutOff.body.code, cutOff.body.carriedOut]).toEqual([503, 'audit_unavailable', true]);
    await log.restart();
    expect((await call('POST', '/v1/probe/change', { headers })).body).toEqual({ changes: before + 1 });
    expect(changes).toBe(before + 1);
    expect((await of(cutOff.requestId)).map(({ outcome }) => outcome)).toEqual(['intended']);
  });
});

describe('tampering', () => {
  const columns = 'sequence, commit, at, salt, entry';
  const copyOf = (where: string): Promise<string> =>
    sql(`INSERT INTO kept_rows (${columns}) SELECT ${columns} FROM audit_entries WHERE ${where}`);
  /** Rows are put back by a table of ours, so that each test begins with the log as it was. */
  beforeAll(async () => {
    await sql(`CREATE TABLE kept_rows AS audit_entries ENGINE = MergeTree ORDER BY sequence`);
    for (let i = 0; i < 5; i++) await call('GET', '/v1/keys');
  });
  afterEach(async () => {
    await sql('DELETE FROM audit_entries WHERE sequence IN (5, 6, 1000000)');
    await sql(`INSERT INTO audit_entries (${columns}) SELECT ${columns} FROM kept_rows`);
    await sql('TRUNCATE TABLE kept_rows');
  });
  const faultsOf = ({ faults }: Report) => faults.map(({ fault, sequence }) => [fault, sequence]);

  beforeEach(() => copyOf('sequence IN (5, 6)'));

  it('is not found where there is none', async () => {
    expect(await verify()).toMatchObject({ code: 0, faults: [] });
  });
  it('of what a row says', async () => {
    await sql(`ALTER TABLE audit_entries UPDATE entry = replaceOne(entry, '"admin"', '"other"') WHERE sequence = 5`);
    const report = await verify();
    expect([report.code, faultsOf(report)]).toEqual([1, expect.arrayContaining([['altered', 5]])]);
    expect(report.faults.every(({ sequence }) => sequence === 5)).toBe(true);
  });
  it('of a salt', async () => {
    await sql(`ALTER TABLE audit_entries UPDATE salt = repeat('0', 64) WHERE sequence = 6`);
    expect(faultsOf(await verify())).toEqual([['altered', 6]]);
  });
  it('by taking a row away', async () => {
    await sql('DELETE FROM audit_entries WHERE sequence = 5');
    expect(faultsOf(await verify())).toEqual([['missing', 5]]);
  });
  it('by putting a row between, and behind the last', async () => {
    const forged = `concat('{"action":"POST /v1/keys",', substring(entry, position(entry, '"actor"')))`;
    for (const sequence of [6, 1_000_000])
      await sql(
        `INSERT INTO audit_entries (${columns}) SELECT ${sequence}, 999999, at, salt, ${forged} FROM kept_rows WHERE sequence = 5`,
      );
    const report = await verify();
    expect(faultsOf(report)).toEqual([
      ['added', 6],
      ['added', 1_000_000],
    ]);
  });
  it('by changing the order of rows', async () => {
    await sql('DELETE FROM audit_entries WHERE sequence IN (5, 6)');
    await sql(
      `INSERT INTO audit_entries (${columns}) SELECT 11 - sequence, commit, at, salt, entry FROM kept_rows WHERE sequence IN (5, 6)`,
    );
    const report = await verify();
    expect(faultsOf(report)).toEqual([
      ['out_of_order', 5],
      ['out_of_order', 6],
    ]);
    expect(report.faults[0]!.detail).toContain('entry 6');
  });
  it('of a copy, without a network, by the verifier that stands alone', async () => {
    const copy = join(folder, 'copy');
    expect((await cli('audit', 'export', copy)).code).toBe(0);
    const { keys } = (await call('GET', '/v1/audit/log')).body as { keys: string[] };
    const alone = (): Promise<Report> =>
      new Promise((resolve, reject) =>
        execFile(process.execPath, [join(copy, 'verify.js'), copy, '--key', keys[0]!], { env: {} }, (_e, out, err) =>
          out === '' ? reject(new Error(err)) : resolve(JSON.parse(out) as Report),
        ),
      );
    expect(await alone()).toMatchObject({ faults: [], faultCount: 0 });
    expect((await verify('--copy', copy)).code).toBe(0);
    const rows = join(copy, 'rows.txt');
    const lines = readFileSync(rows, 'utf8').split('\n');
    writeFileSync(rows, [lines[1], lines[0], ...lines.slice(3)].join('\n'));
    expect(faultsOf(await alone())).toEqual([
      ['out_of_order', 0],
      ['missing', 2],
    ]);
    writeFileSync(rows, lines.join('\n'));
    const bundle = readFileSync(join(copy, 'checkpoint'), 'utf8');
    writeFileSync(join(copy, 'checkpoint'), bundle.replace(/\n\d+\n/, '\n3\n'));
    expect((await alone()).faults.map(({ fault }) => fault)).toEqual(expect.arrayContaining(['signature', 'tree']));
  });
  it('by putting the whole log back, against a checkpoint that somebody kept', async () => {
    const back = mkdtempSync(join(tmpdir(), 'holdfast-audit-back-'));
    await log.kill();
    cpSync(log.folder, back, { recursive: true });
    const highest = Number(await sql('SELECT max(sequence) FROM audit_entries'));
    await log.restart();
    for (let i = 0; i < 3; i++) await call('GET', '/v1/keys');
    const kept = join(folder, 'kept.checkpoint');
    writeFileSync(kept, JSON.parse((await cli('--json', 'audit', 'checkpoint')).stdout).checkpoint as string);
    expect((await verify('--checkpoint', kept)).code).toBe(0);
    await log.kill();
    rmSync(log.folder, { recursive: true });
    cpSync(back, log.folder, { recursive: true });
    await sql(`DELETE FROM audit_entries WHERE sequence > ${highest}`);
    await log.restart();
    expect((await verify()).code).toBe(0); // it is a log without a fault: only the past knows better
    const report = await verify('--checkpoint', kept);
    expect([report.code, report.faults.map(({ fault }) => fault)]).toEqual([1, ['rolled_back']]);
    rmSync(back, { recursive: true });
  });
});

describe('holdfast audit', () => {
  it('lists, shows and proves entries', async () => {
    const listed = await cli('audit', 'list', '--action', 'POST /v1/probe/change', '--limit', '2');
    expect(listed.stdout).toContain('POST /v1/probe/change');
    const [entry] = await entries('action=POST+%2Fv1%2Fprobe%2Fchange');
    const sequence = String(entry!.sequence);
    expect((await cli('audit', 'show', sequence)).stdout).toContain(entry!.id);
    const proved = await cli('--json', 'audit', 'proof', sequence);
    expect([proved.code, JSON.parse(proved.stdout).proved]).toEqual([0, true]);
    const other = 'log.example/audit+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    expect((await cli('audit', 'proof', sequence, '--key', other)).code).not.toBe(0);
  });

  it('pages through entries by cursor, and refuses what it cannot read', async () => {
    const first = (await call('GET', '/v1/audit/entries?limit=2')).body;
    const second = (await call('GET', `/v1/audit/entries?limit=2&cursor=${first.next}`)).body;
    expect(second.items[0].sequence).toBe(first.items[1].sequence - 1);
    expect((await call('GET', '/v1/audit/entries?from=yesterday')).body.errors[0].field).toBe('from');
    expect((await call('GET', '/v1/audit/entries/99999999')).status).toBe(404);
    expect((await call('GET', '/v1/audit/entries/99999999/proof')).body.code).toBe('audit_size_out_of_range');
    expect((await call('GET', '/v1/audit/log/tile/0/x1/000')).status).toBe(404);
    expect((await call('GET', '/v1/audit/log/consistency?from=1')).body.second).toBeGreaterThan(1);
  });
});
