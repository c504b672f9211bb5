import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { type KeyRing, openKeyRing } from '@holdfast/platform/keyring';
import { archivePeers, type Peer, startMoto } from '@holdfast/platform/testing/archive-peers';

let kms: Peer;
let ring: KeyRing;
const dataKey = Buffer.alloc(32, 3);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  );

beforeAll(async () => {
  kms = await startMoto(archivePeers());
  Object.assign(process.env, kms.credentials);
  const admin = new KMSClient({ region: 'eu-central-1', endpoint: kms.url });
  const { KeyMetadata } = await admin.send(new CreateKeyCommand({}));
  const alias = { AliasName: 'alias/holdfast-archives', TargetKeyId: KeyMetadata!.KeyId! };
  await admin.send(new CreateAliasCommand(alias));
  admin.destroy();
  ring = await openKeyRing(`kms://alias/holdfast-archives?region=eu-central-1&endpoint=${kms.url}`);
}, 600_000);
afterAll(async () => {
  ring?.close();
  await kms?.stop();
});

describe('a key ring of the AWS KMS', () => {
  it('unwraps what it wrapped, for the same purpose', async () => {
    const wrapped = await ring.wrap(dataKey, 'audit 2026-01');
    expect(wrapped.wrappedBy).toMatch(/^arn:aws:kms:eu-central-1:/);
    expect(await ring.unwrap(wrapped, 'audit 2026-01')).toEqual(dataKey);
    expect(await codeOf(ring.unwrap(wrapped, 'audit 2026-02'))).toBe('wrong_key');
  });

  it('wraps by a new key after a rotation, and still unwraps by the older one', async () => {
    const old = await ring.wrap(dataKey, 'x');
    const id = await ring.rotate();
    const anew = await ring.wrap(dataKey, 'x');
    expect([anew.wrappedBy, anew.wrappedBy === old.wrappedBy]).toEqual([id, false]);
    for (const one of [old, anew]) expect(await ring.unwrap(one, 'x')).toEqual(dataKey);
  });

  it('tells a key that was destroyed from one that was lost', async () => {
    const wrapped = await ring.wrap(dataKey, 'x');
    await ring.rotate();
    await ring.destroy(wrapped.wrappedBy);
    await ring.destroy(wrapped.wrappedBy);
    expect(await codeOf(ring.unwrap(wrapped, 'x'))).toBe('destroyed_key');
    const lost = wrapped.wrappedBy.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
    expect(await codeOf(ring.unwrap({ ...wrapped, wrappedBy: lost }, 'x'))).toBe('lost_key');
    expect(await codeOf(ring.destroy(lost))).toBe('lost_key');
  });

  it('is not opened where the alias names no key, or nobody answers', async () => {
    const at = (alias: string, endpoint: string): Promise<string> =>
      codeOf(openKeyRing(`kms://alias/${alias}?region=eu-central-1&endpoint=${endpoint}`));
    expect(await at('none', kms.url)).toBe('lost_key');
    expect(await at('holdfast-archives', 'http://127.0.0.1:1')).toBe('key_ring_unavailable');
  });
});
