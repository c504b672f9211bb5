import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TrackingStore } from '@holdfast/domains/tracking/tracking.store';
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { at, countsOf, event, IntakeStack, NONE, ORDERS, until } from './stack';

let engine: EmbeddedClickHouse;
let owner: IntakeStack;
let other: IntakeStack;

beforeAll(async () => {
  engine = await startEmbeddedClickHouse();
  owner = await IntakeStack.start(engine);
  await owner.putProcess('orders', ORDERS);
  other = await owner.beside(engine, { HOLDFAST_INTAKE_OWNER_URL: owner.address });
});
afterAll(async () => {
  await other.stop();
  await owner.stop();
  await engine.stop();
  rmSync(engine.dataDir, { recursive: true, force: true });
});

const ids = (prefix: string, count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, i) => event({ source: prefix, id: `${prefix}-${i}`, key: `${prefix}-${i % 50}` }));

test('the same records sent to both at once are stored once, whoever is asked', async () => {
  const records = ids('both', 2_000);
  const shuffled = [...records].reverse();
  const answers = await Promise.all([
    owner.postLines(records),
    other.postLines(shuffled),
    other.postLines(records),
    owner.postLines(shuffled),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const sum = (part: 'stored' | 'duplicate') => answers.reduce((all, { body }) => all + countsOf(body)[part], 0);
  expect([sum('stored'), sum('duplicate')]).toEqual([2_000, 6_000]);
  for (const stack of [owner, other])
    expect(countsOf(await stack.account('both'))).toEqual({
      ...NONE,
      received: 8_000,
      stored: 2_000,
      duplicate: 6_000,
    });
});

test('origins of a key are learned across both', async () => {
  const own = { source: 'late', originAt: undefined, key: 'late-1' };
  await other.post([event({ ...own, id: 'l1', stage: 'hub', occurredAt: '2026-11-20T10:00:00Z' })]);
  await owner.post([event({ ...own, id: 'l2', occurredAt: '2026-11-20T08:00:00Z', originAt: '2026-11-20T08:00:00Z' })]);
  const live = await new TrackingStore(other.clickhouse).liveRows('orders', ['late-1'], [at('2026-11-20T08:00:00Z')]);
  expect(live.map(({ id, originFrom }) => [id, originFrom]).sort()).toEqual([
    ['l1', 'key'],
    ['l2', 'event'],
  ]);
});

test('answers come back as they are: compressed bodies, problems, progress, and nobody without a key', async () => {
  const body = gzipSync(JSON.stringify(ids('packed', 3)));
  const packed = await other.post(body, { 'content-encoding': 'gzip', 'x-request-id': 'asked-1' });
  expect([packed.status, countsOf(packed.body).stored, packed.headers['x-request-id']]).toEqual([200, 3, 'asked-1']);
  const refused = await other.post('{"id":');
  expect([refused.status, refused.body['code'], refused.headers['content-type']]).toEqual([
    400,
    'body_broken',
    'application/problem+json; charset=utf-8',
  ]);
  const unread = await other.post(Buffer.alloc(20_000_000), { 'content-type': 'text/plain' });
  expect([unread.status, unread.body['code']]).toEqual([415, 'unsupported_media_type']);
  const acknowledged = await fetch(`${other.address}/v1/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${other.key}`,
      'content-type': 'application/x-ndjson',
      accept: 'application/x-ndjson',
    },
    body: ids('told', 4)
      .map((one) => JSON.stringify(one))
      .join('\n'),
  });
  const lines = (await acknowledged.text()).trim().split('\n');
  const told = lines.map((line) => Object.keys(JSON.parse(line) as object)[0]);
  expect([new Set(told.slice(0, -1)), told.at(-1)]).toEqual([new Set(['acknowledged']), 'done']);
  expect((await other.post([event()], { authorization: 'Bearer hf_nobody' })).status).toBe(401);
});

test('the quarantine is asked and changed where records are taken in', async () => {
  await owner.putDocument('source', 'sloppy', { owner: 'team', invalidRecords: 'quarantine' });
  await until('the source is known', async () => {
    const { body } = await other.post([event({ source: 'sloppy', id: `q-${performance.now()}`, stage: 'moon' })]);
    return countsOf(body).quarantined === 1;
  });
  const { body } = await other.get('/v1/quarantine?source=sloppy');
  const [{ item }] = body['items'] as [{ item: string }];
  const discard = { select: { items: [item] }, reason: 'a test' };
  const given = await other.send('POST', '/v1/quarantine/discards', JSON.stringify(discard), {
    'content-type': 'application/json',
  });
  expect([given.status, given.body['items']]).toEqual([200, 1]);
});

test('an owner that does not answer, and one that hands on itself, are told as such', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const lonely = await owner.beside(engine, { HOLDFAST_INTAKE_OWNER_URL: `http://127.0.0.1:${port}` });
  const unanswered = await lonely.post([event()]);
  expect([unanswered.status, unanswered.body['code'], unanswered.headers['retry-after']]).toEqual([
    503,
    'intake_owner_unreachable',
    '2',
  ]);
  await lonely.stop();
  const second = await owner.beside(engine, { HOLDFAST_INTAKE_OWNER_URL: other.address });
  expect((await second.post([event()])).body['code']).toBe('intake_owner_hands_on');
  await second.stop();
});

test('one that cannot start takes intake from nobody', async () => {
  const store = new TrackingStore(owner.clickhouse);
  const before = await store.intakeClaim();
  await expect(owner.beside(engine, { HOLDFAST_IDENTITY_KEY: Buffer.alloc(32, 1) })).rejects.toThrow('IDENTITY_KEY');
  expect(await store.intakeClaim()).toEqual(before);
});

test('of two that both take records in, the newer one does, and the older one again when that has ended', async () => {
  const rival = await owner.beside(engine);
  const taken = await rival.postLines(ids('rival', 10)); // waits until the older one must have noticed
  expect(countsOf(taken.body).stored).toBe(10);
  const refused = await owner.postLines(ids('rival', 10));
  expect([refused.status, refused.body['code']]).toEqual([503, 'not_the_intake_owner']);
  expect((await other.postLines(ids('rival', 10))).status).toBe(503);
  expect(countsOf(await rival.account('rival'))).toEqual({ ...NONE, received: 10, stored: 10 });
  await rival.stop();
  // It knows what was stored meanwhile.
  const again = await owner.postLines(ids('rival', 11));
  expect(countsOf(again.body)).toEqual({ ...NONE, received: 11, stored: 1, duplicate: 10 });
});
