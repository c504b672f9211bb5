import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Get, Module, Post, Req } from '@nestjs/common';
import type { Client } from '@temporalio/client';
import * as fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DomainError } from '@holdfast/kernel';
import { readConfiguration, type Configuration } from '@holdfast/platform/config';
import {
  Caller,
  Idempotent,
  Permission,
  Public,
  UnparsedBody,
  type HttpApplication,
  type Principal,
} from '@holdfast/platform/http';
import { IdempotencyStore } from '@holdfast/platform/http/idempotency.store';
import { AccessBootstrap } from '@holdfast/domains/access/access.bootstrap';
import { AccessStore } from '@holdfast/domains/access/access.store';
import { BELIEVED_MS } from '@holdfast/domains/access/key-cache';
import { PERMISSIONS_OF, ROLES, type Role } from '@holdfast/domains/access/core/roles';
import { context } from '@holdfast/platform/telemetry';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { createApi } from '../../apps/api/main';

const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };
/** Injected requests alone never let the event loop turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Temporal is not what this suite is about: one that answers. */
const temporal = {
  connection: {
    withDeadline: (_: number, ask: () => unknown) => ask(),
    workflowService: { getSystemInfo: async () => ({}) },
  },
} as unknown as Client;

let releaseSlow: () => void = () => undefined;
let slowStarted: () => void = () => undefined;
const made: string[] = [];

interface Thing {
  readonly name: string;
  readonly mode?: string | undefined;
}

/** Routes that stand for those of other domains. */
@Controller('v1/probe')
class ProbeController {
  @Get('read')
  @Permission('alerts:read')
  read(@Caller() caller: Principal) {
    return { caller, context: context() };
  }

  @Get('fails')
  @Permission('alerts:read')
  fails() {
    throw new Error('secret-text-of-an-engine');
  }

  @Post('things')
  @Permission('alerts:test')
  @Idempotent()
  async create(@Body({ schema: z.strictObject({ name: z.string(), mode: z.string().optional() }) }) body: Thing) {
    if (body.mode === 'conflict') throw new DomainError('conflict', 'probe_conflict', `conflict ${made.length}`);
    if (body.mode === 'fault') throw new Error('a fault');
    if (body.mode === 'slow')
      await new Promise<void>((resolve) => {
        releaseSlow = resolve;
        slowStarted();
      });
    made.push(body.name);
    return { number: made.length };
  }

  @Post('raw')
  @Permission('events:write')
  @UnparsedBody('application/json', 'application/x-ndjson')
  async raw(@Req() request: FastifyRequest) {
    const chunks: Buffer[] = [];
    for await (const chunk of request.raw) chunks.push(chunk as Buffer);
    return { parsed: request.body === undefined, bytes: Buffer.concat(chunks).length, caller: context().requestId };
  }
}
@Module({ controllers: [ProbeController] })
class ProbeModule {}

describe('access over HTTP', () => {
  let engine: EmbeddedClickHouse;
  let api: HttpApplication;
  let configuration: Configuration;
  let folder: string;
  let admin: string;

  const start = (overrides: Partial<Configuration> = {}) =>
    createApi({
      auditor: UNAUDITED,
      configuration: { ...configuration, ...overrides },
      temporal,
      imports: [ProbeModule],
      logger: silent,
    });
  const call = (
    method: 'GET' | 'POST' | 'DELETE' | 'PUT',
    url: string,
    options: {
      key?: string | undefined;
      body?: unknown;
      headers?: Record<string, string>;
      payload?: string | Buffer;
    } = {},
  ) =>
    api.app.inject({
      method,
      url,
      headers: {
        ...(options.key && { authorization: `Bearer ${options.key}` }),
        ...(options.payload !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body !== undefined && { payload: options.body as object }),
      ...(options.payload !== undefined && { payload: options.payload }),
    });
  /** Straight to the engine. */
  const sql = async (text: string): Promise<string> => {
    const headers = { authorization: `Basic ${btoa(`default:${engine.password}`)}` };
    return (await fetch(`${engine.url}/?database=app`, { method: 'POST', headers, body: text })).text();
  };
  const codeOf = (problem: unknown) => (problem as { code: string }).code;
  let fresh = 0;
  const idempotency = (key = `k-${++fresh}`) => ({ 'idempotency-key': key });
  const createKey = async (id: string, roles: Role[], expiresAt?: string) => {
    const body = { principal: { id, kind: 'machine', roles }, ...(expiresAt && { expiresAt }) };
    const answer = await call('POST', '/v1/keys', { key: admin, body, headers: idempotency() });
    expect(answer.statusCode).toBe(201);
    return answer.json<{ id: string; key: string }>();
  };

  beforeAll(async () => {
    engine = await startEmbeddedClickHouse();
    folder = mkdtempSync(join(tmpdir(), 'holdfast-access-'));
    configuration = readConfiguration({
      CLICKHOUSE_URL: engine.url,
      CLICKHOUSE_PASSWORD: engine.password,
      HOLDFAST_ADMIN_KEY_FILE: join(folder, 'admin.key'),
    });
    api = await start();
    admin = readFileSync(join(folder, 'admin.key'), 'utf8').trim();
  });
  afterAll(async () => {
    await api.app.close();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('the first start', () => {
    it('writes a key of an administrator that only its owner can read', async () => {
      expect(statSync(join(folder, 'admin.key')).mode & 0o777).toBe(0o600);
      expect((await call('GET', '/v1/keys', { key: admin })).statusCode).toBe(200);
    });

    it('is not repeated by a second start', async () => {
      const other = join(folder, 'second.key');
      const second = await start({ HOLDFAST_ADMIN_KEY_FILE: other });
      await second.app.close();
      expect(() => statSync(other)).toThrow('ENOENT');
      expect((await call('GET', '/v1/keys', { key: admin })).json().items).toHaveLength(1);
    });

    it('goes on with the key of a file that a crash left before the key was stored', async () => {
      const stored: unknown[] = [];
      const store = {
        hasPrincipals: async () => false,
        writeKey: async (key: unknown) => void stored.push(key),
        writePrincipal: async () => undefined,
      } as unknown as AccessStore;
      const file = join(folder, 'crashed.key');
      const boot = () => new AccessBootstrap(store, { ...configuration, HOLDFAST_ADMIN_KEY_FILE: file }).onModuleInit();
      await boot();
      const text = readFileSync(file, 'utf8');
      await boot();
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(stored).toHaveLength(2);
      expect(stored[1]).toEqual(stored[0]);
    });

    it.each([
      ['holds something else', 'not a key', 0o600],
      ['others may read', `hf_${'0'.repeat(20)}_${'A'.repeat(43)}`, 0o644],
    ])('does not take a file that %s', async (_, text, mode) => {
      const file = join(folder, `taken-${mode}.key`);
      writeFileSync(file, text, { mode });
      const store = { hasPrincipals: async () => false } as unknown as AccessStore;
      const boot = new AccessBootstrap(store, { ...configuration, HOLDFAST_ADMIN_KEY_FILE: file }).onModuleInit();
      await expect(boot).rejects.toMatchObject({ name: 'AdminKeyFileError' });
    });
  });

  describe('who may call', () => {
    it('refuses a request without a key, and says how to show one', async () => {
      const answer = await call('GET', '/v1/keys');
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="holdfast"');
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.json()).toMatchObject({
        type: '/problems/key_missing',
        status: 401,
        code: 'key_missing',
        instance: '/v1/keys',
        requestId: answer.headers['x-request-id'],
      });
    });

    it.each([
      ['another scheme', 'Basic abc'],
      ['no key of ours', 'Bearer abc'],
      ['an unknown key', `Bearer hf_${'0'.repeat(20)}_${'A'.repeat(43)}`],
    ])('refuses %s', async (_, authorization) => {
      const answer = await call('GET', '/v1/keys', { headers: { authorization } });
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'key_invalid']);
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    });

    it('refuses the right id with a wrong secret', async () => {
      const wrong = `${admin.slice(0, -2)}${admin.endsWith('AA') ? 'BB' : 'AA'}`;
      expect((await call('GET', '/v1/keys', { key: wrong })).json().code).toBe('key_invalid');
    });

    it('refuses a key that has expired', async () => {
      const { key } = await createKey('short-lived', ['viewer'], new Date(Date.now() + 1_500).toISOString());
      expect((await call('GET', '/v1/probe/read', { key })).statusCode).toBe(200);
      let answer = await call('GET', '/v1/probe/read', { key });
      while (answer.statusCode === 200) {
        await turn();
        answer = await call('GET', '/v1/probe/read', { key });
      }
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'key_expired']);
    });

    it('refuses a key that was revoked, at once here and within the stated bound in another process', async () => {
      const { id, key } = await createKey('revoked', ['viewer']);
      const other = await start();
      const ask = () => other.app.inject({ url: '/v1/probe/read', headers: { authorization: `Bearer ${key}` } });
      expect((await ask()).statusCode).toBe(200);
      expect((await call('DELETE', `/v1/keys/${id}`, { key: admin })).statusCode).toBe(204);
      const revokedAt = performance.now();
      expect((await call('GET', '/v1/probe/read', { key })).json().code).toBe('key_revoked');
      while ((await ask()).statusCode === 200) {
        expect(performance.now() - revokedAt).toBeLessThan(BELIEVED_MS + 500);
        await turn();
      }
      expect((await ask()).json().code).toBe('key_revoked');
      expect((await call('DELETE', `/v1/keys/${id}`, { key: admin })).statusCode).toBe(204);
      await other.app.close();
    });

    it.each(ROLES)('gives %s what its role gives, and nothing else', async (role) => {
      const { key } = await createKey(`role-${role}`, [role]);
      const given = PERMISSIONS_OF[role];
      const expected = (permission: string, allowed: number) =>
        (given as readonly string[]).includes(permission) ? allowed : 403;
      const read = await call('GET', '/v1/probe/read', { key });
      expect(read.statusCode).toBe(expected('alerts:read', 200));
      if (read.statusCode === 200)
        expect(read.json().caller).toEqual({ id: `role-${role}`, kind: 'machine', roles: [role] });
      const list = await call('GET', '/v1/keys', { key });
      expect(list.statusCode).toBe(expected('keys:manage', 200));
      if (list.statusCode === 403)
        expect(list.json()).toMatchObject({ code: 'permission_missing', permission: 'keys:manage' });
      const raw = await call('POST', '/v1/probe/raw', { key, payload: '{}' });
      expect(raw.statusCode).toBe(expected('events:write', 201));
      const create = await call('POST', '/v1/probe/things', { key, body: { name: role }, headers: idempotency() });
      expect(create.statusCode).toBe(expected('alerts:test', 201));
    });
  });

  describe('keys', () => {
    it('are listed by creation in pages, without their secrets', async () => {
      const keys = [await createKey('page', ['viewer']), await createKey('page', ['viewer'])];
      const ids: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const query = `limit=2${cursor ? `&cursor=${cursor}` : ''}`;
        const answer = await call('GET', `/v1/keys?${query}`, { key: admin });
        expect(answer.statusCode).toBe(200);
        for (const { key } of keys) expect(answer.body).not.toContain(key.slice(24));
        const page = answer.json();
        ids.push(...page.items.map(({ id }: { id: string }) => id));
        cursor = page.next;
        pages++;
      } while (cursor);
      expect(pages).toBeGreaterThan(1);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.slice(-2)).toEqual(keys.map(({ id }) => id));
    });

    it('show their secret once: a repeat is refused and names the key', async () => {
      const body = { principal: { id: 'once', kind: 'machine', roles: ['viewer'] } };
      const headers = idempotency();
      const first = await call('POST', '/v1/keys', { key: admin, body, headers });
      const again = await call('POST', '/v1/keys', { key: admin, body, headers });
      expect([again.statusCode, again.json().code]).toEqual([409, 'secret_already_shown']);
      expect(again.json().created).toEqual({ id: first.json().id });
    });

    it('keep neither secret nor idempotency key in the store', async () => {
      const headers = idempotency('idempotency-canary');
      const body = { principal: { id: 'stored', kind: 'machine', roles: ['viewer'] } };
      const { key } = (await call('POST', '/v1/keys', { key: admin, body, headers })).json();
      const secret = key.split('_').slice(2).join('_');
      for (const table of ['api_keys', 'principals', 'idempotency_keys']) {
        const text = await sql(`SELECT * FROM ${table} FORMAT JSONEachRow`);
        expect(text).toContain('{');
        expect(text).not.toContain(secret);
        expect(text).not.toContain('idempotency-canary');
      }
    });

    it('give an existing principal its new roles, on all its keys', async () => {
      const { key } = await createKey('promoted', ['viewer']);
      expect((await call('GET', '/v1/keys', { key })).statusCode).toBe(403);
      await createKey('promoted', ['admin', 'viewer']);
      expect((await call('GET', '/v1/keys', { key })).statusCode).toBe(200);
      await createKey('promoted', ['viewer']);
      expect((await call('GET', '/v1/keys', { key })).statusCode).toBe(403);
    });

    it('do not turn a machine into a person', async () => {
      await createKey('robot', ['viewer']);
      const body = { principal: { id: 'robot', kind: 'person', roles: ['viewer'] } };
      const answer = await call('POST', '/v1/keys', { key: admin, body, headers: idempotency() });
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'principal_kind_fixed']);
    });

    it('leave an administrator: neither the last key nor the role can be taken away', async () => {
      const own = admin.split('_')[1]!;
      for (const { id, principal } of (await call('GET', '/v1/keys?limit=1000', { key: admin })).json().items)
        if (principal.roles.includes('admin') && id !== own) await call('DELETE', `/v1/keys/${id}`, { key: admin });
      const revoked = await call('DELETE', `/v1/keys/${own}`, { key: admin });
      expect([revoked.statusCode, revoked.json().code]).toEqual([409, 'last_admin_key']);
      const body = { principal: { id: 'admin', kind: 'person', roles: ['viewer'] } };
      const demoted = await call('POST', '/v1/keys', { key: admin, body, headers: idempotency() });
      expect([demoted.statusCode, demoted.json().code]).toEqual([409, 'last_admin_key']);
      expect((await call('GET', '/v1/keys', { key: admin })).statusCode).toBe(200);
    });

    it('do not count an expired key of an administrator as one', async () => {
      const soon = new Date(Date.now() + 300).toISOString();
      await createKey('soon-gone', ['admin'], soon);
      while (Date.now() < Date.parse(soon)) await turn();
      expect((await call('DELETE', `/v1/keys/${admin.split('_')[1]!}`, { key: admin })).statusCode).toBe(409);
    });

    it('are refused for what is wrong with them', async () => {
      const answer = await call('POST', '/v1/keys', {
        key: admin,
        body: {
          principal: { id: 'a@example.org', kind: 'robot', roles: [], nick: 'x' },
          expiresAt: 'tomorrow',
          more: 1,
        },
        headers: idempotency(),
      });
      expect(answer.statusCode).toBe(400);
      const { code, errors } = answer.json();
      expect(code).toBe('invalid_request');
      expect(errors.map(({ field }: { field: string }) => field).sort()).toEqual(
        ['expiresAt', 'more', 'principal.id', 'principal.kind', 'principal.nick', 'principal.roles'].sort(),
      );
      expect(errors).toContainEqual({ field: 'more', reason: 'unrecognized' });
      expect(answer.body).not.toMatch(/example\.org|tomorrow|robot/);
      const unknown = await call('DELETE', `/v1/keys/${'0'.repeat(20)}`, { key: admin });
      expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'no_such_key']);
      const past = { principal: { id: 'past', kind: 'machine', roles: ['viewer'] }, expiresAt: '2020-01-01T00:00:00Z' };
      const late = await call('POST', '/v1/keys', { key: admin, body: past, headers: idempotency() });
      expect(late.json()).toMatchObject({ code: 'expiry_in_the_past', errors: [{ field: 'expiresAt' }] });
    });

    it('refuse a cursor that was changed', async () => {
      const { next } = (await call('GET', '/v1/keys?limit=1', { key: admin })).json();
      const answer = await call('GET', `/v1/keys?cursor=${next.slice(0, -1)}${next.endsWith('A') ? 'B' : 'A'}`, {
        key: admin,
      });
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_cursor']);
    });
  });

  describe('a repeated POST', () => {
    const post = (body: object, headers: Record<string, string>) =>
      call('POST', '/v1/probe/things', { key: admin, body, headers });

    it('needs an Idempotency-Key', async () => {
      for (const key of ['', ' ', 'é', 'x'.repeat(201)])
        expect((await post({ name: 'a' }, key ? { 'idempotency-key': key } : {})).json().code).toBe(
          'idempotency_key_required',
        );
    });

    it('gets the first answer again, also from another process', async () => {
      const headers = idempotency();
      const before = made.length;
      const first = await post({ name: 'b' }, headers);
      const again = await post({ name: 'b' }, headers);
      expect([first.statusCode, again.statusCode, made.length]).toEqual([201, 201, before + 1]);
      expect(again.json()).toEqual(first.json());
      expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([
        undefined,
        'true',
      ]);
      const other = await start();
      const elsewhere = await other.app.inject({
        method: 'POST',
        url: '/v1/probe/things',
        payload: { name: 'b' },
        headers: { authorization: `Bearer ${admin}`, ...headers },
      });
      expect([elsewhere.statusCode, elsewhere.json(), made.length]).toEqual([201, first.json(), before + 1]);
      await other.app.close();
    });

    it('is refused with another body, and is another call for another principal', async () => {
      const headers = idempotency();
      await post({ name: 'c' }, headers);
      const reused = await post({ name: 'd' }, headers);
      expect([reused.statusCode, reused.json().code]).toEqual([409, 'idempotency_key_reused']);
      const { key } = await createKey('someone-else', ['operator']);
      const theirs = await call('POST', '/v1/probe/things', { key, body: { name: 'd' }, headers });
      expect([theirs.statusCode, theirs.headers['idempotency-replayed']]).toEqual([201, undefined]);
    });

    it('gets the first refusal again, but carries out what failed or was not valid', async () => {
      const headers = idempotency();
      const first = await post({ name: 'e', mode: 'conflict' }, headers);
      await post({ name: 'count' }, idempotency());
      const again = await post({ name: 'e', mode: 'conflict' }, headers);
      expect(again.json().detail).toBe(first.json().detail);
      expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([409, 'true']);

      const failed = idempotency();
      expect((await post({ name: 'f', mode: 'fault' }, failed)).statusCode).toBe(500);
      expect((await post({ name: 'f', mode: 'fault' }, failed)).headers['idempotency-replayed']).toBeUndefined();
      const wrong = idempotency();
      expect((await post({ nam: 'g' }, wrong)).statusCode).toBe(400);
      expect((await post({ name: 'g' }, wrong)).statusCode).toBe(201);
    });

    it('is refused while the first is under way', async () => {
      const headers = idempotency();
      const before = made.length;
      const started = new Promise<void>((resolve) => (slowStarted = resolve));
      const first = post({ name: 'h', mode: 'slow' }, headers);
      await started;
      const second = await post({ name: 'h', mode: 'slow' }, headers);
      expect([second.statusCode, second.json().code]).toEqual([409, 'idempotency_key_in_use']);
      expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
      releaseSlow();
      expect((await first).statusCode).toBe(201);
      expect((await post({ name: 'h', mode: 'slow' }, headers)).headers['idempotency-replayed']).toBe('true');
      expect(made.length).toBe(before + 1);
    });

    it('is refused for as long as the first runs', async () => {
      const store = api.app.get(IdempotencyStore, { strict: false });
      const usual = store.renewEveryMs;
      store.renewEveryMs = 20;
      try {
        const started = new Promise<void>((resolve) => (slowStarted = resolve));
        const first = post({ name: 'renewed', mode: 'slow' }, idempotency());
        await started;
        const newest = async (): Promise<number> =>
          Number(await sql('SELECT toUnixTimestamp64Micro(max(at)) FROM idempotency_keys'));
        const claimed = await newest();
        while ((await newest()) <= claimed); // renewed
        releaseSlow();
        expect((await first).statusCode).toBe(201);
      } finally {
        store.renewEveryMs = usual;
      }
    });

    it('is forgotten by the store after two weeks, as are proposals of documents', async () => {
      const hash = 'f'.repeat(64);
      for (const days of [1, 30]) {
        const at = `'${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)}'`;
        await sql(`INSERT INTO idempotency_keys VALUES ('${hash}', '${days}', 'claimed', '${hash}', 0, '', ${at})`);
        await sql(`INSERT INTO document_proposals VALUES ('p-${days}', 'note', 'pruned', '', 'ann', ${at})`);
      }
      for (const table of ['idempotency_keys', 'document_proposals']) await sql(`OPTIMIZE TABLE ${table} FINAL`);
      expect(await sql(`SELECT claim FROM idempotency_keys WHERE key_hash = '${hash}'`)).toBe('1\n');
      expect(await sql("SELECT proposal FROM document_proposals WHERE id = 'pruned'")).toBe('p-1\n');
    });

    it('is carried out at most once when many come at the same time', async () => {
      const headers = idempotency();
      const before = made.length;
      const answers = await Promise.all(Array.from({ length: 12 }, () => post({ name: 'i' }, headers)));
      expect(made.length - before).toBeLessThanOrEqual(1);
      for (const { statusCode } of answers) expect([201, 409]).toContain(statusCode);
      let last = await post({ name: 'i' }, headers);
      while (last.statusCode !== 201) last = await post({ name: 'i' }, headers);
      expect(made.length - before).toBe(1);
    });
  });

  describe('bad input', () => {
    const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
      call('POST', '/v1/keys', { key: admin, payload, headers: { ...idempotency(), ...headers } });

    it.each([
      ['malformed JSON', '{"principal":', 400, 'malformed_json'],
      ['nothing', '', 400, 'malformed_json'],
      ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid_utf8'],
      ['deep nesting', `${'['.repeat(65)}${']'.repeat(65)}`, 400, 'nested_too_deeply'],
      ['a member named twice', '{"a":1,"\\u0061":2}', 400, 'duplicate_member'],
      ['a reserved member', '{"__proto__":{}}', 400, 'forbidden_member'],
      ['a body that is too large', `{"a":"${'x'.repeat(1_048_576)}"}`, 413, 'body_too_large'],
      ['an array', '[]', 400, 'invalid_request'],
    ])('refuses %s', async (_, payload, status, code) => {
      const answer = await post(payload);
      expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    });

    it('refuses other content types, and a compressed document', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense']) {
        const answer = await post('a=1', { 'content-type': type });
        expect([type, answer.statusCode, answer.json().code]).toEqual([type, 415, 'unsupported_media_type']);
      }
      const answer = await post('{}', { 'content-encoding': 'gzip' });
      expect([answer.statusCode, answer.json().code]).toEqual([415, 'unsupported_encoding']);
    });

    it('names unknown and wrong members of the query', async () => {
      const answer = await call('GET', '/v1/keys?limit=0&color=red', { key: admin });
      expect(answer.statusCode).toBe(400);
      expect(answer.json().errors).toEqual(
        expect.arrayContaining([
          { field: 'color', reason: 'unrecognized' },
          { field: 'limit', reason: expect.stringContaining('>=1') },
        ]),
      );
    });

    it('answers unknown routes and malformed addresses with problems', async () => {
      const unknown = await call('GET', '/v1/nothing?key=secret-key');
      expect([unknown.statusCode, unknown.json().code, unknown.json().instance]).toEqual([
        404,
        'no_such_route',
        '/v1/nothing',
      ]);
      expect((await call('PUT', '/v1/keys', { key: admin, payload: '{}' })).statusCode).toBe(404);
      const malformed = await call('GET', '/v1/%zz');
      expect([malformed.statusCode, malformed.json().code]).toEqual([400, 'malformed_url']);
    });

    it('is never a fault, whatever it is', async () => {
      const principal = fc.record(
        {
          id: fc.oneof(fc.string(), fc.constant('fuzz')),
          kind: fc.oneof(fc.constantFrom('person', 'machine'), fc.jsonValue()),
          roles: fc.oneof(fc.array(fc.constantFrom('viewer', 'nobody')), fc.jsonValue()),
          more: fc.jsonValue(),
        },
        { requiredKeys: [] },
      );
      const body = fc.oneof(
        fc.json(),
        fc.string(),
        fc
          .record({ principal, expiresAt: fc.oneof(fc.string(), fc.date().map(String)) }, { requiredKeys: [] })
          .map((one) => JSON.stringify(one)),
      );
      const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
      await fc.assert(
        fc.asyncProperty(body, text, text, fc.string(), async (payload, key, type, query) => {
          const strange = await post(payload, { 'idempotency-key': `fuzz ${key}`, 'content-type': type });
          const plain = await post(payload);
          const list = await call('GET', `/v1/keys?${encodeURI(query.toWellFormed())}`, { key: admin });
          const path = await call('DELETE', `/v1/keys/${encodeURIComponent(query.toWellFormed())}`, { key: admin });
          for (const answer of [strange, plain, list, path]) {
            expect(answer.statusCode).toBeLessThan(500);
            if (answer.statusCode >= 400) expect(answer.json().code).toMatch(/^[a-z_]+$/);
          }
        }),
        { numRuns: 100 },
      );
    });

    it('says nothing of a fault', async () => {
      const answer = await call('GET', '/v1/probe/fails', { key: admin });
      expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal']);
      expect(answer.body).not.toContain('secret-text');
    });

    it('is refused before it is read when no key comes with it', async () => {
      expect((await call('POST', '/v1/keys', { payload: '{"broken' })).statusCode).toBe(401);
    });

    it('reaches a client on a real connection that is still sending', async () => {
      const listening = await start();
      await listening.app.listen(0, '127.0.0.1');
      const url = `${await listening.app.getUrl()}/v1/keys`;
      const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json', ...idempotency() };
      const body = `{"a":"${'x'.repeat(20_000_000)}"}`;
      const sized = await fetch(url, { method: 'POST', headers, body });
      expect([sized.status, codeOf(await sized.json())]).toEqual([413, 'body_too_large']);
      const stream = new Blob([body]).stream();
      const chunked = await fetch(url, { method: 'POST', headers, body: stream, duplex: 'half' });
      expect([chunked.status, codeOf(await chunked.json())]).toEqual([413, 'body_too_large']);
      await listening.app.close();
    });
  });

  describe('a body that the route reads itself', () => {
    it('is untouched, whatever its size, within the context of the request', async () => {
      const payload = Buffer.alloc(3_000_000, 0x20);
      const headers = { 'content-type': 'application/x-ndjson; charset=utf-8', 'x-request-id': 'raw-1' };
      const answer = await call('POST', '/v1/probe/raw', { key: admin, payload, headers });
      expect(answer.json()).toEqual({ parsed: true, bytes: 3_000_000, caller: 'raw-1' });
    });

    it('is refused in another content type', async () => {
      const headers = { 'content-type': 'text/csv' };
      const answer = await call('POST', '/v1/probe/raw', { key: admin, payload: 'a', headers });
      expect([answer.statusCode, answer.json().accepts]).toEqual([415, ['application/json', 'application/x-ndjson']]);
    });
  });

  describe('the context of a request', () => {
    const read = (headers: Record<string, string>) => call('GET', '/v1/probe/read', { key: admin, headers });

    it('has the id and the trace of the caller, in the handler too', async () => {
      const trace = '0af7651916cd43dd8448eb211c80319c';
      const answer = await read({ 'x-request-id': 'abc-1.2_3', traceparent: `00-${trace}-b7ad6b7169203331-01` });
      expect(answer.headers['x-request-id']).toBe('abc-1.2_3');
      expect(answer.json().context.requestId).toBe('abc-1.2_3');
      expect(answer.json().context.traceparent).toMatch(
        new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`),
      );
    });

    it.each(['has space', 'x'.repeat(65), 'semi;colon', ''])('does not take over %p as an id', async (id) => {
      const answer = await read({ 'x-request-id': id });
      expect(answer.headers['x-request-id']).toMatch(/^[\w-]{22}$/);
      expect(answer.json().context.requestId).toBe(answer.headers['x-request-id']);
    });

    it('is logged once, by the pattern of the route', async () => {
      const lines: unknown[] = [];
      const logger = {
        ...silent,
        log: (line: unknown) => {
          if (typeof line === 'object') lines.push({ line, of: context() });
        },
      };
      const logged = await createApi({ auditor: UNAUDITED, configuration, temporal, imports: [ProbeModule], logger });
      const url = `/v1/keys/${'0'.repeat(20)}?secret=canary`;
      await logged.app.inject({
        method: 'DELETE',
        url,
        headers: { 'x-request-id': 'log-1', authorization: `Bearer ${admin}` },
      });
      expect(lines).toEqual([
        {
          line: { method: 'DELETE', route: '/v1/keys/:id', status: 404, ms: expect.any(Number) },
          of: expect.objectContaining({ requestId: 'log-1' }),
        },
      ]);
      await logged.app.close();
    });
  });

  describe('documents', () => {
    it('describe every route with its permission', async () => {
      const answer = await call('GET', '/openapi.json');
      expect(answer.statusCode).toBe(200);
      const document = answer.json();
      expect(document.openapi).toBe('3.1.0');
      const create = document.paths['/v1/keys'].post;
      expect(create).toMatchObject({
        operationId: 'Access.create',
        security: [{ key: [] }],
        description: 'Needs the permission `keys:manage`.',
      });
      expect(create.requestBody.content['application/json'].schema).toMatchObject({
        type: 'object',
        additionalProperties: false,
        required: ['principal'],
      });
      expect(create.parameters).toContainEqual(expect.objectContaining({ name: 'Idempotency-Key', required: true }));
      expect(create.responses['201'].content['application/json'].schema.properties).toHaveProperty('key');
      expect(create.responses.default.content).toHaveProperty(['application/problem+json']);
      expect(document.paths['/v1/keys'].get.parameters.map(({ name }: { name: string }) => name).sort()).toEqual([
        'cursor',
        'limit',
      ]);
      expect(document.paths['/readyz'].get.security).toEqual([]);
      expect(document.components.schemas).toHaveProperty('Problem');
    });

    it('have a page that loads from here alone', async () => {
      const page = await call('GET', '/docs');
      expect(page.headers['content-type']).toMatch(/^text\/html/);
      const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
      expect(links.length).toBeGreaterThan(2);
      for (const link of links) {
        const asset = await call('GET', `/${link}`);
        expect([link, asset.statusCode]).toEqual([link, 200]);
        expect(asset.rawPayload.length).toBeGreaterThan(50);
      }
      expect((await call('GET', '/docs/package.json')).statusCode).toBe(404);
      expect((await call('GET', '/docs/constructor')).statusCode).toBe(404);
    });

    it('have a page for each problem', async () => {
      const { type } = (await call('GET', '/v1/keys')).json();
      const page = await call('GET', type);
      expect([page.statusCode, page.body]).toEqual([200, expect.stringContaining('key_missing')]);
      expect((await call('GET', '/problems')).body).toContain('last_admin_key');
      expect((await call('GET', '/problems/none')).statusCode).toBe(404);
    });
  });

  it('does not start with a route that states nothing', async () => {
    @Controller('v1/open')
    class OpenController {
      @Get()
      open() {
        return {};
      }
    }
    @Controller('v1/both')
    class BothController {
      @Get()
      @Permission('alerts:read')
      @Public('and a permission: a contradiction')
      both() {
        return {};
      }
    }
    @Module({ controllers: [OpenController, BothController] })
    class OpenModule {}
    const starting = createApi({ auditor: UNAUDITED, configuration, temporal, imports: [OpenModule], logger: silent });
    await expect(starting).rejects.toMatchObject({
      name: 'UnstatedRouteError',
      message: expect.stringMatching(/GET \/v1\/open.*GET \/v1\/both/),
    });
  });

  describe('health', () => {
    it('is ready with its dependencies, and not ready without ClickHouse, while it lives', async () => {
      const own = await startEmbeddedClickHouse();
      const other = await createApi({
        auditor: UNAUDITED,
        configuration: {
          ...configuration,
          CLICKHOUSE_URL: own.url,
          CLICKHOUSE_PASSWORD: own.password,
          HOLDFAST_ADMIN_KEY_FILE: undefined,
        },
        temporal,
        logger: silent,
      });
      const ready = await other.app.inject({ url: '/readyz' });
      expect([ready.statusCode, ready.json()]).toEqual([
        200,
        {
          ready: true,
          dependencies: {
            clickhouse: { ok: true, ms: expect.any(Number) },
            temporal: { ok: true, ms: expect.any(Number) },
          },
        },
      ]);
      await own.kill();
      const down = await other.app.inject({ url: '/readyz' });
      expect([down.statusCode, down.json()]).toMatchObject([
        503,
        { ready: false, dependencies: { clickhouse: { ok: false }, temporal: { ok: true } } },
      ]);
      expect((await other.app.inject({ url: '/livez' })).statusCode).toBe(200);
      const refused = await other.app.inject({ url: '/v1/keys', headers: { authorization: `Bearer ${admin}` } });
      expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
        503,
        'store_unavailable',
        '2',
      ]);
      await other.app.close();
      await own.stop();
    });
  });
});
