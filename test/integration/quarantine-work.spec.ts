import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { QUEUE_START } from '@holdfast/domains/tracking/core/quarantine';
import { IntakeCommitter } from '@holdfast/domains/tracking/intake/committer';
import { QuarantineStore } from '@holdfast/domains/tracking/quarantine/quarantine.store';
import { TrackingStore } from '@holdfast/domains/tracking/tracking.store';
import { formatInstant, microsOf } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type Account, addsUp } from '../../apps/cli/account';
import { startStage, until, type Stage } from '../workflow/stage';

type Any = any;

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');

let temporal: TemporalServer;
let stage: Stage;
let fresh = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  const stages = [
    { id: 'shop', role: 'source' },
    { id: 'erp', role: 'target' },
  ];
  expect((await stage.call('PUT', '/v1/processes/orders', { body: { stages } })).status).toBe(200);
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

const address = (): string => `http://127.0.0.1:${(stage.api.app.getHttpServer().address() as AddressInfo).port}`;
const adminKey = (): string => readFileSync(stage.configuration.HOLDFAST_ADMIN_KEY_FILE!, 'utf8').trim();

async function send(lines: Buffer | string): Promise<Any> {
  const headers = { authorization: `Bearer ${adminKey()}`, 'content-type': 'application/x-ndjson' };
  const answer = await fetch(`${address()}/v1/events`, { method: 'POST', headers, body: lines });
  return answer.json();
}
const event = (over: object = {}) => ({
  ...{ id: `e${++fresh}`, process: 'orders', stage: 'shop', key: `K${fresh}` },
  ...{ occurredAt: '2026-11-20T10:00:00Z', originAt: '2026-11-20T10:00:00Z', data: {} },
  ...over,
});
const linesOf = (records: readonly object[]): string => records.map((one) => JSON.stringify(one)).join('\n');

const contract = { owner: 'team', enforcement: 'quarantine', compatibility: 'none' };
const AMOUNT = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };

/** A type of its own whose events must have an amount. @returns its name, which is its source's too */
async function strictType(): Promise<string> {
  const type = `t${++fresh}`;
  expect((await stage.call('PUT', `/v1/contracts/${type}`, { body: { ...contract, schema: AMOUNT } })).status).toBe(
    200,
  );
  await until('the contract holds', async () => {
    const probe = event({ type, source: `probe-${type}` });
    return (await send(linesOf([probe]))).quarantined === 1;
  });
  return type;
}
/** From now on, its events may be anything. */
async function allow(type: string): Promise<void> {
  const headers = { 'if-match': '*' };
  const body = { ...contract, schema: true };
  expect((await stage.call('PUT', `/v1/contracts/${type}`, { body, headers })).status).toBe(200);
  await until('the new version holds', async () => {
    const probe = event({ type, source: `probe-${type}` });
    return (await send(linesOf([probe]))).stored === 1;
  });
}
/** Records that wait: they have no amount. @returns their source */
async function quarantined(count: number, over: (n: number) => object = () => ({})): Promise<string> {
  const type = await strictType();
  const records = Array.from({ length: count }, (_, n) => event({ type, source: type, ...over(n) }));
  expect(await send(linesOf(records))).toMatchObject({ quarantined: count });
  return type;
}

const post = (path: string, body: object) => stage.call('POST', `/v1/quarantine/${path}`, { body });
const patch = (select: object, operations: readonly object[], more: object = {}) =>
  post('patches', { select, patch: operations, ...more });
const ADD_AMOUNT = [{ op: 'add', path: '/data/amount', value: 1 }];

async function items(filter: object): Promise<Any[]> {
  const found: Any[] = [];
  let cursor: string | undefined;
  do {
    const { status, body } = await post('search', { limit: 1000, ...filter, cursor });
    expect(status).toBe(200);
    found.push(...body.items);
    cursor = body.next;
  } while (cursor !== undefined);
  return found;
}
async function replay(select: object): Promise<Any> {
  const { body } = await post('replays', { select });
  return until('the replay has ended', async () => {
    const found = (await stage.call('GET', `/v1/quarantine/replays/${body.id}`)).body;
    return found.state !== 'running' && found;
  });
}
async function account(source: string): Promise<Account> {
  const second = (ms: number): string => formatInstant(Math.floor(ms / 1000) * 1_000_000);
  const span = `from=${second(Date.now() - 86_400_000)}&to=${second(Date.now() + 2_000)}`;
  const { body } = await stage.call('GET', `/v1/intake?source=${source}&${span}`);
  expect(addsUp(body)).toBe(true);
  return body;
}
const timeline = async (key: string, query = ''): Promise<string> => {
  const headers = { authorization: `Bearer ${adminKey()}` };
  return (await fetch(`${address()}/v1/events?process=orders&key=${key}${query}`, { headers })).text();
};
const dataOf = async (key: string): Promise<Any[]> =>
  JSON.parse(await timeline(key)).items.map(({ data }: { data: unknown }) => data);

async function cli(...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const env = { ...process.env, HOLDFAST_URL: address(), HOLDFAST_KEY: adminKey() };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stdin.end(JSON.stringify(ADD_AMOUNT));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout })));
}

describe('requests for many records', () => {
  it('do as much as memory may hold, say where the rest begins, and hold nothing afterwards', async () => {
    const pad = 'x'.repeat(900_000);
    const source = await quarantined(12, () => ({ data: { pad } }));
    const tried = (await patch({ source }, ADD_AMOUNT, { dryRun: true })).body;
    expect(tried).toMatchObject({ mended: 11, next: expect.any(String) });
    const rest = (await patch({ source }, ADD_AMOUNT, { dryRun: true, cursor: tried.next })).body;
    expect(rest).toMatchObject({ mended: 1 });
    expect(rest).not.toHaveProperty('next');
    const done = (await patch({ source }, ADD_AMOUNT)).body;
    expect(done).toMatchObject({ mended: 11 });
    expect((await patch({ source }, ADD_AMOUNT, { cursor: done.next })).body).toMatchObject({ mended: 1 });
    expect(await replay({ source })).toMatchObject({ state: 'done', released: 12 });
    const committer = stage.api.app.get(IntakeCommitter, { strict: false });
    expect(Reflect.get(committer, 'held')).toBe(0);
  });

  it('end earlier where a patch makes the records longer', async () => {
    const source = await quarantined(30);
    const longer = [...ADD_AMOUNT, { op: 'add', path: '/data/pad', value: 'x'.repeat(500_000) }];
    const first = (await patch({ source }, longer, { dryRun: true })).body;
    expect(first).toMatchObject({ mended: 19, next: expect.any(String) });
    expect((await patch({ source }, longer, { dryRun: true, cursor: first.next })).body).toMatchObject({ mended: 11 });
  });

  it('go on behind a thousand; the command line does it all', async () => {
    const source = await quarantined(1_200);
    const assign = { select: { source }, assignee: 'grace' };
    const first = (await post('assignments', assign)).body;
    expect(first).toEqual({ items: 1_000, next: expect.any(String) });
    expect((await post('assignments', { ...assign, cursor: first.next })).body).toEqual({ items: 200 });
    expect((await items({ source, assignee: 'grace' })).length).toBe(1_200);

    const selection = ['--source', source];
    expect((await cli('quarantine', 'assign', ...selection, '--to', 'ada')).stdout).toMatch(/^1,200 assigned/);
    expect((await cli('quarantine', 'list', ...selection, '--limit', '1100', '--json')).stdout).toContain('"ada"');
    const patched = await cli('quarantine', 'patch', ...selection, '--patch', '-');
    expect(patched).toMatchObject({ code: 0, stdout: expect.stringMatching(/^1,200 mended, 0 still bad/) });
    const discarded = await cli('quarantine', 'discard', ...selection, '--reason', 'of no use');
    expect(discarded.stdout).toMatch(/^1,200 discarded/);
    expect(await account(source)).toMatchObject({ quarantined: 0, rejected: 1_200 });
  });
});

describe('changes of one record beside each other', () => {
  it('are refused when they were made on an older version, naming the record', async () => {
    const source = await quarantined(1);
    const [{ item, version }] = await items({ source });
    expect(version).toBe(0);
    const made = (n: number) => patch({ items: [item] }, ADD_AMOUNT, { versions: { [item]: n } });
    expect(await made(0)).toMatchObject({ status: 200, body: { mended: 1 } });
    expect((await items({ source }))[0]).toMatchObject({ state: 'patched', version: 1 });
    expect(await made(0)).toMatchObject({
      status: 409,
      body: { code: 'item_changed', problems: [{ item, field: 'versions', reason: 'it is at version 1 now' }] },
    });
    const refused = await cli('quarantine', 'patch', item, '--patch', '-', '--on-version', '0');
    expect(refused.code).not.toBe(0);
    expect(await made(1)).toMatchObject({ status: 200 });
    expect(await replay({ source })).toMatchObject({ released: 1 });
    expect(await made(2)).toMatchObject({ status: 409, body: { problems: [{ item, code: 'item_gone' }] } });
    expect(await patch({ items: [item] }, ADD_AMOUNT)).toMatchObject({
      status: 400,
      body: { code: 'patch_mends_nothing', gone: 1, problems: [{ item, code: 'item_gone' }] },
    });
  });

  it('are all made where nobody names a version: no patch is lost', async () => {
    const source = await quarantined(1, () => ({ key: 'BESIDE', data: { list: [] } }));
    const add = (n: number) =>
      patch({ source, state: 'waiting' }, [...ADD_AMOUNT, { op: 'add', path: '/data/list/-', value: n }]);
    for (const answer of await Promise.all([1, 2, 3, 4].map(add)))
      expect(answer).toMatchObject({ body: { mended: 1 } });
    expect(await replay({ source })).toMatchObject({ released: 1 });
    const [data] = await dataOf('BESIDE');
    expect(data.list.toSorted()).toEqual([1, 2, 3, 4]);
  });

  it('come before a replay, or are told that they come too late', async () => {
    const count = 15;
    const source = await quarantined(count, (n) => ({ key: `RACE${n}`, data: { n } }));
    await allow(source);
    const waiting = await items({ source });
    const note = [{ op: 'add', path: '/data/note', value: 'patched' }];
    const [replayed, ...patches] = await Promise.all([
      replay({ source }),
      ...waiting.map(({ item }) => patch({ items: [item] }, note)),
    ]);
    expect(replayed).toMatchObject({ released: count, stillBad: 0, gone: 0 });
    for (const [index, { status, body }] of patches.entries()) {
      const [data] = await dataOf(waiting[index].key);
      expect([data.note, body.gone]).toEqual(status === 200 ? ['patched', 0] : [undefined, 1]);
    }
    expect(await account(source)).toMatchObject({ stored: count, quarantined: 0 });
  });

  it('let each record leave once: replayed, or discarded', async () => {
    const source = await quarantined(300);
    await allow(source);
    const some = (await items({ source })).slice(100).map(({ item }) => item);
    const [replayed, discarded] = await Promise.all([
      replay({ source }),
      post('discards', { select: { items: some }, reason: 'of no use' }),
    ]);
    expect(await account(source)).toMatchObject({
      quarantined: 0,
      stored: replayed.released,
      rejected: discarded.body.items,
    });
    expect(Number(replayed.released) + Number(discarded.body.items)).toBe(300);
    const left = await items({ source });
    expect(left.filter(({ state }) => state === 'discarded').length).toBe(discarded.body.items);
  });
});

describe('records of every kind', () => {
  it('that are tests are replayed as tests', async () => {
    const source = await quarantined(1, () => ({ key: 'TEST', test: true }));
    expect((await patch({ source }, ADD_AMOUNT)).body).toMatchObject({ mended: 1 });
    expect(await replay({ source })).toMatchObject({ released: 1 });
    expect(JSON.parse(await timeline('TEST')).items).toMatchObject([{ test: true, data: { amount: 1 } }]);
    const query = {
      query: "SELECT outcome, class, sign FROM tracking_records WHERE key = 'TEST' AND outcome = 'stored'",
    };
    const rows = await (await stage.sql.query({ ...query, format: 'JSONEachRow' })).json();
    expect(rows).toEqual([{ outcome: 'stored', class: 'test', sign: 0 }]);
  });

  it('that name a member twice are replaced as a whole, and not patched in part', async () => {
    const type = await strictType();
    const source = `twice-${type}`;
    const definition = { owner: 'team', invalidRecords: 'quarantine' };
    expect((await stage.call('PUT', `/v1/sources/${source}`, { body: definition })).status).toBe(200);
    await until('it waits', async () => {
      await send(`{"id":"1","source":"${source}","data":{"a":1,"a":2}}`);
      return (await items({ state: 'waiting', source })).length === 1;
    });
    const [{ item }] = await items({ state: 'waiting', source });
    const problem = { item, code: 'inapplicable_patch', field: 'patch.0', reason: expect.stringMatching(/as a whole/) };
    expect(await patch({ items: [item] }, ADD_AMOUNT)).toMatchObject({
      status: 400,
      body: { code: 'patch_mends_nothing', inapplicable: 1, problems: [problem] },
    });
    const whole = event({ type, source, data: { amount: 2 } });
    const replaced = await patch({ items: [item] }, [{ op: 'replace', path: '', value: whole }]);
    expect(replaced.body).toMatchObject({ mended: 1 });
    expect(await replay({ items: [item] })).toMatchObject({ released: 1 });
    expect(await dataOf(whole.key)).toEqual([{ amount: 2 }]);
  });

  it('that move to another source are counted there, and the account adds up', async () => {
    const source = await quarantined(2);
    const other = `${source}-other`;
    const [{ item }] = await items({ source });
    const move = [...ADD_AMOUNT, { op: 'replace', path: '/source', value: other }];
    expect((await patch({ items: [item] }, move)).body).toMatchObject({ mended: 1 });
    expect(await account(source)).toMatchObject({ received: 2, quarantined: 2 });
    expect(await replay({ source })).toMatchObject({ released: 1, stillBad: 1 });
    expect(await account(source)).toMatchObject({ received: 1, quarantined: 1, stored: 0 });
    expect(await account(other)).toMatchObject({ received: 1, quarantined: 0, stored: 1 });
  });
});

describe('what stewards look at', () => {
  it('is searched for by text in a body, never in an address', async () => {
    const source = await quarantined(2, (n) => ({ data: { mail: n === 0 ? 'jane@example.org' : 'joe@example.org' } }));
    expect(await items({ source, text: 'JANE@' })).toHaveLength(1);
    expect(await stage.call('GET', `/v1/quarantine?source=${source}&text=jane`)).toMatchObject({ status: 400 });
    const { stdout } = await cli('quarantine', 'list', '--source', source, '--text', 'jane@', '--json');
    expect(stdout.match(/"item"/g)).toHaveLength(1);
  });

  it('is theirs, or nobody’s', async () => {
    const source = await quarantined(5);
    const owner = { owner: 'team', code: 'contract_violation' };
    const found = await items({ source });
    const before = (await stage.call('GET', '/v1/quarantine/queues?unassigned=true')).body.queues;
    const to = (assignee: string, select: object) => post('assignments', { select, assignee });
    await to(`${source}-ada`, { items: found.slice(0, 3).map(({ item }) => item) });
    await to('', { items: [found[0].item] }); // and is given back
    expect((await stage.call('GET', `/v1/quarantine/queues?assignee=${source}-ada`)).body.queues).toMatchObject([
      { ...owner, items: 2 },
    ]);
    const after = (await stage.call('GET', '/v1/quarantine/queues?unassigned=true')).body.queues;
    const count = (queues: Any[]): number => queues.find(({ code }) => code === owner.code).items;
    expect(count(before) - count(after)).toBe(2);
    expect(await items({ source, unassigned: true })).toHaveLength(3);
    expect(await items({ source, assignee: `${source}-ada` })).toHaveLength(2);
    const { stdout } = await cli('quarantine', 'queues', '--assignee', `${source}-ada`, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ queues: [{ items: 2 }] });
  });

  it('keeps the digits of long numbers, also as the newest version of a contract has it', async () => {
    const type = `t${++fresh}`;
    const long = '12345678901234567890.12';
    const record = (key: string) =>
      JSON.stringify(event({ type, source: type, key })).replace('"data":{}', `"data":{"amount":${long},"b":1.50}`);
    const put = (body: object) =>
      stage.call('PUT', `/v1/contracts/${type}`, { body: { ...contract, ...body }, headers: { 'if-match': '*' } });
    const one = { ...contract, schema: AMOUNT };
    expect((await stage.call('PUT', `/v1/contracts/${type}`, { body: one })).status).toBe(200);
    await until(
      'the contract holds',
      async () => (await send(linesOf([event({ type, source: 'x' })]))).quarantined === 1,
    );
    expect(await send(record('LONG'))).toMatchObject({ stored: 1 });
    for (const query of ['', '&data=newest', '&data=newest&order=corrected'])
      expect(await timeline('LONG', query)).toContain(`"data":{"amount":${long},"b":1.50}`); // as it was sent
    expect((await put({ schema: true, upcast: [{ op: 'move', from: '/amount', path: '/total' }] })).status).toBe(200);
    await until('the version is known', async () => (await timeline('LONG', '&data=newest')).includes('total'));
    const text = await timeline('LONG', '&data=newest');
    const [, total] = /"total":([^,}]+)/.exec(text)!;
    expect(BigInt(`${total}`.replace(/e-2$/, ''))).toBe(1234567890123456789012n);
    expect(total).toMatch(/e-2$/);
  });
});

describe('what was long ago', () => {
  const PAST = "toDateTime64('2026-01-15 00:00:00', 6, 'UTC')";
  /** Quarantined records of January and of the month after, which are not of intake's making. */
  async function old(source: string, count: number): Promise<void> {
    for (const [month, at] of [PAST, `addMonths(${PAST}, 1)`].entries())
      await stage.sql.command({
        query: `INSERT INTO tracking_records (source, id, outcome, class, received_at, occurred_at, origin_at, attempt, identity, payload_hash, data)
                SELECT '${source}', toString(number), 'quarantined', 'quarantine', ${at} + number, ${at}, ${at}, 1, reverse(toFixedString('${month}' || leftPad(toString(number), 7, '0') || '${source.padStart(8)}', 16)), number, 'x'
                FROM numbers(${count})`,
      });
  }

  it('is not read for a page that begins later, nor are steps of other records', async () => {
    const source = 'old-rows';
    await old(source, 50_000);
    const from = Date.UTC(2026, 1, 15) * 1000;
    const read = async (name: string, params: Record<string, unknown>): Promise<number> => {
      const query = readFileSync(join(__dirname, `../../clickhouse/queries/quarantine/${name}.sql`), 'utf8');
      const answer = await stage.sql.query({ query, query_params: params, format: 'JSON' });
      return (await answer.json<unknown>()).statistics!.rows_read;
    };
    const none = Object.fromEntries(
      ['owner', 'source', 'process', 'type', 'code', 'field', 'text', 'assignee', 'items', 'with'].map((name) => [
        name,
        '',
      ]),
    );
    const start = { afterIdentity: '0'.repeat(32), afterHash: '0'.repeat(16), until: from + 86_400_000_000 };
    const rest = { ...none, ...start, unassigned: false, without: ['released', 'discarded'], limit: 200_000 };
    expect(await read('list_items', { ...rest, afterAt: from })).toBeLessThan(80_000);
    expect(await read('list_items', { ...rest, afterAt: 0 })).toBeGreaterThan(99_000);
    const store = stage.api.app.get(QuarantineStore, { strict: false });
    const all = await store.items({ source }, QUEUE_START, 20_000);
    await store.addSteps(all.map((of) => ({ of, at: of.receivedAt, step: 'assigned', by: 'ann', assignee: 'ada' })));
    const [first] = all;
    const page = { first: first!.receivedAt, last: first!.receivedAt, items: first!.item.replace('-', '') };
    expect(await read('sum_up_steps', page)).toBeLessThan(20_000);
    expect(await store.items({ source }, QUEUE_START, 1)).toMatchObject([{ assignee: 'ada' }]);
  });

  it('leaves the account as it was when its quarantine is dropped, with steps that are forgotten in time', async () => {
    const source = 'old-cold';
    await old(source, 3);
    const store = stage.api.app.get(QuarantineStore, { strict: false });
    const found = await store.items({ source }, QUEUE_START, 10);
    expect(found).toHaveLength(6);
    // All of January and one of February leave.
    for (const { item, receivedAt } of found.slice(0, 4))
      await stage.sql.command({
        query: `INSERT INTO tracking_records (source, outcome, reason, received_at, first_received_at, occurred_at, origin_at, identity, payload_hash)
                SELECT '${source}', arrayJoin(['stored', 'released']), 'stored', now64(6), fromUnixTimestamp64Micro(${receivedAt}), now64(6), now64(6), unhex('${item.slice(0, 32)}'), reinterpretAsUInt64(unhex('${item.slice(33)}'))`,
      });
    const at = microsOf('2026-01-15T00:00:00Z');
    await store.addSteps(found.map((of) => ({ of, at, step: 'patched', by: 'ann', record: 'jane@example.org' })));
    const asked = { state: 'done', selection: '{"text":"jane@example.org"}', askedBy: 'ann', askedAt: at } as const;
    await store.addReplay('old', 0, asked, { released: 0, stillBad: 0, gone: 0 }, at);
    const counts = async (): Promise<object[]> =>
      stage.api.app.get(TrackingStore, { strict: false }).account(source, 0, Date.now() * 1000);
    expect(await counts()).toMatchObject([{ stored: 4, quarantined: 2, rejected: 0 }]);
    const now = microsOf('2026-09-01T00:00:00Z');
    expect(await store.purge(now)).toBe(1); // the replay: the records are there still
    expect(await store.replay('old')).toBeUndefined();
    await stage.sql.command({ query: "ALTER TABLE tracking_records DROP PARTITION ('quarantine', 202601)" });
    expect(await counts()).toMatchObject([{ stored: 4, quarantined: 2, rejected: 0 }]);
    expect(await store.steps(found[0]!)).toHaveLength(1);
    expect(await store.purge(microsOf('2026-02-20T00:00:00Z'))).toBe(0); // too early
    expect(await store.purge(now)).toBe(1);
    expect([await store.steps(found[0]!), await store.steps(found[5]!)].map(({ length }) => length)).toEqual([0, 1]);
  });
});
