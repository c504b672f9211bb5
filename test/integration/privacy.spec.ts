import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { BUILT_IN_POLICY } from '@holdfast/domains/privacy/core/built-in-policy';
import { PrivacyPolicySchema } from '@holdfast/domains/privacy/privacy.schemas';
import { PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import { type Configuration, readConfiguration } from '@holdfast/platform/config';
import type { HttpApplication } from '@holdfast/platform/http';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { UNAUDITED } from '@holdfast/platform/testing/unaudited';
import { createApi } from '../../apps/api/main';
import { startStage, type Stage } from '../workflow/stage';

const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };
const keys = (...fill: number[]): string =>
  fill.map((one) => `k${one}=${Buffer.alloc(32, one).toString('base64')}`).join(',');

let temporal: TemporalServer;
let stage: Stage;
/** The same installation with other settings. */
const others: HttpApplication[] = [];
const other = async (configuration: Partial<Configuration>): Promise<PrivacyService> => {
  const api = await createApi({
    auditor: UNAUDITED,
    configuration: { ...stage.configuration, ...configuration },
    logger: silent,
  });
  others.push(api);
  await api.app.listen(0, '127.0.0.1');
  expect((api.app.getHttpServer().address() as AddressInfo).port).toBeGreaterThan(0);
  return api.app.get(PrivacyService, { strict: false });
};

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address, { HOLDFAST_TOKEN_KEYS: keys(1, 2), HOLDFAST_ENVIRONMENT: 'staging' });
});
afterAll(async () => {
  for (const { app } of others) await app.close();
  await stage?.stop();
  await temporal?.stop();
});

const policy = {
  classes: { loyalty: { category: 'gdpr_personal', sensitivity: 'pseudonymous' } },
  rules: [
    { class: 'email', names: ['email'] },
    { class: 'loyalty', paths: ['customer.card'] },
  ],
  identifiers: { key: 'email' },
  environments: {
    any: { actions: { email: 'tokenise' }, otherwise: 'mask' },
    staging: { actions: { email: 'tokenise', loyalty: 'drop' }, otherwise: 'null' },
  },
};
const put = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  stage.call('PUT', `/v1/privacy-policies/${id}`, { body, headers });
const service = (): PrivacyService => stage.api.app.get(PrivacyService, { strict: false });
const SECRETS = ['jane.doe@example.com', '4711-0815', '4111111111111111', 'Jane'];
const record = {
  email: SECRETS[0],
  customer: { card: SECRETS[1], note: `paid with ${SECRETS[2]}, says ${SECRETS[3]}` },
  amount: 12.5,
};

describe('privacy policies over HTTP', () => {
  it('are made, changed by who saw them, listed, and keep their history', async () => {
    const made = await put('mine', policy, { 'if-none-match': '*' });
    expect(made).toMatchObject({
      status: 200,
      body: { id: 'mine', version: 1, changedBy: 'admin', detectors: expect.any(Array) },
    });
    expect(made.headers.get('etag')).toBe('"1"');
    expect(await put('mine', policy)).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await put('mine', { ...policy, description: 'x' })).toMatchObject({ status: 428 });
    expect(await put('mine', { ...policy, description: 'x' }, { 'if-match': '"1"' })).toMatchObject({
      body: { version: 2 },
    });
    expect(await put('mine', policy, { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { code: 'version_mismatch' },
    });
    const history = await stage.call('GET', '/v1/privacy-policies/mine/history');
    expect(history.body.items.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    const list = await stage.call('GET', '/v1/privacy-policies');
    expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual(['mine']);
    const same = await stage.call('GET', '/v1/privacy-policies/mine', { headers: { 'if-none-match': '"2"' } });
    expect(same.status).toBe(304);
    expect(await stage.call('GET', '/v1/privacy-policies/nobody')).toMatchObject({
      status: 404,
      body: { code: 'privacy_policy_not_found' },
    });
  });

  it('that cannot be followed are refused, with every reason', async () => {
    const answer = await put('wrong', {
      rules: [{ class: 'nobody', names: ['x'] }, { class: 'email' }],
      identifiers: { key: 'nothing' },
      environments: { test: { actions: { card: 'hash' }, otherwise: 'hash' } },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'unusable_privacy_policy' } });
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'rules.0.class',
      'rules.1',
      'identifiers.key',
      'environments.any',
      'environments.test.actions.card',
      'environments.test.otherwise',
    ]);
    expect((await stage.call('GET', '/v1/privacy-policies/wrong')).status).toBe(404);
    expect(await put('wrong', { environments: { any: { otherwise: 'burn' } } })).toMatchObject({
      body: { code: 'invalid_request' },
    });
  });

  it('have one to start from, which can be read, tried and copied, and not changed', async () => {
    const { body, status } = await stage.call('GET', '/v1/privacy-policies/built-in');
    expect([status, body.version]).toEqual([200, 0]);
    expect(body).toMatchObject(BUILT_IN_POLICY);
    expect(await put('built-in', policy)).toMatchObject({ status: 409, body: { code: 'built_in_policy' } });
    const { id: _id, version: _version, changedBy: _by, changedAt: _at, ...copy } = body;
    expect(await put('copy', copy)).toMatchObject({ status: 200, body: { version: 1 } });
    expect(stringify(copy).length).toBeGreaterThan(100);
  });
});

describe('a preview', () => {
  it('tells of each field what it is and what is stored, and nothing raw', async () => {
    const { body, status } = await stage.call('POST', '/v1/privacy-policies/mine/preview', { body: [record] });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      environment: 'staging',
      policy: { id: 'mine', version: 2 },
      categories: ['gdpr_personal'],
      sensitivity: 'pseudonymous',
    });
    expect(body.fields).toEqual([
      {
        path: '0.email',
        class: 'email',
        category: 'gdpr_personal',
        sensitivity: 'pii',
        action: 'tokenise',
        value: expect.stringMatching(/^tok_email_/),
      },
      {
        path: '0.customer.card',
        class: 'loyalty',
        category: 'gdpr_personal',
        sensitivity: 'pseudonymous',
        action: 'drop',
      },
      {
        path: '0.customer.note',
        class: 'card',
        category: 'pci',
        sensitivity: 'sensitive',
        action: 'null',
        value: 'xxxx xxxx [card], xxxx Xxxx',
      },
      { path: '0.amount', class: 'none', category: 'none', sensitivity: 'public', action: 'keep', value: '99.9' },
    ]);
    for (const secret of SECRETS) expect(JSON.stringify(body)).not.toContain(secret);
    expect(await stage.call('POST', '/v1/privacy-policies/mine/preview', { body: [] })).toMatchObject({ status: 400 });
    expect(await stage.call('POST', '/v1/privacy-policies/nobody/preview', { body: record })).toMatchObject({
      status: 404,
    });
    const wide = Object.fromEntries(Array.from({ length: 1_200 }, (_, i) => [`f${i}`, 1]));
    const many = await stage.call('POST', '/v1/privacy-policies/built-in/preview', { body: wide });
    expect([many.body.fields.length, many.body.moreFields]).toEqual([1_000, 200]);
  });
});

describe('the masker for intake', () => {
  it('is none until there is a policy `default`, then that of its newest version, at once where it was put', async () => {
    expect(await service().masker()).toBeUndefined();
    await put('default', policy);
    const masker = (await service().masker())!;
    const values = structuredClone(record);
    const data = Buffer.from(JSON.stringify(record));
    const masked = masker.mask(data, values);
    expect(JSON.parse(masked.data.toString())).toEqual(values);
    expect(values).toEqual({
      email: expect.stringMatching(/^tok_email_/),
      customer: { note: 'paid with [card], says Jane' },
      amount: 12.5,
    });
    // What intake stores as key meets what stands in the data, also where it is written differently.
    expect(masker.identifier('key', ' Jane.Doe@EXAMPLE.com')).toBe(values.email);
    expect(masker.identifier('correlationId', 'Jane')).toBe('Jane');
    await put('default', { ...policy, environments: { any: { otherwise: 'keep' } } }, { 'if-match': '"1"' });
    expect((await service().masker())!.mask(data).data).toBe(data);
    await put('default', policy, { 'if-match': '"2"' });
  });

  it('knows fields by the contract that it is given', async () => {
    const masker = (await service().masker())!;
    const contract = new Map([
      ['customer.note', 'personal'],
      ['amount', 'a-class-that-nobody-knows'],
    ]);
    const { data, categories } = masker.mask(Buffer.from(JSON.stringify(record)), undefined, contract);
    expect(JSON.parse(data.toString())).toMatchObject({ customer: { note: null }, amount: null });
    expect(categories).toEqual(['gdpr_personal']);
  });

  it('makes tokens with the newest key, and says which ones older keys made', async () => {
    const made = (await service().masker())!.identifier('key', 'jane.doe@example.com');
    const before = await other({
      HOLDFAST_TOKEN_KEYS: readConfiguration({ HOLDFAST_TOKEN_KEYS: keys(1) }).HOLDFAST_TOKEN_KEYS,
    });
    const earlier = (await before.masker())!.identifier('key', 'jane.doe@example.com');
    expect(service().tokensOf('email', 'JANE.DOE@example.com')).toEqual([made, earlier]);
    expect(made).not.toBe(earlier);
  });

  it('follows the environment, and is refused where the key is gone: nothing is stored raw instead', async () => {
    const production = await other({ HOLDFAST_ENVIRONMENT: 'production' });
    const { data } = (await production.masker())!.mask(Buffer.from('{"customer":{"card":"4711-0815"}}'));
    expect(data.toString()).toBe('{"customer":{"card":"********"}}');
    const without = await other({ HOLDFAST_TOKEN_KEYS: new Map() });
    await expect(without.masker()).rejects.toMatchObject({ kind: 'unavailable', code: 'masking_unavailable' });
    const body = PrivacyPolicySchema.parse(policy);
    await expect(without.put('new', body, 'none', 'admin', 1)).rejects.toMatchObject({
      code: 'unusable_privacy_policy',
      details: { fields: [{ field: 'environments', reason: expect.stringContaining('HOLDFAST_TOKEN_KEYS') }] },
    });
  });
});
