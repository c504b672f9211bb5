import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type Answer, type Stage, startStage } from '../workflow/stage';

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
let temporal: TemporalServer;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  await insert([
    { id: 'o-1', key: '4711', on: '2020-02-10', attributes: '{"region":"us","severity":"high"}' },
    { id: 'o-2', key: '4711', on: '2020-02-10', type: 'case.closed', occurred: '2020-03-01' },
    { id: 'o-3', key: '4712', on: '2024-05-01', categories: 'financial' },
    { id: 'o-4', key: '4713', on: '2026-11-01', class: 'test' },
    { id: 'o-5', key: '4714', on: '2020-02-11', data: 'x'.repeat(1_000) },
  ]);
  await made('PUT', '/v1/processes/invoicing', {
    stages: [
      { id: 'shop', role: 'source' },
      { id: 'erp', role: 'target' },
    ],
    fields: [],
    records: { region: 'eu', environment: 'production' },
  });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

async function insert(rows: readonly Record<string, string>[]): Promise<void> {
  const values = rows.map(
    ({ id, key, on, occurred = on, attributes = '', type = 'order', categories = '', data = '{}', ...over }) => ({
      ...{
        process: 'invoicing',
        key,
        stage: 'shop',
        source: 'shop',
        id,
        attempt: 1,
        type,
        outcome: 'stored',
        sign: 1,
        digest: 0,
      },
      ...{ origin_from: 'event', definition: 0, occurred_at: `${occurred} 08:00:00`, origin_at: `${on} 08:00:00` },
      ...{
        received_at: `${on} 08:00:00`,
        correlation_id: '',
        identity: id!.padEnd(16, '-'),
        payload_hash: 1,
        agreed: '[]',
      },
      ...{ attributes, categories, data, ...over },
    }),
  );
  await stage.sql.insert({ table: 'tracking_records', values, format: 'JSONEachRow' });
}
async function made(method: 'PUT' | 'POST' | 'GET', path: string, body?: object): Promise<any> {
  const answer = await stage.call(method, path, body ? { body } : {});
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const problem = ({ status, body }: Answer): unknown[] => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ field, reason }: { field: string; reason: string }) => `${field}: ${reason}`),
];
const explained = async (query: string): Promise<any[]> => (await made('GET', `/v1/retention/explain?${query}`)).items;
const put = (id: string, body: object) => stage.call('PUT', `/v1/retention-policies/${id}`, { body });

test('policies are documents: versions, ETags, and reasons where they are refused', async () => {
  const invoices = {
    match: { classes: ['financial'], categories: ['financial'] },
    tiers: { archive: '10y' },
    action: 'delete',
    statute: { minimum: '10y', source: 'HGB § 257' },
  };
  expect((await put('invoices', invoices)).body).toMatchObject({ version: 1, explicit: true, enabled: true });
  expect(problem(await put('invoices', { ...invoices, tiers: { archive: '11y' } }))).toEqual([
    428,
    'precondition_required',
  ]);
  expect(problem(await put('short', { action: 'delete', tiers: { archive: '1y' } }))).toEqual([
    400,
    'contradictory_policy',
    'tiers.archive: deletes before the statutory minimum of invoices, 10y (HGB § 257)',
  ]);
  expect(
    problem(
      await put('odd', {
        action: 'delete',
        tiers: { archive: '3y' },
        statute: { minimum: '5y', maximum: '4y', source: 'a law' },
      }),
    ),
  ).toEqual([
    400,
    'contradictory_policy',
    'statute.maximum: is shorter than the minimum, 5y',
    'tiers.archive: ends before the statutory minimum, 5y (a law)',
  ]);
  expect(problem(await put('bad', { action: 'shred', tiers: { archive: '7 years' } }))[1]).toBe('invalid_request');
  expect(problem(await put('built-in-standard', { action: 'delete' }))[1]).toBe('invalid_request');
  expect((await stage.call('GET', '/v1/retention-policies/none')).body.code).toBe('retention_policy_not_found');
});

test('any record is explained, by id, by key and by attributes', async () => {
  await made('PUT', '/v1/retention-policies/us', {
    match: { regions: ['us'] },
    tiers: { archive: '20y' },
    action: 'retain',
  });
  await made('PUT', '/v1/retention-policies/closed', {
    match: { processes: ['invoicing'], regions: ['eu'] },
    tiers: { archive: '30y' },
    action: 'delete',
    startsOn: { type: 'case.closed' },
  });
  expect(await explained('process=invoicing&id=o-1')).toMatchObject([
    {
      record: { region: 'us', environment: 'production', severity: 'high', receivedOn: '2020-02-10' },
      ...{
        rule: 'retain_over_delete',
        winner: { policy: 'us', until: '2040-02-11' },
        goesOn: '2040-02-11',
        tier: 'archive',
      },
    },
  ]);
  expect(await explained('process=invoicing&id=o-2')).toMatchObject([
    { record: { region: 'eu', key: '4711' }, rule: 'only', winner: { policy: 'closed' }, goesOn: '2050-03-02' },
  ]);
  const [waiting] = await explained('process=invoicing&key=4714');
  expect(waiting).toMatchObject({
    goesOn: null,
    winner: { policy: 'closed', until: null, waitsFor: { type: 'case.closed' } },
  });
  expect(await explained('class=test&receivedOn=2026-11-01')).toMatchObject([
    { goesOn: '2026-11-09', tier: 'due', winner: { policy: 'built-in-test' } },
  ]);
  expect(await explained('class=financial&categories=financial,pci&receivedOn=2026-01-31')).toMatchObject([
    { goesOn: '2036-02-01' },
  ]);
  expect((await stage.call('GET', '/v1/retention/explain?process=invoicing&id=nothing')).body.code).toBe(
    'record_not_found',
  );
  expect((await stage.call('GET', '/v1/retention/explain?id=o-1')).body.code).toBe('invalid_request');
});

test('a hold goes before every policy', async () => {
  const { id } = await made('POST', '/v1/holds', {
    matter: 'a claim',
    counsel: 'counsel-a',
    scope: { processes: ['invoicing'], keys: ['4711'] },
    reason: 'a letter',
  });
  const asked = await made('POST', '/v1/holds', {
    matter: 'all of a type',
    counsel: 'counsel-a',
    scope: { types: ['case.closed'] },
    reason: 'a letter',
  });
  const items = await explained('process=invoicing&key=4711');
  expect(items.map(({ rule, holds, goesOn }) => [rule, holds, goesOn])).toEqual(
    items.map(() => ['hold', [id, asked.id].sort(), null]),
  );
  expect(items.find(({ record }) => record.id === 'o-1').goesOnWithoutHolds).toBe('2040-02-11');
  expect((await explained('process=invoicing&key=4712'))[0].holds).toEqual([]);
});

test('an impact is counted before a policy is saved, and saves nothing', async () => {
  const policy = { match: { processes: ['invoicing'], regions: ['eu'] }, tiers: { archive: '1y' }, action: 'delete' };
  const before = (await made('GET', '/v1/retention-policies')).items.length;
  const found = await made('POST', '/v1/retention-policies/quick/impact', {
    ...policy,
    match: { ...policy.match, severities: ['none'], classes: ['standard'] },
  });
  expect(found).toMatchObject({ deletes: { records: 0 }, none: { records: 5 }, groups: [] });
  const refused = await stage.call('POST', '/v1/retention-policies/quick/impact', { body: policy });
  expect(problem(refused)[1]).toBe('contradictory_policy');
  const closed = {
    match: { processes: ['invoicing'], regions: ['eu'] },
    tiers: { archive: '12y' },
    action: 'delete',
    enabled: true,
  };
  // Not from the closing of the case any more, but from receipt: two are due at another time.
  const later = await made('POST', '/v1/retention-policies/closed/impact', closed);
  expect(later).toMatchObject({ deletes: { records: 0 }, sooner: { records: 3 }, none: { records: 2 } });
  expect(later.groups).toEqual([
    expect.objectContaining({
      partition: '1-202002',
      records: 2,
      impact: 'sooner',
      firstGoesOn: '2032-02-11',
      lastGoesOn: '2032-02-12',
    }),
    expect.objectContaining({ partition: '1-202405', records: 1, impact: 'sooner' }),
  ]);
  expect((await made('GET', '/v1/retention-policies')).items).toHaveLength(before);
});

test('a preview counts exactly, an empty scope is refused, and what is everything waits', async () => {
  const preview = (scope: object) => made('POST', '/v1/holds/preview', { scope });
  expect(await preview({ processes: ['invoicing'], keys: ['4711'] })).toMatchObject({
    records: 2,
    keys: 1,
    everything: false,
  });
  expect(await preview({ processes: ['invoicing'] })).toMatchObject({
    records: 5,
    keys: 4,
    everything: true,
    firstAt: '2020-02-10T08:00:00Z',
  });
  const place = (scope: object) =>
    stage.call('POST', '/v1/holds', { body: { matter: 'm', counsel: 'c', scope, reason: 'r' } });
  expect(problem(await place({}))).toEqual([400, 'empty_scope', expect.stringMatching(/^scope: /)]);
  expect(problem(await place({ keys: ['4711'] }))[1]).toBe('invalid_request');
  expect(problem(await place({ everything: true, processes: ['invoicing'] }))[1]).toBe('invalid_request');
  expect((await place({ processes: ['invoicing'] })).body).toMatchObject({ state: 'proposed', inForce: false });
});

test('new records fall under a hold as they arrive; the report of open holds says so, as JSON and CSV', async () => {
  const { id } = await made('POST', '/v1/holds', {
    matter: '=cmd',
    counsel: 'a, b',
    scope: { fields: [{ path: 'customer.id', in: ['c-1'] }] },
    reason: 'r',
    custodians: [{ id: 'custodian-a' }],
  });
  expect(await made('GET', `/v1/holds/${id}/count`)).toMatchObject({ records: 0, firstAt: null });
  await insert([{ id: 'o-6', key: '4720', on: '2026-10-01', data: '{"customer":{"id":"c-1"}}' }]);
  expect(await made('GET', `/v1/holds/${id}/count`)).toMatchObject({ records: 1, keys: 1 });
  const { items } = await made('GET', '/v1/holds/report');
  expect(items).toContainEqual(expect.objectContaining({ hold: id, records: 1, custodians: 1, acknowledged: 0 }));
  const { port } = stage.api.app.getHttpServer().address() as AddressInfo;
  const key = readFileSync(stage.configuration.HOLDFAST_ADMIN_KEY_FILE!, 'utf8').trim();
  const csv = await fetch(`http://127.0.0.1:${port}/v1/holds/report?format=csv`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(csv.headers.get('content-type')).toContain('text/csv');
  expect(await csv.text()).toContain(`${id},in_force,'=cmd,"a, b",`);
});

test('the command line does the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-retention-'));
  try {
    const { port } = stage.api.app.getHttpServer().address() as AddressInfo;
    const common = ['--url', `http://127.0.0.1:${port}`, '--key-file', stage.configuration.HOLDFAST_ADMIN_KEY_FILE!];
    const cli = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [MAIN, ...common, ...args])).stdout;
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const policy = file(
      'policy.yaml',
      'kind: retention-policy\nid: probes\nmatch: { classes: [test] }\ntiers: { hot: 1d, cold: 1d, archive: 1d }\naction: delete\n',
    );
    expect(await cli('retention', 'policies', 'impact', policy)).toMatch(/deleted at once +0 records/);
    expect(await cli('retention', 'policies', 'apply', policy)).toMatch(/retention-policy +probes +1 +created/);
    expect(await cli('retention', 'policies', 'list')).toMatch(/probes +1 +delete +1d +receipt +classes test/);
    expect(await cli('retention', 'explain', '--class', 'test', '--received-on', '2026-01-01')).toMatch(
      /goes on +2026-01-03/,
    );
    const hold = file(
      'hold.yaml',
      'matter: a claim\ncounsel: counsel-a\nscope: { processes: [invoicing], keys: ["4712"] }\n',
    );
    expect(await cli('holds', 'preview', hold)).toMatch(/records +1/);
    const { id } = JSON.parse(await cli('--json', 'holds', 'place', hold, '--reason', 'a letter'));
    expect(await cli('holds', 'show', id)).toMatch(/in force +yes[^]*records +1/);
    expect(await cli('holds', 'amend', id, hold, '--version-seen', '1', '--reason', 'again')).toMatch(/version +2/);
    expect(await cli('holds', 'ask-release', id, '--version-seen', '2', '--reason', 'settled')).toMatch(
      /state +releasing/,
    );
    expect(await cli('holds', 'list')).toContain(id);
    expect(await cli('holds', 'report')).toContain(id);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
