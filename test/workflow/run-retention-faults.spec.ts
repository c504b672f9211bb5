import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RunRetentionActivities } from '@holdfast/domains/disposition/run-retention.activities';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { runRetention } from '@holdfast/workflows/retention/run-retention/contract';
import { SagaFaults, workOf } from './saga-faults';
import { type Stage, startStage, until } from './stage';

jest.setTimeout(120_000);

const faults = new SagaFaults(runRetention, RunRetentionActivities);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-run-faults-'));
let temporal: TemporalServer;
let stage: Stage;
let officer: string;
/** The engine drops a block that it has had before. */
let rounds = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  const environment = {
    HOLDFAST_ARCHIVE_STORE: pathToFileURL(join(folder, 'store')).href,
    HOLDFAST_ARCHIVE_KEY_RING: pathToFileURL(join(folder, 'ring.json')).href,
    HOLDFAST_STATEMENT_KEYS: `first=${Buffer.alloc(32, 5).toString('base64')}`,
  };
  stage = await startStage(temporal.address, environment, { isAudited: true });
  const made = await call('POST', '/v1/keys', { principal: { id: 'officer', kind: 'person', roles: ['records'] } });
  officer = made.key;
  await call('POST', '/v1/holds', {
    ...{ matter: 'Claim 7', counsel: 'counsel', reason: 'claim', custodians: [], reviewEveryDays: 90 },
    scope: { processes: ['invoicing'], keys: ['due0', 'mid0'] },
  });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
  rmSync(folder, { recursive: true, force: true });
});
/** Records that are due, that go to the archive, and that stay: one of each but the last is held. */
beforeEach(async () => {
  rounds += 1;
  await stage.sql.command({ query: 'TRUNCATE TABLE tracking_records' });
  await stage.sql.command({ query: 'TRUNCATE TABLE retention_runs' });
  await received('2016-03-10', ['due0', 'due1', 'due2']);
  await received('2024-05-10', ['mid0', 'mid1', 'mid2']);
  await received('2026-10-10', ['new0']);
});
afterEach(() => faults.mend());

const EVERYTHING = ['due0', 'due1', 'due2', 'mid0', 'mid1', 'mid2', 'new0'];
const WHAT_STAYS = ['due0', 'mid0', 'new0'];

async function call(method: 'GET' | 'POST', path: string, body?: object, key?: string): Promise<any> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await stage.call(method, path, { ...(body && { body }), headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
async function received(on: string, keys: readonly string[]): Promise<void> {
  const at = `${on} 08:00:00`;
  const values = keys.map((key) => ({
    ...{ process: 'invoicing', key, stage: 'shop', source: 'shop', id: `${key}-${rounds}`, attempt: 1, type: 'order' },
    ...{ outcome: 'stored', sign: 1, digest: 0, origin_from: 'event', definition: 0, correlation_id: '' },
    ...{ occurred_at: at, origin_at: at, received_at: at, identity: key.padEnd(16, '-') },
    ...{ payload_hash: 1, agreed: '[]', attributes: '', data: '{}' },
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
const inState = (id: string, ...states: readonly string[]): Promise<any> =>
  until(
    `${id} is ${states.join(' or ')}`,
    async () => {
      const run = await call('GET', `/v1/retention-runs/${id}`);
      return states.includes(run.state) ? run : undefined;
    },
    60,
  );
/** As far as it goes without anybody but who approves. */
async function run(before?: string): Promise<any> {
  const { id } = await call('POST', '/v1/retention-runs', {});
  const run = await inState(id, 'waiting', 'undone');
  if (run.state !== 'waiting') return run;
  if (before !== undefined) await call('POST', `/v1/retention-runs/${id}/stop`, { before });
  await call('POST', `/v1/retention-runs/${id}/approve`, { digest: run.digest }, officer);
  return inState(id, 'done', 'undone', 'stuck', 'stopped');
}
/** Everything that was to go is gone, nothing that is held, and one certificate says so. */
async function expectDone(of: any): Promise<void> {
  expect(of).toMatchObject({ state: 'done', certificate: expect.any(String) });
  expect(of.lots.map(({ became }: any) => became)).toMatchObject([
    { state: 'purged', rows: 2, kept: 1, proved: true },
    { state: 'purged', rows: 2, kept: 1, proved: true },
  ]);
  expect(await keysThere()).toEqual(WHAT_STAYS);
  const { certificate } = await call('GET', `/v1/certificates/${of.certificate}`);
  expect(certificate.document.totals).toEqual({ rowsBefore: 6, rowsGone: 4, rowsLeft: 2 });
  const archive = certificate.document.lots[1].archive as string;
  expect(await call('GET', `/v1/archives/${archive}`)).toMatchObject({ state: 'verified', rows: 3 });
}
async function expectUndone(of: any): Promise<void> {
  expect(of).toMatchObject({ state: 'undone', certificate: null });
  expect(await keysThere()).toEqual(EVERYTHING);
  const { items } = await call('GET', '/v1/archives?period=202405&limit=1');
  if (items.length > 0) expect(items[0].state).not.toMatch(/writing|written/);
}

describe.each(workOf(runRetention))('a run of retention whose step $step', ({ step, isBeyondReturn }) => {
  it('fails once does it again, by the same key', async () => {
    faults.plant(step, 'before');
    await expectDone(await run());
    const [first, second] = faults.keys.get(step)!;
    expect(second).toBe(first);
  });

  it('does its work, of which nobody hears, does it again to no other end', async () => {
    faults.plant(step, 'behind');
    await expectDone(await run());
  });

  it(
    isBeyondReturn ? 'fails for good waits for a person, and goes on' : 'fails for good ends as if it had not begun',
    async () => {
      faults.plant(step, 'for_good');
      const ended = await run();
      if (!isBeyondReturn) return expectUndone(ended);
      expect(ended.state).toBe('stuck');
      faults.mend();
      await call('POST', `/v1/retention-runs/${ended.id}/resume`, {});
      return expectDone(await inState(ended.id, 'done'));
    },
  );

  if (step !== 'plan')
    it('is called off at it takes back what it has written, or says what it has deleted', async () => {
      const stopped = await run(step);
      await call('POST', `/v1/retention-runs/${stopped.id}/call-off`, {});
      const ended = await inState(stopped.id, 'done', 'undone');
      // Before the first purge nothing is beyond return, that step itself included.
      if (isBeyondReturn && step !== 'purge') await expectDone(ended);
      else await expectUndone(ended);
    });
});
