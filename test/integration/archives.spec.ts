import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  chmodSync,
  truncateSync,
  appendFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUILT_IN_POLICY } from '@holdfast/domains/privacy/core/built-in-policy';
import { readConfiguration } from '@holdfast/platform/config';
import { Signing } from '@holdfast/platform/signing';
import { event, intakeSuite, until } from '../intake/stack';
import { type ArchiveParts, archivePartsOf } from './archive-parts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-archives-'));
const environment = {
  HOLDFAST_ARCHIVE_STORE: pathToFileURL(join(folder, 'store')).href,
  HOLDFAST_ARCHIVE_KEY_RING: pathToFileURL(join(folder, 'ring.json')).href,
  HOLDFAST_STATEMENT_KEYS: `first=${Buffer.alloc(32, 5).toString('base64')}`,
  HOLDFAST_TOKEN_KEYS: `first=${Buffer.alloc(32, 6).toString('base64')}`,
};
const archiving = readConfiguration(environment);
const suite = intakeSuite({
  HOLDFAST_ARCHIVE_STORE: archiving.HOLDFAST_ARCHIVE_STORE,
  HOLDFAST_ARCHIVE_KEY_RING: archiving.HOLDFAST_ARCHIVE_KEY_RING,
  HOLDFAST_STATEMENT_KEYS: archiving.HOLDFAST_STATEMENT_KEYS,
  HOLDFAST_TOKEN_KEYS: archiving.HOLDFAST_TOKEN_KEYS,
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const now = (): number => Date.now() * 1000;
/** Of what is received now. */
const period = new Date().toISOString().slice(0, 7).replace('-', '');
const nothing = (): void => undefined;

let parts: ArchiveParts;

let archived = 0;
async function write(of: { class?: string; retainUntil?: number } = {}): Promise<string> {
  const archive = `a${(archived += 1)}`;
  const request = {
    archive,
    class: 'standard',
    period,
    policy: 'p',
    policyVersion: 3,
    retainUntil: 0,
    requestedBy: 'on-call-a',
  };
  const objects = await parts.writer.plan({ ...request, ...of }, now());
  for (let number = 0; number < objects; number++) await parts.writer.writeObject(archive, number, now());
  await parts.writer.finish(archive, now());
  return archive;
}
const verify = (archive: string) => parts.verifier.verify(archive, nothing);
/** The file of an object in the store. */
function fileOf(archive: string, number = 0): string {
  const root = join(folder, 'store', 'objects', 'archives', archive);
  const name = readdirSync(root).find((one) => one.startsWith(String(number).padStart(6, '0')))!;
  return join(root, name, readdirSync(join(root, name))[0]!);
}
const ORIGIN = Date.parse('2026-11-20T09:00:00Z');
const at = (hours: number): string => new Date(ORIGIN + hours * 3_600_000).toISOString();

beforeAll(async () => {
  parts = archivePartsOf(suite.stack);
  const records = Array.from({ length: 300 }, (_, index) =>
    event({
      ...{ id: `e${index}`, key: `K${index % 50}`, stage: ['shop', 'hub', 'erp'][index % 3], source: 'test' },
      ...{ occurredAt: at(index % 7), originAt: at((index % 50) % 7), data: { amount: index, note: `größe ${index}` } },
      ...(index % 10 === 0 && { sequence: index, correlationId: `c-${index}` }),
    }),
  );
  expect((await suite.stack.post(records)).body).toMatchObject({ stored: 300 });
});

describe('an archive', () => {
  it('is what the records are: rows and sums of hashes, read back from the store by the engine', async () => {
    const archive = await write();
    const { rows, erased, fault } = await verify(archive);
    expect({ rows: rows >= 300, erased, fault }).toEqual({ rows: true, erased: 0, fault: '' });
    expect(await parts.verifier.compareSource(archive, nothing)).toMatchObject({ fault: '', rows });
    const known = (await parts.archives.archive(archive))!;
    expect(known).toMatchObject({ state: 'written', rows, policyVersion: 3 });
    // Nothing of it is readable as it lies there.
    const bytes = readFileSync(fileOf(archive));
    for (const text of ['PAR1', 'order.placed', 'größe', 'orders']) expect(bytes.includes(text)).toBe(false);
    expect(bytes.subarray(0, 8).toString()).toBe('HFSEAL1\n');
  });

  it('says that the source has changed once a record came after it', async () => {
    const archive = await write();
    await suite.stack.post([event({ id: 'later', key: 'K1' })]);
    expect(await parts.verifier.compareSource(archive, nothing)).toMatchObject({ fault: 'source_changed' });
    expect(await verify(archive)).toMatchObject({ fault: '' });
  });

  it('goes on where writing was cut short, and takes away what was left behind', async () => {
    const archive = 'resumed';
    const request = {
      archive,
      class: 'standard',
      period,
      policy: '',
      policyVersion: 0,
      retainUntil: 0,
      requestedBy: 'a',
    };
    await parts.writer.plan(request, now());
    const first = await parts.writer.writeObject(archive, 0, now());
    const store = await parts.storage.store();
    async function* some(): AsyncGenerator<Buffer> {
      yield Buffer.from('of a try that was killed');
    }
    await store.put(`archives/${archive}/000000-cut.parquet.sealed`, some());
    expect(await parts.writer.plan(request, now())).toBe(1);
    expect(await parts.writer.writeObject(archive, 0, now())).toEqual(first);
    const written = await parts.writer.finish(archive, now());
    expect(await parts.writer.finish(archive, now())).toEqual(written);
    const names: string[] = [];
    for await (const { key } of store.list(`archives/${archive}/`)) names.push(key);
    expect(names.sort()).toEqual([first.object, `archives/${archive}/manifest.jws`].sort());
  });

  it('is kept by the store until its time', async () => {
    const until = now() + 3_600_000_000;
    const archive = await write({ retainUntil: until });
    await parts.writer.lock(archive);
    const store = await parts.storage.store();
    for await (const { key, version, retainUntil } of store.list(`archives/${archive}/`)) {
      expect([key, retainUntil]).toEqual([key, until]);
      await expect(store.delete(key, version)).rejects.toMatchObject({ code: 'object_locked' });
    }
  });

  it.each([
    ['a flipped byte', 'object_altered', (file: string) => flip(file, 5_000)],
    ['a flipped byte of the header', 'object_altered', (file: string) => flip(file, 20)],
    ['bytes that are missing', 'object_truncated', (file: string) => truncateSync(file, 900)],
    ['bytes that were added', 'object_appended', (file: string) => appendFileSync(file, 'x')],
    ['a file that is gone', 'object_missing', (file: string) => rmSync(file)],
  ])('with %s is named %s', async (_, fault, spoil) => {
    const archive = await write();
    const file = fileOf(archive);
    chmodSync(file, 0o600);
    spoil(file);
    expect(await verify(archive)).toMatchObject({ fault, number: 0 });
    expect(await parts.restorer.fill('spoilt', archive, nothing)).toMatchObject({ fault });
    expect(await parts.rows.sumRestored('spoilt')).toMatchObject({ rows: 0 });
    await expect(parts.query.query(archive, {}, 10)).rejects.toMatchObject({ code: 'archive_faulty' });
  });

  it('with an object in the place of another one is named', async () => {
    const [archive, other] = [await write(), await write()];
    const file = fileOf(archive);
    chmodSync(file, 0o600);
    writeFileSync(file, readFileSync(fileOf(other)));
    expect((await verify(archive)).fault).toMatch(/^object_/);
  });

  it('with an altered manifest is named', async () => {
    const archive = await write();
    const root = join(folder, 'store', 'objects', 'archives', archive, 'manifest.jws');
    const file = join(root, readdirSync(root)[0]!);
    chmodSync(file, 0o600);
    flip(file, 200);
    expect(await verify(archive)).toMatchObject({ fault: 'manifest_altered' });
    rmSync(file);
    expect(await verify(archive)).toMatchObject({ fault: 'manifest_missing' });
  });
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 1;
  writeFileSync(file, bytes);
}

describe('a query in place', () => {
  it('answers what the records do, by process, key, stage and time', async () => {
    const archive = await write();
    const all = await parts.query.query(archive, { process: 'orders' }, 10_000);
    expect(all.records.length).toBeGreaterThanOrEqual(300);
    const key = await parts.query.query(archive, { process: 'orders', key: 'K7' }, 100);
    const timeline = await suite.stack.timeline('orders', 'K7');
    expect(
      key.records
        .filter(({ sign }) => sign > 0)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(timeline.map(({ id }) => id).sort());
    const one = key.records.find(({ id }) => id === 'e57')!;
    expect([one.data, one.originAt]).toEqual(['{"amount":57,"note":"größe 57"}', (ORIGIN + 0) * 1000]);
    const from = (ORIGIN + 2 * 3_600_000) * 1000;
    const inTime = await parts.query.query(archive, { stage: 'hub', from, to: from + 1 }, 1_000);
    expect(inTime.records.length).toBeGreaterThan(5);
    for (const { stage, originAt } of inTime.records) expect([stage, originAt]).toEqual(['hub', from]);
    expect(await parts.query.query(archive, { key: 'zzz' }, 10)).toMatchObject({
      records: [],
      objectsRead: 0,
      objectsSkipped: 1,
    });
    expect(await parts.query.query(archive, {}, 5)).toMatchObject({ hasMore: true });
  });
});

describe('a restore', () => {
  it('puts the same records beside those that count, until its time is over and nothing holds them', async () => {
    const archive = await write();
    const restore = { restore: 'r1', archive, requestedBy: 'on-call-a', expiresAt: now() };
    await parts.restorer.begin(restore, now());
    const found = await parts.restorer.fill('r1', archive, nothing);
    expect(found).toMatchObject({ fault: '', rows: (await verify(archive)).rows });
    expect(await parts.restorer.fill('r1', archive, nothing)).toMatchObject({ rows: found.rows }); // a repeat
    await expect(parts.restorer.records({ restore: 'r1', process: '', key: '' }, 0, 10)).rejects.toMatchObject({
      code: 'restore_not_there',
    });
    await parts.restorer.settle('r1', found, now());
    const records = await parts.restorer.records({ restore: 'r1', process: 'orders', key: 'K7' }, 0, 100);
    expect(records.map(({ id }) => id)).toContain('e57');

    parts.held.add('r1');
    expect(await parts.restorer.expire('r1', now())).toBe(false);
    expect((await parts.rows.sumRestored('r1')).rows).toBe(found.rows);
    parts.held.delete('r1');
    expect(await parts.restorer.expire('r1', now())).toBe(true);
    expect(await parts.restorer.expire('r1', now())).toBe(true);
    expect(await parts.rows.sumRestored('r1')).toMatchObject({ rows: 0 });
    expect(await parts.restorer.existing('r1')).toMatchObject({ state: 'expired' });
  });
});

describe('somebody in an archive', () => {
  const MAIL = 'jane.doe@example.com';
  const policy = (action: string) => ({
    ...BUILT_IN_POLICY,
    environments: {
      any: { otherwise: 'mask', actions: { ...BUILT_IN_POLICY.environments.any!.actions, email: action } },
    },
  });
  const policyIs = async (action: string, version: number): Promise<void> => {
    await suite.stack.putDocument('privacy-policy', 'default', policy(action), version);
    await until('the policy is followed', async () => {
      const { items } = (await suite.stack.get('/v1/privacy-policies?limit=10')).body as any;
      return items.some((one: any) => one.id === 'default' && one.version === version);
    });
    parts = archivePartsOf(suite.stack);
  };

  it('is sealed under a key of their own, masked by the policy of today, and gone with that key', async () => {
    await policyIs('keep', 1);
    await until('the policy classifies', async () => {
      const id = `p${now()}`;
      await suite.stack.post([event({ id, key: id, data: { amount: 1, email: 'somebody@example.com' } })]);
      const [entry] = await suite.stack.timeline('orders', id);
      return JSON.stringify(entry!['categories'])?.includes('gdpr_personal');
    });
    const ofThem = (id: string) => event({ id, key: 'PERSON', data: { amount: 1, email: MAIL }, correlationId: MAIL });
    await suite.stack.post(['p1', 'p2'].map(ofThem));
    await suite.stack.post([event({ id: 'other', key: 'OTHER', data: { amount: 1, email: 'other@example.com' } })]);
    const archive = await write();
    const whole = await verify(archive);
    expect(whole).toMatchObject({ fault: '', erased: 0 });
    const open = await parts.reader.open(archive);
    const parquet: Buffer[] = [];
    for await (const piece of parts.reader.parquet(open, open.manifest.objects[0]!)) parquet.push(piece);
    expect(Buffer.concat(parquet).includes('PAR1')).toBe(true);
    const ofPerson = async (key = 'PERSON') => (await parts.query.query(archive, { key }, 100)).records;
    const kept = (await ofPerson()).filter(({ data }) => data.includes(MAIL));
    expect(kept.length).toBeGreaterThan(0);

    // Masked by the policy of today, also where yesterday's kept it.
    await policyIs('drop', 2);
    const shows = async () => (await ofPerson()).some(({ data }) => data.includes(MAIL));
    await until('it is masked', async () => !(await shows()));
    await policyIs('keep', 3);
    await until('it is shown again', shows);

    const { keyId } = open.manifest;
    const subject = subjectOf('orders', 'PERSON');
    expect([...(await parts.keysStore.subjectSecrets(keyId, [subject])).keys()]).toEqual([subject]);
    await parts.keysStore.forgetSubject(subject);
    const erased = await ofPerson();
    expect(erased.filter(({ isErased }) => isErased)).toHaveLength(kept.length);
    for (const { data, isErased, id } of erased) if (isErased) expect([data, id.startsWith('p')]).toEqual(['', true]);
    expect((await ofPerson('OTHER'))[0]!.data).toContain('other@example.com');
    // The rest of the archive is what it was, and says how much is gone.
    expect(await verify(archive)).toMatchObject({ fault: '', rows: whole.rows, erased: kept.length });
    const restored = await parts.restorer.fill('erased', archive, nothing);
    expect(restored).toMatchObject({ fault: '', rows: whole.rows, erased: kept.length });
    await parts.rows.dropRestored('erased');
  });
});

const subjectOf = (process: string, key: string): string =>
  createHash('sha256').update(`${process}\0${key}`).digest('hex').slice(0, 32);

describe('keys', () => {
  it('are wrapped anew without a change of what they seal', async () => {
    const archive = await write();
    const { keyId } = (await parts.archives.archive(archive))!;
    const before = (await parts.keysStore.key(keyId))!;
    const bytes = readFileSync(fileOf(archive));
    const newest = await (await parts.storage.ring()).rotate();
    expect(await parts.keys.rewrapPage('', now())).toMatchObject({ wrapped: 1 });
    expect(await parts.keys.rewrapPage('', now())).toMatchObject({ wrapped: 0 });
    const after = (await parts.keysStore.key(keyId))!;
    expect([after.wrappedBy, after.fingerprint]).toEqual([newest, before.fingerprint]);
    await (await parts.storage.ring()).destroy(before.wrappedBy);
    expect(await verify(archive)).toMatchObject({ fault: '' });
    expect(readFileSync(fileOf(archive)).equals(bytes)).toBe(true);
  });

  it('that are lost or wrong are named', async () => {
    const archive = await write();
    const { keyId } = (await parts.archives.archive(archive))!;
    const ring = join(folder, 'ring.json');
    const kept = readFileSync(ring, 'utf8');
    const parsed = JSON.parse(kept) as { keys: { id: string; key: string | null }[] };
    const wrappedBy = (await parts.keysStore.key(keyId))!.wrappedBy;
    const others = parsed.keys.filter(({ id }) => id !== wrappedBy);
    const spare = { id: 'local-spare', key: Buffer.alloc(32, 1).toString('base64') };
    writeFileSync(ring, JSON.stringify({ ...parsed, keys: [...others, spare] }));
    expect(await verify(archive)).toMatchObject({ fault: 'lost_key' });
    writeFileSync(ring, JSON.stringify({ ...parsed, keys: [...others, { ...spare, id: wrappedBy }] }));
    expect(await verify(archive)).toMatchObject({ fault: 'wrong_key' });
    writeFileSync(ring, kept);
    expect(await verify(archive)).toMatchObject({ fault: '' });
  });

  it('that are destroyed take everything with them that they sealed, and leave nowhere', async () => {
    const archive = await write();
    const { keyId } = (await parts.archives.archive(archive))!;
    const { wrapped } = (await parts.keysStore.key(keyId))!;
    await parts.keys.destroy(keyId, now());
    await parts.keys.destroy(keyId, now());
    expect(await verify(archive)).toMatchObject({ fault: 'destroyed_key' });
    const store = await parts.storage.store();
    expect(await store.versions(`keys/${keyId}.json`)).toEqual([]);
    expect((await parts.keysStore.key(keyId))!.wrapped).toBe('');
    expect(wrapped).not.toBe('');
    // The next archive of the class and period has another one.
    const next = await write();
    expect((await parts.archives.archive(next))!.keyId).not.toBe(keyId);
    expect(await verify(next)).toMatchObject({ fault: '' });
  });
});

test('the reader in docs reads an archive by itself, and says what is wrong with one', async () => {
  const archive = await write();
  const { keyId } = (await parts.archives.archive(archive))!;
  const store = join(folder, 'store', 'objects');
  const only = (path: string): string => join(store, path, readdirSync(join(store, path))[0]!);
  const files = { manifest: only(`archives/${archive}/manifest.jws`), key: only(`keys/${keyId}.json`) };
  const keys = join(folder, 'statement-keys.json');
  writeFileSync(keys, JSON.stringify({ keys: new Signing(archiving).publicKeys() }));
  const reader = (...args: string[]): string =>
    execFileSync(process.execPath, [join(__dirname, '../../docs/archive-reader.mjs'), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const manifest = JSON.parse(reader('check', files.manifest, keys));
  expect(manifest).toMatchObject({ archive, class: 'standard', policyVersion: 3 });
  const key = reader('unwrap', files.key, join(folder, 'ring.json')).trim();
  const output = join(folder, 'out.parquet');
  reader('decrypt', files.manifest, keys, key, '0', fileOf(archive), output);
  const parquet = readFileSync(output);
  expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
  expect(createHash('sha256').update(parquet).digest('hex')).toBe(manifest.objects[0].plainSha256);

  const file = fileOf(archive);
  chmodSync(file, 0o600);
  flip(file, 3_000);
  expect(() => reader('decrypt', files.manifest, keys, key, '0', file, join(folder, 'none.parquet'))).toThrow();
  expect(readdirSync(folder)).not.toContain('none.parquet');
});
