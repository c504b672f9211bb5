import type { AddressInfo } from 'node:net';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { RegisterStore } from '@holdfast/domains/register/register.store';
import { STALENESS_MS } from '@holdfast/domains/register/register.service';
import type { HttpApplication } from '@holdfast/platform/http';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { createApi } from '../../apps/api/main';
import { startStage, until, type Stage } from '../workflow/stage';

const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };

let temporal: TemporalServer;
let stage: Stage;
let second: HttpApplication;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  second = await createApi({ auditor: UNAUDITED, configuration: stage.configuration, logger: silent });
  await second.app.listen(0, '127.0.0.1');
  expect((second.app.getHttpServer().address() as AddressInfo).port).toBeGreaterThan(0);
});
afterAll(async () => {
  await second?.app.close();
  await stage?.stop();
  await temporal?.stop();
});

const definition = (description: string) => ({
  description,
  stages: [
    { id: 'shop', role: 'source' },
    { id: 'erp', role: 'target' },
  ],
});
const put = (id: string, description: string, headers: Record<string, string> = {}) =>
  stage.call('PUT', `/v1/processes/${id}`, { body: definition(description), headers });

describe('a document over HTTP', () => {
  it('is made, changed by who saw it, and keeps its history', async () => {
    const made = await put('orders', 'one', { 'if-none-match': '*' });
    expect(made).toMatchObject({
      status: 200,
      body: { id: 'orders', version: 1, description: 'one', changedBy: 'admin', cardinality: '1:1', graceSeconds: 900 },
    });
    expect(made.headers.get('etag')).toBe('"1"');
    expect((await stage.call('GET', '/v1/processes/orders')).headers.get('etag')).toBe('"1"');

    const changed = await put('orders', 'two', { 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, description: 'two' } });
    expect(changed.headers.get('etag')).toBe('"2"');

    expect(await put('orders', 'three', { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { code: 'version_mismatch', currentVersion: 2 },
    });
    expect(await put('orders', 'three')).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
    expect(await put('orders', 'three', { 'if-none-match': '*' })).toMatchObject({
      status: 412,
      body: { code: 'document_exists' },
    });
    expect(await put('none', 'three', { 'if-match': '*' })).toMatchObject({
      status: 412,
      body: { code: 'document_missing' },
    });
    expect(await put('orders', 'three', { 'if-match': 'nonsense' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_precondition' },
    });
    expect((await put('orders', 'three', { 'if-match': '*' })).body.version).toBe(3);

    const pages = [];
    for (let cursor = ''; ;) {
      const { body } = await stage.call('GET', `/v1/processes/orders/history?limit=2${cursor}`);
      pages.push(body.items.map(({ version, description }: Record<string, unknown>) => [version, description]));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next as string}`;
    }
    expect(pages).toEqual([
      [
        [3, 'three'],
        [2, 'two'],
      ],
      [[1, 'one']],
    ]);
    const whole = await stage.call('GET', '/v1/processes/orders/history?limit=1000');
    expect([whole.status, whole.body.items.length]).toEqual([200, 3]);
  });

  it('is not sent again to who has its version', async () => {
    await put('cached', 'one');
    const policy = {
      levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 60 }],
    };
    await stage.call('PUT', '/v1/escalation-policies/cached', { body: policy });
    for (const path of ['/v1/processes/cached', '/v1/escalation-policies/cached']) {
      const same = await stage.call('GET', path, { headers: { 'if-none-match': '"1"' } });
      expect([same.status, same.headers.get('etag'), same.body]).toEqual([304, '"1"', undefined]);
      expect((await stage.call('GET', path, { headers: { 'if-none-match': '"2"' } })).body.version).toBe(1);
    }
  });

  it('that is written again as it is gets no further version', async () => {
    await put('same', 'one');
    expect((await put('same', 'one')).body.version).toBe(1);
    expect((await put('same', 'one', { 'if-match': '"1"' })).body.version).toBe(1);
    expect((await stage.call('GET', '/v1/processes/same/history')).body.items).toHaveLength(1);
  });

  it('of ten writers at once is changed by one', async () => {
    await put('race', 'zero');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, writer) => put('race', `writer ${writer}`, { 'if-match': '"1"' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(412)]);
    const winner = answers.find(({ status }) => status === 200)!.body.description as string;
    expect((await stage.call('GET', '/v1/processes/race')).body).toMatchObject({ version: 2, description: winner });
  });

  it('that does not exist is not found, of every kind', async () => {
    for (const [kind, code] of [
      ['processes', 'process_not_found'],
      ['escalation-policies', 'escalation_policy_not_found'],
    ])
      for (const part of ['', '/history'])
        expect(await stage.call('GET', `/v1/${kind}/nowhere${part}`)).toMatchObject({ status: 404, body: { code } });
  });

  it('is refused with every field that is wrong, and nothing is stored', async () => {
    const answer = await stage.call('PUT', '/v1/processes/wrong', {
      body: {
        stages: [{ id: 'a b', role: 'source' }],
        fields: [{ name: 'x' }, { name: 'x' }],
        graceSeconds: -1,
        more: 1,
      },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const fields = (answer.body.errors as { field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['stages', 'stages.0.id', 'graceSeconds']));
    expect((await stage.call('GET', '/v1/processes/wrong')).status).toBe(404);
    expect(
      await stage.call('PUT', '/v1/processes/wrong', { body: { ...definition('x'), escalationPolicy: 'nobody' } }),
    ).toMatchObject({ status: 400, body: { code: 'unknown_escalation_policy' } });
  });

  it('is listed by id, page by page', async () => {
    for (const id of ['list-c', 'list-a', 'list-b']) await put(id, 'x');
    const first = await stage.call('GET', '/v1/processes?limit=2');
    expect(first.body.items).toHaveLength(2);
    const ids = [];
    for (let cursor = ''; ;) {
      const { body } = await stage.call('GET', `/v1/processes?limit=2${cursor}`);
      ids.push(...body.items.map(({ id }: { id: string }) => id));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next as string}`;
    }
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(expect.arrayContaining(['list-a', 'list-b', 'list-c']));
    expect(new Set(ids).size).toBe(ids.length);
    const whole = await stage.call('GET', '/v1/processes?limit=1000');
    expect([whole.status, whole.body.items.length]).toEqual([200, ids.length]);
  });
});

describe('what another process has read', () => {
  it('is at most a second old; that something is not there is never believed', async () => {
    const other = second.app.get(CatalogService, { strict: false });
    expect(await other.findProcesses(['shared'])).toEqual([]);
    await put('shared', 'one');
    expect(await other.findProcesses(['shared'])).toMatchObject([{ version: 1 }]);
    await put('shared', 'two', { 'if-match': '"1"' });
    const changedAt = performance.now();
    expect(await other.findProcesses(['shared'], true)).toMatchObject([{ version: 2 }]);
    await put('shared', 'three', { 'if-match': '"2"' });
    const seen = await until('the change is seen', async () => {
      const [found] = await other.findProcesses(['shared']);
      return found?.version === 3 && performance.now();
    });
    expect(seen - changedAt).toBeLessThan(STALENESS_MS + 3_000);
    expect((await other.process('shared')).version).toBe(3);
  });

  it('is asked for by one query, however many want it at once, and is the same object for all of them', async () => {
    await put('wanted', 'one');
    const other = second.app.get(CatalogService);
    const asking = jest.spyOn(second.app.get(RegisterStore), 'changes');
    const all = (await Promise.all(Array.from({ length: 200 }, () => other.findProcesses(['wanted'])))).flat();
    expect(all).toHaveLength(200);
    expect(new Set(all).size).toBe(1);
    expect(all[0]).toMatchObject({ id: 'wanted', version: 1 });
    // One that was under way when it was found to be missing, and one that began after that.
    expect(asking.mock.calls.length).toBeLessThanOrEqual(2);
    asking.mockRestore();
  });
});
