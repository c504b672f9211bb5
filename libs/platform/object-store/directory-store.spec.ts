import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from './directory-store';

let root: string;
let time = 1_000_000;
let store: DirectoryStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
  store = new DirectoryStore(root, () => time);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function* of(...pieces: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}
async function textOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece.toString();
  return text;
}
async function keysOf(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  );

describe('a store in a directory', () => {
  it('keeps what it was given, whole and by range, as read-only files', async () => {
    const put = await store.put('a/b.txt', of('hello ', '', 'world'));
    expect(put).toMatchObject({
      ...{ key: 'a/b.txt', bytes: 11 },
      sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9', // FIPS 180-4 of "hello world"
    });
    expect(await textOf(store.read('a/b.txt'))).toBe('hello world');
    expect(await textOf(store.read('a/b.txt', { range: { from: 4, to: 7 } }))).toBe('o w');
    expect(await textOf(store.read('a/b.txt', { range: { from: 3, to: 3 } }))).toBe('');
    expect(await store.head('a/b.txt')).toMatchObject({ bytes: 11, legalHold: false, version: put.version });
    expect(statSync(join(root, 'objects/a/b.txt', put.version)).mode & 0o777).toBe(0o400);
    expect(readdirSync(join(root, 'incoming'))).toEqual([]);
  });

  it('knows versions: the same content is the same one, another content another', async () => {
    const first = await store.put('x', of('1'));
    expect(await store.put('x', of('1'))).toEqual(first);
    const second = await store.put('x', of('2'));
    const versions = (await store.versions('x')).map(({ version }) => version);
    expect(versions.sort()).toEqual([first.version, second.version].sort());
    expect(await textOf(store.read('x', { version: first.version }))).toBe('1');
    await store.delete('x', second.version);
    await store.delete('x', second.version);
    expect(await textOf(store.read('x'))).toBe('1');
  });

  it('lists by prefix, and an object below a name beside one of the name', async () => {
    for (const key of ['b', 'a/1', 'a/2', 'a/2/deep', 'ab/1']) await store.put(key, of(key));
    expect(await keysOf('a/')).toEqual(['a/1', 'a/2', 'a/2/deep']);
    expect(await keysOf('')).toEqual(['a/1', 'a/2', 'a/2/deep', 'ab/1', 'b']);
    expect(await keysOf('none')).toEqual([]);
  });

  it('keeps what is retained or held, and says that it alone does', async () => {
    const { version } = await store.put('x', of('1'));
    expect(store.enforces).toBe('nothing');
    await store.retainUntil('x', version, time + 10);
    expect(await codeOf(store.delete('x', version))).toBe('object_locked');
    expect(await codeOf(store.retainUntil('x', version, time + 5))).toBe('object_locked');
    await store.holdLegally('x', version, true);
    time += 20;
    expect(await codeOf(store.delete('x', version))).toBe('object_locked');
    await store.holdLegally('x', version, false);
    await store.delete('x', version);
    expect(await store.head('x')).toBeUndefined();
    expect(await codeOf(store.holdLegally('x', version, true))).toBe('object_missing');
    expect(await codeOf(textOf(store.read('x')))).toBe('object_missing');
  });

  it('keeps an object whose lock cannot be read', async () => {
    const { version } = await store.put('x', of('1'));
    writeFileSync(join(root, 'objects/x', `${version}.lock`), '{"retain');
    expect(await codeOf(store.delete('x', version))).toBe('object_locked');
  });

  it('takes no name that leads out of it', async () => {
    for (const key of ['', '/a', 'a/', '../a', 'a/../b', 'a//b', 'a\\b', '.', 'ä'])
      expect([key, await codeOf(store.put(key, of('1')))]).toEqual([key, 'not a key of an object']);
  });

  it('leaves nothing of what breaks off', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('half');
      throw new Error('no more');
    }
    expect(await codeOf(store.put('x', broken()))).toBe('no more');
    expect(await store.head('x')).toBeUndefined();
    expect(readdirSync(join(root, 'incoming'))).toEqual([]);
  });
});

const canMount = process.getuid?.() === 0 && process.platform === 'linux';
(canMount ? it : it.skip)('a full disk is told, and nothing of the object is left', async () => {
  const disk = join(root, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return; // not allowed to mount here
  }
  try {
    const small = new DirectoryStore(disk);
    await small.put('fits', of(Buffer.alloc(100_000)));
    expect(await codeOf(small.put('large', of(Buffer.alloc(600_000), Buffer.alloc(600_000))))).toBe(
      'object_store_full',
    );
    expect(await small.head('large')).toBeUndefined();
    expect(readdirSync(join(disk, 'incoming'))).toEqual([]);
    expect(await small.head('fits')).toMatchObject({ bytes: 100_000 });
    await small.put('fits-too', of(Buffer.alloc(500_000)));
  } finally {
    execFileSync('umount', [disk]);
  }
});
