import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalKeyRing } from './local-key-ring';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-ring-'));
  file = join(folder, 'keys', 'ring.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const dataKey = Buffer.alloc(32, 3);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as { code: string }).code,
  );

describe('a local key ring', () => {
  it('is a file of its owner alone, and unwraps what it wrapped, for the same purpose', async () => {
    const ring = await LocalKeyRing.open(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const wrapped = await ring.wrap(dataKey, 'audit 2026-01');
    expect(Buffer.from(wrapped.wrapped, 'base64').includes(dataKey)).toBe(false);
    expect(await ring.unwrap(wrapped, 'audit 2026-01')).toEqual(dataKey);
    expect(await codeOf(ring.unwrap(wrapped, 'audit 2026-02'))).toBe('wrong_key');
  });

  it('wraps with the newest key, unwraps with older ones, also those that another process made', async () => {
    const ring = await LocalKeyRing.open(file);
    const old = await ring.wrap(dataKey, 'x');
    const id = await (await LocalKeyRing.open(file)).rotate();
    const anew = await ring.wrap(dataKey, 'x');
    expect(anew.wrappedBy).toBe(id);
    expect(old.wrappedBy).not.toBe(id);
    for (const one of [old, anew]) expect(await ring.unwrap(one, 'x')).toEqual(dataKey);
  });

  it('tells a key that was destroyed, one that was lost and a wrong one apart', async () => {
    const ring = await LocalKeyRing.open(file);
    const wrapped = await ring.wrap(dataKey, 'x');
    const before = readFileSync(file, 'utf8');
    await ring.rotate();
    await ring.destroy(wrapped.wrappedBy);
    await ring.destroy(wrapped.wrappedBy);
    expect(await codeOf(ring.unwrap(wrapped, 'x'))).toBe('destroyed_key');
    const key = (JSON.parse(before) as { keys: { key: string }[] }).keys[0]!.key;
    expect(readFileSync(file, 'utf8')).not.toContain(key);

    const other = await LocalKeyRing.open(join(folder, 'other.json'));
    expect(await codeOf(other.unwrap(wrapped, 'x'))).toBe('lost_key');
    expect(await codeOf(other.destroy(wrapped.wrappedBy))).toBe('lost_key');
    const taken = before.replace(key, Buffer.alloc(32, 9).toString('base64'));
    writeFileSync(file, taken);
    expect(await codeOf(ring.unwrap(wrapped, 'x'))).toBe('wrong_key');
  });

  it('is not used once others may read it, or when it is something else', async () => {
    const ring = await LocalKeyRing.open(file);
    chmodSync(file, 0o640);
    expect(await codeOf(ring.newest())).toBe('key_ring_unavailable');
    chmodSync(file, 0o600);
    writeFileSync(file, '{}');
    expect(await codeOf(ring.newest())).toBe('key_ring_unavailable');
    expect(await codeOf(ring.rotate())).toBe('key_ring_unavailable');
    expect(readFileSync(file, 'utf8')).toBe('{}');
  });

  it('loses no key when two processes add one at once', async () => {
    const rings = await Promise.all([1, 2, 3, 4].map(() => LocalKeyRing.open(file)));
    const ids = await Promise.all(rings.map((ring) => ring.rotate()));
    const kept = (JSON.parse(readFileSync(file, 'utf8')) as { keys: { id: string }[] }).keys.map(({ id }) => id);
    expect(kept).toEqual(expect.arrayContaining(ids));
    expect(kept).toHaveLength(5);
  });
});
