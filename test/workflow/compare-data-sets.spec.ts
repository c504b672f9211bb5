import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComparisonDefinitionService } from '@holdfast/domains/comparisons/comparison-definition.service';
import { ComparisonsService } from '@holdfast/domains/comparisons/comparisons.service';
import { ComparisonsStore } from '@holdfast/domains/comparisons/comparisons.store';
import { ConfiguredConnections } from '@holdfast/domains/comparisons/configured-connections';
import type { ComparisonDefinition } from '@holdfast/domains/comparisons/core/comparison';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { compareDataSets } from '@holdfast/workflows/comparisons/compare-data-sets/contract';
import { openDueComparison } from '@holdfast/workflows/comparisons/open-due-comparison/contract';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type Answer, keep, startStage, until, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-comparisons-'));
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address, { HOLDFAST_CONNECTIONS_FILE: file('connections.yaml') });
  const { url, password } = stage.engine;
  writeFileSync(file('password'), `${password}\n`);
  writeFileSync(
    file('connections.yaml'),
    JSON.stringify({
      connections: {
        exports: { kind: 'file', folder },
        store: { kind: 'clickhouse', url, user: 'default', password: { file: file('password') }, database: 'app' },
        closed: { kind: 'clickhouse', url: 'http://127.0.0.1:1', user: 'default', database: 'app' },
      },
    }),
  );
  writeFileSync(file('shop.csv'), 'id,amount,name\n1,10,a\n2,20,b\n3,30,c\n4,40,d\n');
  writeFileSync(file('erp.csv'), 'id,amount,name\n1,10.0,a\n3,31,c\n4,40,d\n5,50,e\n');
  writeFileSync(file('twice.csv'), 'id,amount,name\nsecret-7,10,a\nsecret-7,20,a\n');
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
  rmSync(folder, { recursive: true, force: true });
});

const csv = (path: string) => ({ kind: 'file', connection: 'exports', path });
const pair = (source: object, target: object, more: object = {}) => ({
  source,
  target,
  key: [{ name: 'id' }],
  ...more,
});
const start = (body: object): Promise<Answer> => stage.call('POST', '/v1/comparisons', { body });
const ended = (id: string): Promise<Answer['body']> =>
  until(
    `${id} has ended`,
    async () => {
      const { body } = await stage.call('GET', `/v1/comparisons/${id}`);
      return body.state === 'running' ? undefined : body;
    },
    90,
  );
const differences = async (id: string, query = ''): Promise<Answer['body']> =>
  (await stage.call('GET', `/v1/comparisons/${id}/differences?${query}`)).body;
const historyOf = async (id: string): Promise<string> =>
  JSON.stringify(await stage.client.workflow.getHandle(`comparison/${id}`).fetchHistory());

it('compares files and tables, and tells what differs page by page', async () => {
  await stage.sql.command({
    query: 'create table erp_orders (id Int64, amount Decimal(12,2), name String) engine = MergeTree order by id',
  });
  await stage.sql.command({ query: "insert into erp_orders values (1,10,'a'),(3,31,'c'),(4,40,'d'),(5,50,'e')" });
  const erp = { kind: 'clickhouse', connection: 'store', table: 'erp_orders' };
  const { body, status } = await start({ inline: pair(csv('shop.csv'), erp) });
  expect([status, body]).toMatchObject([202, { state: 'running', definition: null, askedBy: 'admin' }]);
  const done = await ended(body.id);
  expect(done).toMatchObject({
    state: 'done',
    counts: { same: 2, added: 1, removed: 1, changed: 1 },
    result: { isEqual: false, partial: null, how: { key: ['id'], columns: ['amount', 'name'] } },
    failure: null,
  });
  const first = await differences(body.id, 'limit=2');
  const rest = await differences(body.id, `limit=2&cursor=${first.next}`);
  expect([...first.items, ...rest.items]).toMatchObject([
    { is: 'removed', key: { id: '2' }, source: { name: 'b' }, target: null },
    { is: 'changed', key: { id: '3' }, source: { amount: '30' }, columns: ['amount'] },
    { is: 'added', key: { id: '5' }, source: null, target: { name: 'e' } },
  ]);
  expect(rest.next).toBeUndefined();
  await keep(stage.client.workflow.getHandle(`comparison/${body.id}`), compareDataSets.name, 'done');
});

it('keeps to its budget, and says so', async () => {
  const inline = pair(csv('shop.csv'), csv('erp.csv'), { columns: [{ name: 'name' }], budget: { differences: 1 } });
  const { body } = await start({ inline });
  expect(await ended(body.id)).toMatchObject({
    failure: null,
    state: 'done',
    result: { isEqual: false, partial: 'differences' },
  });
  expect((await differences(body.id)).items).toHaveLength(1);
});

it('fails for good where a repeat would not help, and leaves no key in the answer or the history', async () => {
  const { body } = await start({ inline: pair(csv('twice.csv'), csv('erp.csv')) });
  const failed = await ended(body.id);
  expect(failed).toMatchObject({ state: 'failed', result: null, failure: { code: 'key_not_unique' } });
  expect(failed.failure.detail).toContain('is not unique in the source');
  expect(JSON.stringify(failed)).not.toContain('secret-7');
  await until(
    'its workflow has ended',
    async () => (await stage.client.workflow.getHandle(`comparison/${body.id}`).describe()).status.name === 'COMPLETED',
  );
  expect(await historyOf(body.id)).not.toContain('secret-7');
});

it('ends what could not be started, so that it does not run for ever', async () => {
  const nobody = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  const { app } = stage.api;
  const service = new ComparisonsService(
    nobody,
    app.get(ComparisonsStore, { strict: false }),
    app.get(ComparisonDefinitionService, { strict: false }),
    app.get(ConfiguredConnections, { strict: false }),
  );
  const inline = pair(csv('shop.csv'), csv('erp.csv')) as ComparisonDefinition;
  await expect(service.start({ inline }, 'somebody')).rejects.toMatchObject({ kind: 'unavailable' });
  const { body } = await stage.call('GET', '/v1/comparisons?limit=1');
  expect(body.items).toEqual([
    expect.objectContaining({
      askedBy: 'somebody',
      state: 'failed',
      result: null,
      failure: expect.objectContaining({ detail: 'it could not be started' }),
    }),
  ]);
}, 60_000);

it('tries again while a store is away, and can be stopped', async () => {
  const away = { kind: 'clickhouse', connection: 'closed', table: 'orders' };
  const { body } = await start({ inline: pair(csv('shop.csv'), away) });
  const handle = stage.client.workflow.getHandle(`comparison/${body.id}`);
  await until('it has failed once', async () => {
    const { raw } = await handle.describe();
    return (raw.pendingActivities?.[0]?.attempt ?? 0) > 1;
  });
  expect((await stage.call('POST', `/v1/comparisons/${body.id}/stop`)).status).toBe(202);
  expect(await ended(body.id)).toMatchObject({ state: 'stopped', result: null, failure: null });
  expect((await stage.call('POST', `/v1/comparisons/${body.id}/stop`)).body.state).toBe('stopped');
  await handle.result();
  await keep(handle, compareDataSets.name, 'stopped');
});

it('refuses what it cannot compare, by field, and stores nothing', async () => {
  const refused = async (body: object): Promise<unknown[]> => {
    const answer = await start(body);
    return [answer.status, answer.body.code, answer.body.errors?.[0]?.field];
  };
  const known = csv('shop.csv');
  const before = (await stage.call('GET', '/v1/comparisons')).body.items.length;
  const unknown = { ...known, connection: 'nowhere' };
  expect(await refused({ inline: pair(unknown, known) })).toEqual([400, 'connection_unknown', 'source.connection']);
  const inherited = { ...known, connection: 'constructor' };
  expect(await refused({ inline: pair(known, inherited) })).toEqual([400, 'connection_unknown', 'target.connection']);
  const otherKind = { kind: 'clickhouse', connection: 'exports', table: 'x' };
  expect(await refused({ inline: pair(known, otherKind) })).toEqual([400, 'connection_unknown', 'target.connection']);
  const byField = async (field: string, inline: object): Promise<void> =>
    expect(await refused({ inline })).toEqual([400, 'invalid_request', field]);
  await byField('inline.source.url', pair({ ...known, url: 'file:///etc' }, known));
  await byField('inline.budget.rows', pair(known, known, { budget: { rows: 0 } }));
  await byField('inline.key', { source: known, target: known, key: [] });
  expect(await refused({ definition: 'none' })).toEqual([404, 'comparison_not_found', undefined]);
  expect((await refused({})).slice(0, 2)).toEqual([400, 'invalid_request']);
  expect((await stage.call('GET', '/v1/comparisons/none')).status).toBe(404);
  expect((await stage.call('GET', '/v1/comparisons')).body.items).toHaveLength(before);
});

it('lets nobody read other stores, or see their values, who may not', async () => {
  const known = csv('shop.csv');
  const { id } = (await start({ inline: pair(known, known) })).body;
  await ended(id);
  const allowed = async (role: string): Promise<number[]> => {
    const made = await stage.call('POST', '/v1/keys', {
      body: { principal: { id: `a-${role}`, kind: 'machine', roles: [role] } },
    });
    expect([made.body.code, made.status]).toEqual([undefined, 201]);
    const headers = { authorization: `Bearer ${made.body.key}` };
    const calls = [
      stage.call('GET', `/v1/comparisons/${id}`, { headers }),
      stage.call('GET', '/v1/comparison-definitions', { headers }),
      stage.call('GET', `/v1/comparisons/${id}/differences`, { headers }),
      stage.call('POST', '/v1/comparisons', { headers, body: { inline: pair(known, known) } }),
      stage.call('POST', `/v1/comparisons/${id}/stop`, { headers }),
      stage.call('PUT', '/v1/comparison-definitions/other', { headers, body: { ...pair(known, known), owner: 'me' } }),
    ];
    return (await Promise.all(calls)).map(({ status }) => status);
  };
  expect(await allowed('sender')).toEqual([403, 403, 403, 403, 403, 403]);
  expect(await allowed('viewer')).toEqual([200, 200, 403, 403, 403, 403]);
  expect(await allowed('responder')).toEqual([200, 200, 403, 403, 403, 403]);
  expect(await allowed('operator')).toEqual([200, 200, 200, 202, 202, 200]);
});

describe('a scheduled definition', () => {
  const findings = async (): Promise<Answer['body'][]> =>
    (await stage.call('GET', '/v1/findings')).body.items.filter(
      (one: { subject: string | null }) => one.subject === 'comparison/orders',
    );
  const openDue = async (): Promise<boolean> =>
    stage.client.workflow.execute(openDueComparison.name, {
      workflowId: openDueComparison.id('orders'),
      taskQueue: 'control',
      args: ['orders'],
    });
  const newest = async (): Promise<Answer['body']> =>
    (await stage.call('GET', '/v1/comparisons?definition=orders')).body.items[0];

  it('has one comparison in each span, and its differences become a finding until they are gone', async () => {
    const levels = [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 86_400 }];
    await stage.call('PUT', '/v1/escalation-policies/on-call', { body: { levels, repeats: 0 } });
    const document = {
      ...pair(csv('shop.csv'), csv('daily.csv'), { columns: [{ name: 'name' }] }),
      ...{ schedule: { everySeconds: 3600 }, owner: 'shop-team', escalationPolicy: 'on-call' },
    };
    writeFileSync(file('daily.csv'), 'id,name\n1,a\n2,b\n3,c\n');
    const put = await stage.call('PUT', '/v1/comparison-definitions/orders', { body: document });
    expect([put.body, put.status]).toMatchObject([{ version: 1, budget: { differences: 100_000 } }, 200]);
    expect(await openDue()).toBe(true);
    const first = await until('there is one', newest);
    expect(await ended(first.id)).toMatchObject({
      failure: null,
      state: 'done',
      askedBy: null,
      definition: 'orders',
      counts: { removed: 1 },
    });
    await keep(stage.client.workflow.getHandle(openDueComparison.id('orders')), openDueComparison.name, 'opened');
    const [finding] = await until('it is a finding', async () =>
      (await findings()).length > 0 ? findings() : undefined,
    );
    expect(finding).toMatchObject({
      kind: 'data_sets_differ',
      state: 'open',
      owner: 'shop-team',
      severity: 'critical',
    });
    expect(finding.impact.cases).toBe(1);
    expect(await openDue()).toBe(false);
    writeFileSync(file('daily.csv'), 'id,name\n1,a\n2,b\n3,c\n4,d\n');
    // A span that begins at half past some hour is none of those of whole hours.
    const calendar = { unit: 'month', zone: 'Pacific/Kiritimati', startsAt: '00:30' };
    const changed = await stage.call('PUT', '/v1/comparison-definitions/orders', {
      body: { ...document, schedule: { calendar } },
      headers: { 'if-match': String(put.headers.get('etag')) },
    });
    expect([changed.body.version, changed.status]).toEqual([2, 200]);
    expect(await openDue()).toBe(true);
    const second = await until('there is another', async () => {
      const found = await newest();
      return found.id !== first.id && found;
    });
    expect(await ended(second.id)).toMatchObject({ failure: null, result: { isEqual: true } });
    expect(
      await until('it is fixed', async () => (await findings()).find(({ state }) => state === 'fixed')),
    ).toMatchObject({ id: finding.id });
  });
});

it('forgets keys and values after their time, and never the counts', async () => {
  const store = stage.worker.get(ComparisonsStore, { strict: false });
  const run = { comparison: 'old', definition: '', version: 0, body: {} as never, askedBy: 'x', scheduled: false };
  const askedAt = Date.UTC(2020, 0, 8) * 1000;
  const at = { execution: 'e', segment: 1 };
  await store.addDifferences({ ...run, askedAt }, at, 0, [{ is: 'added', key: ['1'], target: ['x'] }]);
  const lineage = { executions: ['e'], ends: [1] };
  const told = () => store.differences('old', lineage, { segment: 0, ordinal: 0 }, 10);
  expect(await told()).toHaveLength(1);
  expect(await store.forget(askedAt + 3 * 86_400_000_000)).toBe(0);
  expect(await told()).toHaveLength(1);
  expect(await store.forget(askedAt + 8 * 86_400_000_000)).toBe(1);
  expect(await told()).toEqual([]);
});
