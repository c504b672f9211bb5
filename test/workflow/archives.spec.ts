import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { newId } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { keep, processOn, type Stage, startStage, until } from './stage';

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
let env: TestWorkflowEnvironment;
let stage: Stage;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-archives-'));
const period = new Date().toISOString().slice(0, 7).replace('-', '');

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address, {
    HOLDFAST_ARCHIVE_STORE: pathToFileURL(join(folder, 'store')).href,
    HOLDFAST_ARCHIVE_KEY_RING: pathToFileURL(join(folder, 'ring.json')).href,
    HOLDFAST_STATEMENT_KEYS: `first=${Buffer.alloc(32, 5).toString('base64')}`,
    HOLDFAST_ARCHIVE_DRILL_POLICY: 'pager',
  });
  await call('PUT', '/v1/escalation-policies/pager', {
    levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }] }],
  });
  const orders = await processOn(stage, 'orders');
  for (let key = 0; key < 20; key++) await orders.tell(Date.now() * 1000, `K${key}`);
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<any> {
  const answer = await stage.call(method, path, { ...(body && { body }) });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const refused = async (path: string, body: object): Promise<[number, string]> => {
  const answer = await stage.call('POST', path, { body });
  return [answer.status, answer.body.code];
};

/** Runs a workflow to its end; virtual time goes on only while it waits. */
async function run(name: string, workflowId: string, args: unknown[], history?: string): Promise<any> {
  const handle = await stage.client.workflow.start(name, { workflowId, taskQueue: 'control', args });
  await until(`${name} has ended`, async () => (await handle.describe()).status.name !== 'RUNNING');
  const result: unknown = await handle.result();
  if (history !== undefined) await keep(handle, name, history);
  return result;
}
const ended = async (workflowId: string, workflow: string, history?: string): Promise<any> => {
  const handle = stage.client.workflow.getHandle(workflowId);
  await until(`${workflowId} has ended`, async () => (await handle.describe()).status.name !== 'RUNNING');
  if (history !== undefined) await keep(handle, workflow, history);
  return handle.result();
};

/** Of the month that is not over yet: the API would refuse it. */
async function written(history?: string): Promise<string> {
  const archive = `standard-${newId()}`;
  const request = {
    archive,
    class: 'standard',
    period,
    policy: '',
    policyVersion: 0,
    retainUntil: 0,
    requestedBy: 'a',
  };
  expect(await run('writeArchive', `archive/standard/${period}`, [request], history)).toMatchObject({ fault: '' });
  return archive;
}

test('a partition is archived, read back and shown', async () => {
  const archive = await written('a-partition');
  const found = await call('GET', `/v1/archives/${archive}`);
  expect(found).toMatchObject({ state: 'verified', fault: null, objects: 1, class: 'standard', period });
  expect(found.rows).toBeGreaterThanOrEqual(60);
  expect(found.written).toMatchObject([{ number: 0, rows: found.rows, process: ['orders', 'orders'] }]);
  expect((await call('GET', '/v1/archives?limit=10')).items.map(({ id }: { id: string }) => id)).toContain(archive);
  const { items } = await call('POST', `/v1/archives/${archive}/query`, { process: 'orders', key: 'K3' });
  expect(items.map(({ stage: at, data }: any) => [at, data])).toEqual([
    ['erp', { amount: 1 }],
    ['hub', { amount: 1 }],
    ['shop', { amount: 1 }],
  ]);
  await call('POST', `/v1/archives/${archive}/verify`);
  await ended(`verify-archive/${archive}`, 'verifyArchive', 'nothing-wrong');
});

test('the command line shows, queries, restores and drills', async () => {
  const archive = await written();
  const { port } = stage.api.app.getHttpServer().address() as AddressInfo;
  const env = {
    ...process.env,
    HOLDFAST_URL: `http://127.0.0.1:${port}`,
    HOLDFAST_KEY_FILE: stage.configuration.HOLDFAST_ADMIN_KEY_FILE,
  };
  const holdfast = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [MAIN, 'archive', ...args], { env })).stdout;
  expect(await holdfast('list', '--class', 'standard')).toContain(archive);
  expect(await holdfast('show', archive)).toMatch(/^standard \d{6}: verified\n\d+ rows in 1 objects/);
  expect(await holdfast('query', archive, '--record-key', 'K3', '--stage', 'erp')).toMatch(
    /orders K3 erp orders-\d+ stored \{"amount":1\}\n1; objects read: 1, skipped: 0\n$/,
  );
  expect(await holdfast('verify', archive)).toBe('under way\n');
  await ended(`verify-archive/${archive}`, 'verifyArchive');
  const restore = (await holdfast('restore', archive, '--days', '1')).trim();
  await until('it is restored', async () => (await holdfast('restored', restore)).startsWith('restored, '));
  expect(await holdfast('drills')).toContain('there was none yet');
  const { keyId } = await call('GET', `/v1/archives/${archive}`);
  await expect(holdfast('destroy-key', keyId)).rejects.toThrow('nobody has asked');
  await expect(holdfast('query', archive, '--from', 'yesterday')).rejects.toThrow('RFC 3339');
});

test('what cannot be archived is refused, and nothing is kept of it', async () => {
  expect(await refused('/v1/archives', { class: 'standard', period })).toEqual([400, 'invalid_request']);
  expect(await refused('/v1/archives', { class: 'standard', period: '202613' })).toEqual([400, 'invalid_request']);
  expect(await refused('/v1/archives', { class: 'forever', period: '202601' })).toEqual([400, 'invalid_request']);
  expect(await refused('/v1/archives/none/query', {})).toEqual([404, 'archive_not_found']);
  expect(await refused('/v1/archives/none/restores', {})).toEqual([404, 'archive_not_found']);
  expect((await call('GET', '/v1/archives?period=202601')).items).toEqual([]);
});

test('records are restored for a time', async () => {
  const archive = await written();
  const { id } = await call('POST', `/v1/archives/${archive}/restores`, { days: 2 });
  await until('it is restored', async () => (await call('GET', `/v1/archive-restores/${id}`)).state === 'restored');
  const { items, next } = await call('GET', `/v1/archive-restores/${id}/records?key=K3&limit=2`);
  expect([items.length, typeof next]).toEqual([2, 'string']);
  const rest = await call('GET', `/v1/archive-restores/${id}/records?key=K3&limit=2&cursor=${next}`);
  expect(rest.items).toHaveLength(1);
  await env.sleep('2 days');
  await env.sleep('1 minute');
  await ended(`restore/${id}`, 'restoreArchive', 'for-two-days');
  expect(await call('GET', `/v1/archive-restores/${id}`)).toMatchObject({ state: 'expired' });
  expect((await stage.call('GET', `/v1/archive-restores/${id}/records`)).body.code).toBe('restore_not_there');
});

test('a drill says how long it took; one that fails raises an alert, which the next that succeeds ends', async () => {
  const archive = await run('drillArchives', 'drill-1', [], 'passed');
  expect((await call('GET', `/v1/archive-drills?archive=${archive}`)).items).toMatchObject([
    { archive, state: 'passed', fault: null },
  ]);
  const root = join(folder, 'store/objects/archives', archive);
  const name = readdirSync(root).find((one) => one.endsWith('.sealed'))!;
  const file = join(root, name, readdirSync(join(root, name))[0]!);
  const bytes = readFileSync(file);
  chmodSync(file, 0o600);
  writeFileSync(file, Buffer.from(bytes).fill(0, 200, 210));
  const drilled = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) if ((await run('drillArchives', `drill-${newId()}`, [])) === archive) return;
    throw new Error('its turn did not come');
  };
  await drilled();
  expect((await call('GET', `/v1/archive-drills?archive=${archive}`)).items[0]).toMatchObject({
    ...{ state: 'failed', fault: 'object_altered' },
  });
  const alert = async (state: string) =>
    until(`the alert is ${state}`, async () => {
      const { items } = await call('GET', '/v1/alerts?limit=100');
      return items.find(
        (one: any) => one.id.startsWith(`archive-${archive}`) && (one.state === 'resolved') === (state === 'resolved'),
      );
    });
  expect(await alert('open')).toMatchObject({ severity: 'critical', subject: { kind: 'archive', id: archive } });
  writeFileSync(file, bytes);
  await drilled();
  await alert('resolved');
});

test('keys are rotated', async () => {
  const archive = await written();
  const keys = async () => (await call('GET', '/v1/archive-keys?limit=100')).items;
  const [before] = await keys();
  await call('POST', '/v1/archive-keys/rotate', {});
  expect(await ended('rotate-archive-keys', 'rotateArchiveKeys', 'a-new-key')).toBeGreaterThan(0);
  const [after] = await keys();
  expect(after).toEqual({ ...before, wrappedBy: expect.not.stringMatching(before.wrappedBy) });
  await call('POST', `/v1/archives/${archive}/verify`);
  expect(await ended(`verify-archive/${archive}`, 'verifyArchive')).toMatchObject({ fault: '' });
});

test('a key is destroyed once somebody else approves it, and nothing that it sealed is read any more', async () => {
  const archive = await written();
  const { keyId } = await call('GET', `/v1/archives/${archive}`);
  const path = `/v1/archive-keys/${keyId}/destruction`;
  expect(await refused(`/v1/archive-keys/none/destruction`, { reason: 'x' })).toEqual([404, 'archive_key_not_found']);
  expect(await refused(path, { reason: ' ' })).toEqual([400, 'invalid_request']);
  expect(await call('POST', path, { reason: 'the contract has ended' })).toMatchObject({ state: 'requested' });
  expect(await refused(path, { reason: 'again' })).toEqual([409, 'destruction_open']);
  expect((await stage.call('POST', `${path}/approve`)).body.code).toBe('own_request');
  const other = (await call('POST', '/v1/keys', { principal: { id: 'on-call-b', kind: 'person', roles: ['admin'] } }))
    .key as string;
  const approved = await stage.call('POST', `${path}/approve`, { headers: { authorization: `Bearer ${other}` } });
  expect([approved.status, approved.body]).toMatchObject([200, { answeredBy: 'on-call-b' }]);
  expect(await ended(`destroy-archive-key/${keyId}`, 'destroyArchiveKey', 'approved')).toBe('destroyed');
  expect(await call('GET', path)).toMatchObject({ state: 'destroyed', reason: 'the contract has ended' });
  expect((await call('GET', '/v1/archive-keys?limit=100')).items).toContainEqual(
    expect.objectContaining({ id: keyId, destroyed: true, wrappedBy: null }),
  );
  const query = await stage.call('POST', `/v1/archives/${archive}/query`, { body: {} });
  expect([query.status, query.body.code, query.body.fault]).toEqual([409, 'archive_faulty', 'destroyed_key']);
  expect((await stage.call('POST', `${path}/approve`)).status).toBe(409);
});

test('a request that nobody answers lapses, and the key stays', async () => {
  const archive = await written();
  const { keyId } = await call('GET', `/v1/archives/${archive}`);
  await call('POST', `/v1/archive-keys/${keyId}/destruction`, { reason: 'perhaps' });
  await env.sleep('73 hours');
  expect(await ended(`destroy-archive-key/${keyId}`, 'destroyArchiveKey', 'lapsed')).toBe('lapsed');
  await call('POST', `/v1/archives/${archive}/query`, { limit: 1 });
});
