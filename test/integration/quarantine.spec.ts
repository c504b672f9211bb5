import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatInstant } from '@holdfast/kernel';
import { type Account, addsUp } from '../../apps/cli/account';
import { ApiClient, ProblemError } from '../../apps/cli/api-client';
import { startStack, type Stack } from '../../apps/standalone/stack';

type Answer = any;

const AMOUNT = { type: 'number', minimum: 0 };
const contract = (over: object = {}) => ({
  owner: 'orders-team',
  steward: 'ada',
  enforcement: 'quarantine',
  schema: {
    type: 'object',
    properties: { amount: AMOUNT, customer: { type: 'object', properties: { email: { type: 'string' } } } },
    required: ['amount'],
  },
  ...over,
});

/** What a problem of the API said. */
async function problemOf(call: Promise<unknown>): Promise<Answer> {
  const error = await call.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof ProblemError)) throw new Error(`no problem but ${String(error)}`);
  return error.problem;
}

/** Each definition refers to the next one twice. */
const doubling = (levels: number): object => ({
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    Array.from({ length: levels }, (_, n) => {
      const next = { $ref: `#/$defs/d${n + 1}` };
      return [`d${n}`, n + 1 < levels ? { allOf: [next, { ...next }] } : { type: 'object' }];
    }),
  ),
});
/** Each level of the data is looked at twice as often as the one above it. */
const TWO_WAYS = {
  anyOf: [{ properties: { a: { $ref: '#' }, z: { const: 1 } }, required: ['z'] }, { properties: { a: { $ref: '#' } } }],
};

describe('contracts and quarantine', () => {
  let directory: string;
  let stack: Stack;
  let client: ApiClient;
  let fresh = 0;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-quarantine-'));
    stack = await startStack({
      dataDir: join(directory, 'data'),
      freePorts: true,
      env: {},
      onProgress: () => undefined,
    });
    client = new ApiClient({
      url: stack.url,
      key: readFileSync(stack.adminKeyFile, 'utf8').trim(),
      patienceMs: 30_000,
    });
    await client.put(
      '/v1/processes/orders',
      {
        stages: [
          { id: 'shop', role: 'source' },
          { id: 'erp', role: 'target' },
        ],
        fields: [{ name: 'amount' }],
        graceSeconds: 0,
      },
      undefined,
    );
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const event = (over: object = {}): Record<string, unknown> => ({
    id: `e${++fresh}`,
    source: 'shop',
    process: 'orders',
    stage: 'shop',
    key: `K${fresh}`,
    type: 'order.placed',
    occurredAt: '2026-11-20T10:00:00Z',
    originAt: '2026-11-20T10:00:00Z',
    data: { amount: 12.5 },
    ...over,
  });
  const send = async (...records: unknown[]): Promise<Answer> => {
    const lines = records.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
    try {
      return await client.sendEvents(Buffer.from(lines), 'application/x-ndjson');
    } catch (error) {
      if (error instanceof ProblemError) return error.problem;
      throw error;
    }
  };
  const account = async (source: string): Promise<Account> => {
    const second = (ms: number): string => formatInstant(Math.floor(ms / 1000) * 1_000_000);
    const found: Account = await client.get('/v1/intake', {
      source,
      from: second(Date.now() - 86_400_000),
      to: second(Date.now() + 2_000),
    });
    expect(addsUp(found)).toBe(true);
    return found;
  };
  const waiting = async (filter: Record<string, string>): Promise<Answer[]> => {
    const items: Answer[] = [];
    let cursor: string | undefined;
    do {
      const body = { state: 'waiting', limit: 1_000, ...filter, cursor };
      const page: Answer = await client.post('/v1/quarantine/search', body);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return items;
  };
  const replay = async (select: object): Promise<Answer> => {
    let found: Answer = await client.post('/v1/quarantine/replays', { select });
    while (found.state === 'running') {
      await pause(50);
      found = await client.get(`/v1/quarantine/replays/${found.id}`);
    }
    return found;
  };
  /** Puts a contract of a type of its own, and waits until intake has heard of it. */
  const withContract = async (over: object = {}): Promise<{ type: string; source: string }> => {
    const name = `t${++fresh}`;
    await client.put(`/v1/contracts/${name}`, contract(over), undefined);
    await pause(1_100); // contracts hold for events a second later at the latest
    return { type: name, source: `source-${name}` };
  };

  test('a contract rejects, quarantines or warns, and names the place', async () => {
    const bad = { amount: -1 };
    const rejects = await withContract({ enforcement: 'reject' });
    expect(await send(event({ ...rejects }), event({ ...rejects, data: bad }))).toMatchObject({
      stored: 1,
      rejected: 1,
      problems: [{ line: 2, outcome: 'rejected', code: 'contract_violation', field: 'data.amount' }],
    });
    const warns = await withContract({ enforcement: 'warn' });
    const warned = event({ ...warns, data: bad });
    expect(await send(warned)).toMatchObject({
      stored: 1,
      problems: [{ outcome: 'stored', code: 'contract_violation', field: 'data.amount' }],
    });
    const { items }: Answer = await client.get('/v1/events', { process: 'orders', key: warned['key'] as string });
    expect(items).toMatchObject([{ contractVersion: 1, breach: 'data.amount' }]);
    const quarantines = await withContract();
    const records = [event({ ...quarantines }), event({ ...quarantines, data: {} })];
    expect(await send(...records)).toMatchObject({ stored: 1, quarantined: 1, problems: [{ field: 'data' }] });
    // Sent again, nothing is new.
    expect(await send(...records)).toMatchObject({ stored: 0, quarantined: 0, duplicate: 2 });
    expect(await account(quarantines.source)).toMatchObject({ received: 4, stored: 1, quarantined: 1, duplicate: 2 });
  });

  test('what was stored before a contract forbade it is a duplicate when it is sent again', async () => {
    const old = event({ type: 'old.type', source: 'old', data: { amount: -5 } });
    expect(await send(old)).toMatchObject({ stored: 1 });
    await client.put('/v1/contracts/old.type', contract({ enforcement: 'reject' }), undefined);
    await pause(1_100);
    expect(await send(old, event({ type: 'old.type', source: 'old', data: { amount: -5 } }))).toMatchObject({
      duplicate: 1,
      rejected: 1,
    });
  });

  test('mandatory tags, null rules and versions are held to', async () => {
    const { type, source } = await withContract({
      enforcement: 'reject',
      mandatoryTags: ['region'],
      nulls: 'forbidden',
    });
    const of = (over: object) => event({ type, source, attributes: { region: 'eu' }, ...over });
    const answer = await send(
      of({}),
      of({ attributes: {} }),
      of({ data: { amount: 1, note: null } }),
      of({ contractVersion: 7 }),
      of({ contractVersion: 1 }),
    );
    expect(answer).toMatchObject({ stored: 2, rejected: 3 });
    expect(answer.problems.map(({ line, code, field }: Answer) => [line, code, field])).toEqual([
      [2, 'contract_violation', 'attributes.region'],
      [3, 'contract_violation', 'data.*'],
      [4, 'unknown_contract_version', 'contractVersion'],
    ]);
  });

  test('unusable schemas are refused, each for its reason', async () => {
    const put = (schema: unknown) => problemOf(client.put('/v1/contracts/bad', contract({ schema }), undefined));
    const string = (over: object) => ({ type: 'object', properties: { a: { type: 'string', ...over } } });
    expect(await put(string({ pattern: '^(a+)+$' }))).toMatchObject({
      status: 400,
      code: 'catastrophic_pattern',
      errors: [{ field: 'schema/properties/a/pattern' }],
    });
    for (const [schema, field] of [
      [{ $ref: 'https://example.org/schema' }, 'schema/$ref'],
      [{ properties: { a: { $ref: '#/$defs/none' } } }, 'schema/properties/a/$ref'],
      [{ $ref: '#' }, 'schema'],
      [{ type: 'object', properties: { a: { type: 'array', uniqueItems: true } } }, 'schema/properties/a/uniqueItems'],
      [{ type: 'objekt' }, 'schema'],
      [{ tipe: 'object' }, 'schema'],
      [string({ pattern: '(' }), 'schema'],
      [{ $schema: 'http://json-schema.org/draft-07/schema#' }, 'schema/$schema'],
      [{ default: { pattern: '^(a+)+$' }, properties: { a: { $ref: '#/default' } } }, 'schema/properties/a/$ref'],
      [doubling(40), 'schema'],
      [TWO_WAYS, 'schema'],
    ] as const)
      expect(await put(schema)).toMatchObject({ status: 400, code: 'unusable_schema', errors: [{ field }] });
    expect((await problemOf(client.get('/v1/contracts/bad'))).code).toBe('contract_not_found');
  });

  test('a version that breaks readers is refused with the path; an up-cast makes it readable', async () => {
    const type = `t${++fresh}`;
    const first = await client.put<Answer>(`/v1/contracts/${type}`, contract(), undefined);
    const renamed = {
      schema: { type: 'object', properties: { total: AMOUNT }, required: ['total'] },
    };
    const refused = await problemOf(client.put(`/v1/contracts/${type}`, contract(renamed), first.etag));
    expect(refused).toMatchObject({
      status: 409,
      code: 'incompatible_contract',
      problems: [{ against: 1, direction: 'backward', path: '/total' }],
    });
    const upcast = [{ op: 'move', from: '/amount', path: '/total' }];
    const check: Answer = await client.post(`/v1/contracts/${type}/check`, contract({ ...renamed, upcast }));
    expect(check).toEqual({ compatible: true, compatibility: 'backward', comparedWith: [1], problems: [] });
    const full: Answer = await client.post(
      `/v1/contracts/${type}/check`,
      contract({ ...renamed, upcast, compatibility: 'full' }),
    );
    expect(full.problems).toMatchObject([{ direction: 'forward', path: '/amount' }]);
    await client.put(`/v1/contracts/${type}`, contract({ ...renamed, upcast }), first.etag);
    await pause(1_100);
    // The same amount in the words of two versions: the window compares it as the newest has it.
    await client.put(
      '/v1/processes/totals',
      {
        stages: [
          { id: 'shop', role: 'source' },
          { id: 'erp', role: 'target' },
        ],
        fields: [{ name: 'total' }],
        graceSeconds: 0,
      },
      undefined,
    );
    const of = (over: object) => event({ type, process: 'totals', key: 'T1', ...over });
    expect(
      await send(
        of({ contractVersion: 1, data: { amount: 7 } }),
        of({ stage: 'erp', source: 'erp', data: { total: 7 } }),
      ),
    ).toMatchObject({ stored: 2 });
    const read = { process: 'totals', key: 'T1', data: 'newest' };
    const { items }: Answer = await client.get('/v1/events', read);
    expect(items).toMatchObject([
      { contractVersion: 2, data: { total: 7 } },
      { contractVersion: 2, data: { total: 7 } },
    ]);
    const { id }: Answer = await client.post('/v1/reconciliations', {
      process: 'totals',
      from: '2026-11-20T10:00:00Z',
      to: '2026-11-20T11:00:00Z',
    });
    let window: Answer;
    do {
      await pause(100);
      window = await client.get(`/v1/reconciliations/${id}`);
    } while (window.verdict === null);
    while (window.state === 'waiting') {
      await pause(100);
      window = await client.get(`/v1/reconciliations/${id}`);
    }
    expect(window.state).toBe('matched');
  });

  test('a steward finds, patches and replays; counts move, exactly once, and long numbers keep their digits', async () => {
    const { type, source } = await withContract();
    const long = '12345678901234567890.12';
    const bad = event({ type, source, key: 'LONG', data: {} });
    const raw = JSON.stringify(bad).replace('"data":{}', `"data":{"amuont":1,"note":${long}}`);
    expect(await send(raw, event({ type, source, data: { amount: 'x' } }))).toMatchObject({ quarantined: 2 });
    const [item, other] = await waiting({ source, owner: 'ada' });
    expect([item, other].map(({ code, field, type: of }) => [code, field, of])).toEqual(
      expect.arrayContaining([
        ['contract_violation', 'data', type],
        ['contract_violation', 'data.amount', type],
      ]),
    );
    expect(await waiting({ source, text: 'AMUONT' })).toHaveLength(1);
    expect(await waiting({ source, field: 'data.amount' })).toHaveLength(1);
    const { item: id } = (await waiting({ source, text: 'amuont' }))[0];

    const patched = (patch: unknown[], dryRun = false) =>
      client.post<Answer>('/v1/quarantine/patches', { select: { items: [id] }, patch, dryRun });
    const fix = [{ op: 'move', from: '/data/amuont', path: '/data/amount' }];
    expect(await patched(fix, true)).toMatchObject({ dryRun: true, mended: 1, stillBad: 0 });
    expect((await waiting({ source, state: 'patched' })).length).toBe(0);
    expect(await problemOf(patched([{ op: 'add', path: '/data/amount', value: -1 }]))).toMatchObject({
      code: 'patch_mends_nothing',
      stillBad: 1,
      problems: [{ item: id, code: 'contract_violation', field: 'data.amount' }],
    });
    expect(await problemOf(patched([{ op: 'remove', path: '/data/nothing' }]))).toMatchObject({ inapplicable: 1 });
    expect((await problemOf(patched([{ op: 'add', path: '/__proto__/x', value: 1 }]))).code).toBe(
      'patch_mends_nothing',
    );
    expect(await patched(fix)).toMatchObject({ mended: 1 });
    await client.post('/v1/quarantine/assignments', { select: { items: [id] }, assignee: 'grace' });
    expect(await client.get<Answer>(`/v1/quarantine/${id}`)).toMatchObject({
      state: 'patched',
      assignee: 'grace',
      problem: null,
      steps: [{ step: 'patched' }, { step: 'assigned', assignee: 'grace' }],
    });

    expect(await replay({ source })).toMatchObject({ state: 'done', released: 1, stillBad: 1, gone: 0 });
    expect(await replay({ source })).toMatchObject({ state: 'done', released: 0, stillBad: 1 });
    expect(await account(source)).toMatchObject({ received: 2, stored: 1, quarantined: 1 });
    const { items }: Answer = await client.get('/v1/events', { process: 'orders', key: 'LONG' });
    expect(items).toHaveLength(1);
    expect(await client.get<Answer>(`/v1/quarantine/${id}`)).toMatchObject({ state: 'released', became: 'stored' });
    expect(await send(raw.replace('amuont', 'amount'))).toMatchObject({ duplicate: 1 }); // digit by digit

    const discards = { select: { source, state: 'waiting' }, reason: 'a test of the shop' };
    expect(await client.post('/v1/quarantine/discards', discards)).toEqual({ items: 1 });
    expect(await client.post('/v1/quarantine/discards', discards)).toEqual({ items: 0 });
    expect(await account(source)).toMatchObject({ received: 3, stored: 1, quarantined: 0, rejected: 1, duplicate: 1 });
  });

  test('records that are no events wait for a steward where their source says so', async () => {
    const source = `source-${++fresh}`;
    const lost = event({ source, process: 'nowhere' });
    expect(await send(lost)).toMatchObject({ code: 'all_rejected' });
    await client.put(`/v1/sources/${source}`, { owner: 'shop-team' }, undefined);
    await pause(1_100);
    const undated = event({ source, occurredAt: 'yesterday' });
    expect(await send(lost, undated)).toMatchObject({ quarantined: 2 });
    expect(await waiting({ source, owner: 'shop-team' })).toHaveLength(2);
    const { queues }: Answer = await client.get('/v1/quarantine/queues');
    expect(queues).toContainEqual(expect.objectContaining({ owner: 'shop-team', code: 'unknown_process', items: 1 }));
    await client.post('/v1/quarantine/patches', {
      select: { source, code: 'unknown_process' },
      patch: [
        { op: 'test', path: '/process', value: 'nowhere' },
        { op: 'replace', path: '/process', value: 'orders' },
      ],
    });
    expect(await replay({ source })).toMatchObject({ released: 1, stillBad: 1 });
    expect(await account(source)).toMatchObject({ received: 3, rejected: 1, stored: 1, quarantined: 1 });
  });

  test('a replayed record heals its window', async () => {
    const { type, source } = await withContract();
    const [from, to] = ['2026-11-19T10:00:00Z', '2026-11-19T11:00:00Z'];
    const of = (over: object) =>
      event({ type, source, key: 'H1', occurredAt: from, originAt: from, data: { amount: 1 }, ...over });
    expect(await send(of({}), of({ id: 'h-erp', stage: 'erp', data: { amount: '1' } }))).toMatchObject({
      stored: 1,
      quarantined: 1,
    });
    const { id }: Answer = await client.post('/v1/reconciliations', { process: 'orders', from, to });
    const stateIs = async (state: string): Promise<void> => {
      for (;;) {
        const window: Answer = await client.get(`/v1/reconciliations/${id}`);
        if (window.state === state) return;
        await pause(100);
      }
    };
    await stateIs('gaps');
    await client.post('/v1/quarantine/patches', {
      select: { source },
      patch: [{ op: 'replace', path: '/data/amount', value: 1 }],
    });
    expect(await replay({ source })).toMatchObject({ released: 1 });
    await stateIs('healed');
  });

  test('a replay goes on after kill -9 of the process that stores: each record once', async () => {
    const { type, source } = await withContract();
    const records = Array.from({ length: 3_000 }, (_, n) => event({ type, source, key: `R${n}`, data: { sum: n } }));
    expect(await send(...records)).toMatchObject({ quarantined: 3_000 });
    for (let left = 3_000; left > 0; left -= 1_000)
      expect(
        await client.post('/v1/quarantine/patches', {
          select: { source, state: 'open' },
          patch: [{ op: 'move', from: '/data/sum', path: '/data/amount' }],
        }),
      ).toMatchObject({ mended: 1_000 });
    const begun: Answer = await client.post('/v1/quarantine/replays', { select: { source } });
    let kills = 0;
    while (kills < 3) {
      const { stored } = await account(source);
      if (stored >= 3_000) break;
      if (stored > kills * 900) {
        if (stack.kill('api')) kills++;
      }
      await pause(20);
    }
    let found: Answer;
    do {
      await pause(200);
      found = await client.get(`/v1/quarantine/replays/${begun.id}`);
    } while (found.state === 'running');
    expect(kills).toBeGreaterThan(0);
    expect(found).toMatchObject({ state: 'done', released: 3_000, stillBad: 0, gone: 0 });
    expect(await waiting({ source })).toEqual([]);
    expect(await account(source)).toMatchObject({ received: 3_000, stored: 3_000, quarantined: 0 });
  });
});
