import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/**
 * A module reads its configuration from the environment of its process, and its libraries by the loader: Holdfast runs in a child, as it would beside a real one.
 */
const CHILD = `
const { openKeyRing } = require(process.argv[1]);
const codeOf = (work) => work.then(() => 'none', (error) => error.code ?? error.message);
(async () => {
  const ring = await openKeyRing(process.argv[2]);
  const dataKey = Buffer.alloc(32, 3);
  const told = {};
  const old = await ring.wrap(dataKey, 'x');
  told.isWrapped = !Buffer.from(old.wrapped, 'base64').includes(dataKey);
  told.unwrapped = (await ring.unwrap(old, 'x')).equals(dataKey);
  told.otherPurpose = await codeOf(ring.unwrap(old, 'y'));
  const id = await ring.rotate();
  const anew = await ring.wrap(dataKey, 'x');
  told.rotated = anew.wrappedBy === id && id !== old.wrappedBy && (await ring.unwrap(old, 'x')).equals(dataKey);
  await ring.destroy(old.wrappedBy);
  await ring.destroy(old.wrappedBy);
  told.destroyed = await codeOf(ring.unwrap(old, 'x'));
  told.lost = await codeOf(ring.unwrap({ ...anew, wrappedBy: 'holdfast-000009-none' }, 'x'));
  ring.close();
  const again = await openKeyRing(process.argv[2]);
  told.kept = (await again.unwrap(anew, 'x')).equals(dataKey) && (await again.newest()) === id;
  told.stillDestroyed = await codeOf(again.unwrap(old, 'x'));
  again.close();
  console.log(JSON.stringify(told));
})();
`;

/** The binding is built from source where it is installed: not on a machine that can build nothing. */
const isBound = (() => {
  try {
    require.resolve('graphene-pk11');
    return true;
  } catch {
    return false;
  }
})();

(isBound ? test : test.skip)('a key ring in a hardware security module wraps, unwraps, rotates and destroys', () => {
  const { softhsm } = archivePeers();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-hsm-'));
  try {
    mkdirSync(join(folder, 'tokens'));
    writeFileSync(
      join(folder, 'softhsm2.conf'),
      `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\n`,
    );
    writeFileSync(join(folder, 'pin'), '1234\n', { mode: 0o600 });
    const env = {
      ...process.env,
      SOFTHSM2_CONF: join(folder, 'softhsm2.conf'),
      LD_LIBRARY_PATH: softhsm.libraries,
    };
    const token = ['--init-token', '--free', '--label', 'holdfast', '--pin', '1234', '--so-pin', '4321'];
    execFileSync(softhsm.program, [...token, '--module', softhsm.library], { env, stdio: 'ignore' });
    const address = `pkcs11://${softhsm.library}?token=holdfast&pin-file=${join(folder, 'pin')}`;
    const built = join(__dirname, '../../dist/libs/platform/keyring');
    const told = execFileSync(process.execPath, ['-e', CHILD, built, address], { env, encoding: 'utf8' });
    expect(JSON.parse(told)).toEqual({
      ...{ isWrapped: true, unwrapped: true, otherPurpose: 'wrong_key', rotated: true },
      ...{ destroyed: 'destroyed_key', lost: 'lost_key', kept: true, stillDestroyed: 'destroyed_key' },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
