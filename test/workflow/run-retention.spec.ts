import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { keep, type Stage, startStage, until } from './stage';

jest.setTimeout(240_000);

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-run-'));
let temporal: TemporalServer;
let stage: Stage;
let officer: string;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(
    temporal.address,
    {
      HOLDFAST_ARCHIVE_STORE: pathToFileURL(join(folder, 'store')).href,
      HOLDFAST_ARCHIVE_KEY_RING: pathToFileURL(join(folder, 'ring.json')).href,
      HOLDFAST_STATEMENT_KEYS: `first=${Buffer.alloc(32, 5).toString('base64')}`,
    },
    { isAudited: true },
  );
  const made = await call('POST', '/v1/keys', { principal: { id: 'officer', kind: 'person', roles: ['records'] } });
  officer = made.key;
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
  rmSync(folder, { recursive: true, force: true });
});
/** What is left of a test is in nobody's way. */
afterEach(async () => {
  for (const { id, state } of (await call('GET', '/v1/retention-runs')).items)
    if (!['done', 'undone', 'refused', 'lapsed'].includes(state)) await stage.client.workflow.getHandle(id).terminate();
  await stage.sql.command({ query: 'TRUNCATE TABLE retention_runs' });
  await stage.sql.command({ query: 'TRUNCATE TABLE tracking_records' });
});

async function call(method: 'GET' | 'PUT' | 'POST', path: string, body?: object, key?: string): Promise<any> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await stage.call(method, path, { ...(body && { body }), headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const refusal = async (path: string, body: object, key?: string): Promise<[number, string]> => {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await stage.call('POST', path, { body, headers });
  return [answer.status, answer.body.code];
};

/** Records of a day of receipt, one for each key. */
async function received(on: string, keys: readonly string[], over: Record<string, unknown> = {}): Promise<void> {
  const values = keys.map((key) => ({
    ...{ process: 'invoicing', key, stage: 'shop', source: 'shop', id: `${key}-${on}`, attempt: 1, type: 'order' },
    ...{ outcome: 'stored', sign: 1, digest: 0, origin_from: 'event', definition: 0, correlation_id: '' },
    ...{ occurred_at: `${on} 08:00:00`, origin_at: `${on} 08:00:00`, received_at: `${on} 08:00:00` },
    ...{ identity: key.padEnd(16, '-').slice(0, 16), payload_hash: 1, agreed: '[]', attributes: '', data: '{"n":1}' },
    ...over,
  }));
  await stage.sql.insert({ table: 'tracking_records', values, format: 'JSONEachRow' });
}
async function keysThere(): Promise<string[]> {
  const found = await stage.sql.query({
    query: 'SELECT key FROM tracking_records ORDER BY key',
    format: 'JSONEachRow',
  });
  return (await found.json<{ key: string }>()).map(({ key }) => key);
}
const some = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const begun = async (body: object = {}): Promise<any> => call('POST', '/v1/retention-runs', body);
const shown = (id: string): Promise<any> => call('GET', `/v1/retention-runs/${id}`);
const inState = (id: string, state: string): Promise<any> =>
  until(
    `${id} is ${state}`,
    async () => {
      const run = await shown(id);
      return run.state === state ? run : undefined;
    },
    60,
  );
async function planned(): Promise<any> {
  const { id } = await begun();
  return inState(id, 'waiting');
}
const approve = (run: any): Promise<any> =>
  call('POST', `/v1/retention-runs/${run.id}/approve`, { digest: run.digest }, officer);
const stepOf = (run: any, name: string): any => run.steps.find(({ step }: { step: string }) => step === name);
const holdfast = async (...args: string[]): Promise<string> => {
  const { port } = stage.api.app.getHttpServer().address() as AddressInfo;
  const env = { ...process.env, HOLDFAST_URL: `http://127.0.0.1:${port}`, HOLDFAST_KEY: officer };
  return (await promisify(execFile)(process.execPath, [MAIN, 'retention', ...args], { env })).stdout;
};
const holdOn = (keys: readonly string[]): Promise<any> =>
  call('POST', '/v1/holds', {
    ...{ matter: 'Claim 7', counsel: 'counsel', reason: 'claim', custodians: [], reviewEveryDays: 90 },
    scope: { processes: ['invoicing'], keys },
  });

describe('a run of retention', () => {
  it('deletes what is due, archives what leaves the store, stops short of a hold, and certifies it', async () => {
    await received('2016-03-10', some('old', 3)); // due: more than 7 years
    await received('2024-05-10', some('mid', 6)); // a year and more: into the archive
    await received('2026-10-10', some('new', 2)); // stays
    const run = await planned();
    expect(run.lots).toMatchObject([
      { kind: 'dispose', period: '201603', total: 3, rows: 3, held: 0, policies: ['built-in-standard'] },
      { kind: 'archive', period: '202405', total: 6, rows: 6, retainUntil: '2031-05-11T00:00:00Z' },
    ]);
    expect(run.lots[0].sample[0]).toMatchObject({ process: 'invoicing', key: expect.stringMatching(/^old/) });
    expect(await refusal(`/v1/retention-runs/${run.id}/approve`, { digest: run.digest })).toEqual([409, 'own_request']);
    expect(await refusal(`/v1/retention-runs/${run.id}/approve`, { digest: 'f'.repeat(64) }, officer)).toEqual([
      ...[409, 'saga_changed'],
    ]);
    expect(await refusal('/v1/retention-runs', {})).toEqual([409, 'retention_run_open']);

    await call('POST', `/v1/retention-runs/${run.id}/stop`, { before: 'purge' });
    await approve(run);
    await inState(run.id, 'stopped');
    const hold = await holdOn(['old1', 'mid2']);
    await call('POST', `/v1/retention-runs/${run.id}/resume`, {});
    const done = await inState(run.id, 'done');

    expect(await keysThere()).toEqual(['mid2', 'new0', 'new1', 'old1']);
    expect(done.lots.map(({ became }: any) => became)).toMatchObject([
      { state: 'purged', rows: 2, kept: 1, proved: true },
      { state: 'purged', rows: 5, kept: 1, proved: true },
    ]);
    expect(stepOf(done, 'approval')).toMatchObject({ state: 'done', by: 'officer' });

    const found = await call('GET', `/v1/certificates/${done.certificate}`);
    const { document, log } = found.certificate;
    expect(document).toMatchObject({
      ...{ run: run.id, requestedBy: 'admin', authorisedBy: 'officer', planDigest: run.digest },
      totals: { rowsBefore: 9, rowsGone: 7, rowsLeft: 2 },
      holdCheck: { rowsHeld: 2 },
    });
    expect(JSON.parse(log.entry)).toMatchObject({
      action: 'retention.certify',
      digest: createHash('sha256').update(JSON.stringify(document)).digest('hex'),
    });
    expect(await holdfast('certificates', 'save', done.certificate, join(folder, 'c.jws'))).toContain('is in');
    const keys = join(folder, 'keys.json');
    writeFileSync(keys, JSON.stringify(await call('GET', '/v1/statement-keys')));
    const [logKey] = (await call('GET', '/v1/audit/log')).keys;
    const verify = (file: string) => holdfast('certificates', 'verify', file, '--keys', keys, '--log-key', logKey);
    expect(await verify(join(folder, 'c.jws'))).toMatch(/rows gone +7[^]*signature +is good[^]*checkpoint +is good/);
    const other = found.signed.split('.') as string[];
    const forged = { ...found.certificate, document: { ...document, totals: { ...document.totals, rowsGone: 6 } } };
    other[1] = Buffer.from(JSON.stringify(forged)).toString('base64url');
    writeFileSync(join(folder, 'forged.jws'), other.join('.'));
    await expect(verify(join(folder, 'forged.jws'))).rejects.toThrow('its signature is not good');
    expect(await holdfast('runs', 'show', run.id)).toMatch(/state +done[^]*purge +done[^]*2 gone, 1 left, proved/);
    const archive = document.lots[1].archive as string;
    const { items } = await call('POST', `/v1/archives/${archive}/query`, { process: 'invoicing', key: 'mid3' });
    expect(items).toMatchObject([{ key: 'mid3', id: 'mid3-2024-05-10' }]);
    const pdf = await stage.api.app.inject({
      method: 'GET',
      url: `/v1/certificates/${done.certificate}/certificate.pdf`,
      headers: { authorization: `Bearer ${officer}` },
    });
    expect([pdf.statusCode, pdf.rawPayload.subarray(0, 5).toString()]).toEqual([200, '%PDF-']);
    await keep(stage.client.workflow.getHandle(run.id), 'runRetention', 'stopped-before-purge');

    // What is held is planned again, and nothing of it goes.
    const again = await begun();
    await inState(again.id, 'done');
    expect((await shown(again.id)).lots).toEqual([]);
    await call('POST', `/v1/holds/${hold.id}/ask-release?version=1`, { reason: 'settled' });
    await call('POST', `/v1/holds/${hold.id}/release?version=2`, { reason: 'settled' }, officer);
    const last = await planned();
    await approve(last);
    await inState(last.id, 'done');
    expect(await keysThere()).toEqual(['new0', 'new1']);
  });

  it('is planned again when policies or holds have changed since its approval', async () => {
    await received('2016-04-10', some('k', 4));
    const run = await planned();
    await call('POST', `/v1/retention-runs/${run.id}/stop`, { before: 'recheck' });
    await approve(run);
    await inState(run.id, 'stopped');
    const { id } = await holdOn(['k0']);
    await call('POST', `/v1/retention-runs/${run.id}/resume`, {});
    const replanned = await inState(run.id, 'waiting');
    expect(replanned.digest).not.toBe(run.digest);
    expect(replanned.lots).toMatchObject([{ rows: 3, held: 1 }]);
    expect(await refusal(`/v1/retention-runs/${run.id}/approve`, { digest: run.digest }, officer)).toEqual([
      ...[409, 'saga_changed'],
    ]);
    expect(await keysThere()).toHaveLength(4);
    await call('POST', `/v1/retention-runs/${run.id}/refuse`, { digest: replanned.digest }, officer);
    await inState(run.id, 'refused');
    expect(await keysThere()).toHaveLength(4);
    await keep(stage.client.workflow.getHandle(run.id), 'runRetention', 'planned-again-refused');
    await call('POST', `/v1/holds/${id}/ask-release?version=1`, { reason: 'settled' });
    await call('POST', `/v1/holds/${id}/release?version=2`, { reason: 'settled' }, officer);
  });

  it('deletes nothing of which a byte in the archive has flipped, and takes its archives away', async () => {
    await received('2024-06-10', some('k', 4));
    const run = await planned();
    await call('POST', `/v1/retention-runs/${run.id}/stop`, { before: 'verify' });
    await approve(run);
    await inState(run.id, 'stopped');
    const { items } = await call('GET', '/v1/archives?period=202406');
    const root = join(folder, 'store', 'objects', 'archives', items[0].id);
    const name = readdirSync(root).find((one) => one.startsWith('000000'))!;
    const [version] = readdirSync(join(root, name)).filter((one) => !one.includes('.'));
    const file = join(root, name, version!);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
    await call('POST', `/v1/retention-runs/${run.id}/resume`, {});
    const undone = await inState(run.id, 'undone');
    expect(stepOf(undone, 'verify')).toMatchObject({ state: 'failed', code: 'object_altered' });
    expect(stepOf(undone, 'archive')).toMatchObject({ state: 'undone' });
    expect(await call('GET', `/v1/archives/${items[0].id}`)).toMatchObject({ state: 'discarded' });
    expect(await keysThere()).toHaveLength(4);
  });

  it('leaves what came since it was verified, and deletes the rest', async () => {
    await received('2024-07-10', some('k', 2));
    await received('2024-08-10', some('l', 2));
    const run = await planned();
    await call('POST', `/v1/retention-runs/${run.id}/stop`, { before: 'purge' });
    await approve(run);
    await inState(run.id, 'stopped');
    await received('2024-07-11', ['late']);
    await call('POST', `/v1/retention-runs/${run.id}/resume`, {});
    const done = await inState(run.id, 'done');
    expect(done.lots.map(({ became }: any) => became)).toMatchObject([
      { state: 'left', fault: 'source_changed' },
      { state: 'purged', rows: 2 },
    ]);
    expect(await keysThere()).toEqual(['k0', 'k1', 'late']);
    const { certificate } = await call('GET', `/v1/certificates/${done.certificate}`);
    expect(certificate.document.exceptions[0]).toBe('Lot 1 was left: source_changed.');
  });

  it('leaves what policies keep in the same partition, by traits and by what time counts from', async () => {
    await call('PUT', '/v1/retention-policies/us', {
      ...{ match: { regions: ['us'] }, tiers: { archive: '20y', cold: '20y' }, action: 'retain' },
      statute: { minimum: '20y', source: 'US 1' },
    });
    await call('PUT', '/v1/retention-policies/cases', {
      ...{ match: { processes: ['cases'] }, tiers: { archive: '8y', cold: '8y' }, action: 'delete' },
      startsOn: { type: 'case.closed' },
    });
    await received('2015-05-10', ['gone0', 'gone1']);
    await received('2015-05-11', ['kept-us'], { attributes: '{"region":"us"}' });
    await received('2015-05-12', ['kept-open', 'gone-closed'], { process: 'cases' });
    await received('2015-05-13', ['gone-closed'], { process: 'cases', type: 'case.closed', id: 'closing' });
    const run = await planned();
    expect(run.lots).toMatchObject([{ kind: 'dispose', total: 6, rows: 4 }]);
    await approve(run);
    await inState(run.id, 'done');
    expect(await keysThere()).toEqual(['kept-open', 'kept-us']);
  });

  it('shows what it would do when it is a dry run, and ends', async () => {
    await received('2016-03-10', some('k', 2));
    const { id } = await begun({ dryRun: true });
    const done = await inState(id, 'done');
    expect(done.lots).toMatchObject([{ rows: 2, became: null }]);
    expect(stepOf(done, 'purge')).toMatchObject({ state: 'left_out' });
    expect(await keysThere()).toHaveLength(2);
    await keep(stage.client.workflow.getHandle(id), 'runRetention', 'dry-run');
  });

  it('takes back what it wrote when it is called off before anything is deleted', async () => {
    await received('2024-09-10', some('k', 2));
    const run = await planned();
    await call('POST', `/v1/retention-runs/${run.id}/stop`, { before: 'purge' });
    await approve(run);
    await inState(run.id, 'stopped');
    await call('POST', `/v1/retention-runs/${run.id}/call-off`, {});
    await inState(run.id, 'undone');
    expect((await call('GET', '/v1/archives?period=202409')).items).toMatchObject([{ state: 'discarded' }]);
    expect(await keysThere()).toHaveLength(2);
    expect(await refusal(`/v1/retention-runs/${run.id}/resume`, {})).toEqual([409, 'saga_is_over']);
    await keep(stage.client.workflow.getHandle(run.id), 'runRetention', 'called-off');
  });
});
