import { createHash } from 'node:crypto';
import { RegisterStore } from '@holdfast/domains/register/register.store';
import { countsOf, event, intakeSuite, NONE, ORDERS, until } from './stack';

const suite = intakeSuite();

/** As a sender that canonicalises has it: written down here, so that nothing of ours makes it. */
const digestOf = (canonical: string, form: 'hex' | 'base64' = 'hex'): string =>
  `sha-256:${createHash('sha256').update(canonical).digest(form)}`;

const RIGHT = digestOf('{"amount":1,"lines":[{"a":2,"b":1}],"name":"€"}');
const WRONG = digestOf('{"amount":2}');
const DATA = { name: '€', amount: 1.0, lines: [{ b: 1, a: 2 }] };
const CLOUD = { 'content-type': 'application/cloudevents+json' };

test('data that its digest fits is stored, however it was written', async () => {
  const { body } = await suite.stack.post([
    event({ id: 'hex', source: 'right', data: DATA, digest: RIGHT }),
    event({
      id: 'base64',
      source: 'right',
      data: DATA,
      digest: digestOf('{"amount":1,"lines":[{"a":2,"b":1}],"name":"€"}', 'base64'),
    }),
    event({ id: 'none', source: 'right', data: undefined, digest: digestOf('{}') }),
  ]);
  expect(body).toMatchObject({ stored: 3, problems: [] });
  const record = JSON.stringify({ ...event({ id: 'spaces', source: 'right' }), digest: RIGHT });
  const spaced = record.replace(
    '"data":{"amount":1}',
    '"data": { "name":"\\u20ac", "lines" : [{"b":1e0,"a":2.0}], "amount":1.00 }',
  );
  expect((await suite.stack.post(spaced)).body).toMatchObject({ stored: 1, problems: [] });
});

test('data that it does not fit is stored with a note', async () => {
  const { body } = await suite.stack.post([
    event({ id: 'e', source: 'wrong', key: 'wrong', data: DATA, digest: WRONG }),
  ]);
  expect(body).toMatchObject({
    stored: 1,
    problems: [{ outcome: 'stored', code: 'digest_mismatch', field: 'digest' }],
  });
  expect(await suite.stack.timeline('orders', 'wrong')).toMatchObject([{ data: DATA }]);
});

test('or kept for a steward, where its source says so', async () => {
  const store = new RegisterStore(suite.stack.clickhouse);
  const body = JSON.stringify({ owner: 'team', invalidRecords: 'quarantine' });
  await store.append('source', 'careful', 1, 'careful-1', { body, by: 'admin', at: Date.now() * 1000 });
  const bad = event({ id: 'e', source: 'careful', data: DATA, digest: WRONG });
  await until('the source is known', async () => {
    const { body: receipt } = await suite.stack.post([{ ...bad, id: String(Math.random()) }]);
    return (receipt as { quarantined: number }).quarantined === 1;
  });
  const { body: receipt } = await suite.stack.post([bad]);
  expect(receipt).toMatchObject({ quarantined: 1, problems: [{ outcome: 'quarantined', code: 'digest_mismatch' }] });
});

test('a CloudEvent carries it as an extension, over its data as it is', async () => {
  const cloudEvent = (id: string, digest: string, data: unknown): string =>
    JSON.stringify({
      ...{ specversion: '1.0', id, source: 'cloud', type: 'order.placed', time: '2026-11-20T09:30:00Z' },
      ...{ process: 'orders', stage: 'shop', businesskey: 'cloud', digest, data },
    });
  const good = cloudEvent('good', digestOf('[2,"x"]'), [2, 'x']);
  expect((await suite.stack.post(good, CLOUD)).body).toMatchObject({ stored: 1, problems: [] });
  const bad = cloudEvent('bad', digestOf('{"value":[2,"x"]}'), [2, 'x']);
  expect((await suite.stack.post(bad, CLOUD)).body).toMatchObject({ problems: [{ code: 'digest_mismatch' }] });
});

test('what is no digest is refused', async () => {
  const records = [
    event({ id: '1', source: 'odd', digest: 'md5:00' }),
    event({ id: '2', source: 'odd', digest: 7 }),
    event({ id: '3', source: 'odd', digest: `sha-256:${'0'.repeat(63)}` }),
  ];
  const { body } = await suite.stack.post(records);
  expect(body).toMatchObject({
    rejected: 3,
    errors: expect.arrayContaining([expect.objectContaining({ field: '1:digest' })]),
  });
  const unholdable =
    '{"id":"4","source":"odd","process":"orders","stage":"shop","key":"K","type":"t","occurredAt":"2026-11-20T09:30:00Z"';
  const huge = `${unholdable},"digest":"${RIGHT}","data":{"amount":1e400}}`;
  expect((await suite.stack.post(huge)).body).toMatchObject({ stored: 1, problems: [{ code: 'digest_mismatch' }] });
});

test('what its digest does not fit is never sampled out', async () => {
  const stages = [...ORDERS.stages, { id: 'cdn', role: 'observer' as const, sampleRate: 0.000001 }];
  await suite.stack.putProcess('observed', { ...ORDERS, stages });
  const seen = (id: string, digest?: string) =>
    event({ id, source: 'cdn', process: 'observed', stage: 'cdn', key: id, data: DATA, digest });
  const { body } = await suite.stack.post([seen('o1', WRONG), seen('o2', RIGHT), seen('o3')]);
  expect(countsOf(body)).toEqual({ ...NONE, received: 3, stored: 1, sampledOut: 2 });
  expect(body['problems']).toMatchObject([{ line: 1, code: 'digest_mismatch' }]);
});
