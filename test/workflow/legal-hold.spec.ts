import { HoldUpkeep } from '@holdfast/domains/holds/upkeep';
import { startMailServer, type MailServerEmulator } from '@holdfast/platform/channel-emulators';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { legalHold } from '@holdfast/workflows/holds/legal-hold/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { AddressInfo } from 'node:net';
import { type Answer, keep, startStage, type Stage, until } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
let mail: MailServerEmulator;
const keys = new Map<string, string>();

beforeAll(async () => {
  leaveSignalsToNest();
  [env, mail] = await Promise.all([startTimeSkipping(), startMailServer({ tls: 'none' })]);
  stage = await startStage(env.address, {
    HOLDFAST_CHANNEL_ADDRESSES: `mail=smtp://127.0.0.1:${mail.port}?starttls=off`,
    HOLDFAST_LINK_KEYS: `one=${Buffer.alloc(32, 1).toString('base64')}`,
    HOLDFAST_PUBLIC_URL: 'http://holdfast.example.org',
  });
  await done('PUT', '/v1/channels/mail', { type: 'email', account: 'mail', from: 'holdfast@example.org' });
  for (const id of ['counsel-a', 'counsel-b']) {
    const made = await done('POST', '/v1/keys', { principal: { id, kind: 'person', roles: ['records'] } });
    keys.set(id, made.key as string);
  }
});
afterAll(async () => {
  await stage?.stop();
  await Promise.all([env?.teardown(), mail?.stop()]);
});

const as = (who: string) => ({ authorization: `Bearer ${keys.get(who)!}` });
async function done(method: 'PUT' | 'POST' | 'GET', path: string, body?: object, headers = {}): Promise<any> {
  const answer = await stage.call(method, path, { ...(body && { body }), headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const problem = ({ status, body }: Answer): unknown[] => [status, body.code];
const handleOf = (hold: string) => stage.client.workflow.getHandle(legalHold.id({ hold }));
const terms = (over: object = {}) => ({
  ...{ matter: 'a claim', counsel: 'counsel-a', scope: { processes: ['p'], keys: ['k-1'] }, reason: 'a letter came' },
  ...over,
});
const linkIn = (raw: string): string =>
  /http:\/\/holdfast\.example\.org(\/v1\/hold-acknowledgements\/[^\s"<]+)/.exec(
    raw.replaceAll('=\r\n', '').replaceAll('=3D', '='),
  )![1]!;

test('custodians are told, reminded until they answer, and counsel of the review; a second person releases', async () => {
  const custodians = [{ id: 'custodian-a', channel: 'mail', to: 'custodian-a@example.org' }, { id: 'custodian-b' }];
  const reviewer = { id: 'counsel-a', channel: 'mail', to: 'counsel-a@example.org' };
  const placed = await done('POST', '/v1/holds', terms({ custodians, reviewer, reviewEveryDays: 30 }), as('counsel-a'));
  expect(placed).toMatchObject({ state: 'in_force', inForce: true, version: 1, deletionsMet: [] });
  const { id } = placed;
  const path = `/v1/holds/${id}`;
  const to = (address: string) => mail.mails().filter(({ recipients }) => recipients.includes(address));
  await until('the notice has come', () => to('custodian-a@example.org').length === 1);
  await env.sleep('4 days');
  await until('the reminder has come', () => to('custodian-a@example.org').length === 2);

  const link = linkIn(to('custodian-a@example.org')[1]!.raw);
  const origin = stage.api.app.getHttpServer().address() as AddressInfo;
  const follow = (method: string) => fetch(`http://127.0.0.1:${origin.port}${link}`, { method });
  expect(await (await follow('GET')).text()).toContain('I know of it');
  expect((await done('GET', path)).custodians[0].acknowledgedAt).toBeNull();
  expect(await (await follow('POST')).text()).toContain('Noted');
  const known = await done('POST', `${path}/custodians/custodian-b/acknowledge`, undefined, as('counsel-a'));
  expect(known.custodians).toMatchObject([
    { id: 'custodian-a', acknowledgedAt: expect.any(String), via: 'link' },
    { id: 'custodian-b', acknowledgedAt: expect.any(String), via: 'api' },
  ]);
  const reminders = to('custodian-a@example.org').length;
  await env.sleep('31 days');
  await until('the review is asked for', () => to('counsel-a@example.org').length === 1);
  expect(to('custodian-a@example.org')).toHaveLength(reminders);

  const asked = await done('POST', `${path}/ask-release?version=1`, { reason: 'settled' }, as('counsel-a'));
  expect(asked).toMatchObject({ state: 'releasing', inForce: true, version: 2 });
  const own = await stage.call('POST', `${path}/release?version=2`, {
    body: { reason: 'me too' },
    headers: as('counsel-a'),
  });
  expect(problem(own)).toEqual([409, 'second_person_needed']);
  const stale = await stage.call('POST', `${path}/release?version=1`, {
    body: { reason: 'yes' },
    headers: as('counsel-b'),
  });
  expect(problem(stale)).toEqual([412, 'version_mismatch']);
  const released = await done('POST', `${path}/release?version=2`, { reason: 'agreed' }, as('counsel-b'));
  expect(released).toMatchObject({ state: 'released', inForce: false, version: 3 });
  expect(await handleOf(id).result()).toBe('released');
  await keep(handleOf(id), legalHold.name, 'reminded_and_released');
  const after = await stage.call('PUT', path, { body: terms(), headers: { ...as('counsel-a'), 'if-match': '"3"' } });
  expect(problem(after)).toEqual([409, 'hold_not_open']);
});

test('changes come one after the other; who saw an older version is told', async () => {
  const { id } = await done('POST', '/v1/holds', terms(), as('counsel-a'));
  const amend = (key: string) =>
    stage.call('PUT', `/v1/holds/${id}`, {
      body: terms({ scope: { processes: ['p'], keys: [key] } }),
      headers: { ...as('counsel-a'), 'if-match': '"1"' },
    });
  const answers = await Promise.all([amend('k-2'), amend('k-3')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  const found = await done('GET', `/v1/holds/${id}`);
  expect(found.versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
});

test('a hold of everything waits for a second person', async () => {
  const { id, state } = await done('POST', '/v1/holds', terms({ scope: { everything: true } }), as('counsel-a'));
  expect(state).toBe('proposed');
  const approve = (who: string) =>
    stage.call('POST', `/v1/holds/${id}/approve?version=1`, { body: { reason: 'yes' }, headers: as(who) });
  expect(problem(await approve('counsel-a'))).toEqual([409, 'second_person_needed']);
  expect((await approve('counsel-b')).body).toMatchObject({ state: 'in_force', version: 2 });
  await done('POST', `/v1/holds/${id}/ask-release?version=2`, { reason: 'no' }, as('counsel-a'));
  expect(await done('POST', `/v1/holds/${id}/keep?version=3`, { reason: 'oh' }, as('counsel-a'))).toMatchObject({
    state: 'in_force',
  });
});

test('a mail that does not get through is tried again, and stands in the hold', async () => {
  mail.inject({ kind: 'reply', code: 550, at: 'recipient' });
  const custodians = [{ id: 'custodian-c', channel: 'mail', to: 'custodian-c@example.org' }];
  const { id } = await done('POST', '/v1/holds', terms({ custodians }), as('counsel-a'));
  const notices = async () => (await done('GET', `/v1/holds/${id}`)).notices;
  await until('it was refused', async () => (await notices())[0]?.outcome === 'channel_refused');
  await env.sleep('2 hours');
  await until('it got through', async () => (await notices())[0]?.outcome === 'sent');
});

test('a hold whose workflow was ended by force gets another one', async () => {
  const { id } = await done('POST', '/v1/holds', terms(), as('counsel-a'));
  await until('it runs', async () => (await handleOf(id).describe()).status.name === 'RUNNING');
  await handleOf(id).terminate('a test');
  const upkeep = stage.worker.get(HoldUpkeep, { strict: false });
  await upkeep.match();
  expect((await handleOf(id).describe()).status.name).toBe('RUNNING');
});
