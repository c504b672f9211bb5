import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Micros } from '@holdfast/kernel';
import {
  type ByteRange,
  checkKey,
  full,
  locked,
  missing,
  type ObjectHead,
  type ObjectStore,
  type StoredObject,
  unavailable,
} from './object-store';
import { Measured, readBack } from './read-back';

/** What keeps a version: a file beside it. */
interface Lock {
  readonly retainUntil?: Micros;
  readonly legalHold?: boolean;
}

const WRITE_BYTES = 1024 * 1024;
const NAME = /^([0-9a-f]{32})$/;
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const isGone = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
/** Of the first half of SHA-256: the same content is the same version. */
const versionOf = (sha256: string): string => sha256.slice(0, 32);

/**
 * Objects in a directory of this machine or of a file server: `objects/<key>/<version>`, read-only, on disk before they are there, and there whole or not at all.
 * It heeds retention and legal holds itself, and cannot keep somebody else who may write in the directory from taking files away.
 */
export class DirectoryStore implements ObjectStore {
  readonly enforces = 'nothing';

  /** @param clock microseconds since 1970 */
  constructor(
    private readonly root: string,
    private readonly clock: () => Micros = () => Date.now() * 1000,
  ) {}

  async put(key: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StoredObject> {
    checkKey(key);
    const incoming = join(this.root, 'incoming');
    const draft = join(incoming, randomUUID());
    try {
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      const measured = new Measured();
      await writeWhole(draft, measured.pass(content), signal);
      const put = { bytes: measured.bytes, sha256: measured.sha256() };
      const version = versionOf(put.sha256);
      const place = this.place(key, version);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await rename(draft, place); // the same content in the place of the same
      await this.syncFolders(dirname(place));
      return await readBack(this, key, version, put);
    } catch (error) {
      await rm(draft, { force: true });
      throw understood(error);
    }
  }

  async head(key: string, version?: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    if (version === undefined) return (await this.versions(key))[0];
    if (!NAME.test(version)) return undefined;
    try {
      const found = await stat(this.place(key, version));
      const lock = await this.lockOf(key, version);
      return {
        ...{ key, version, bytes: found.size, modifiedAt: Math.round(found.mtimeMs * 1000) },
        ...{ retainUntil: lock.retainUntil, legalHold: lock.legalHold ?? false },
      };
    } catch (error) {
      if (isGone(error)) return undefined;
      throw understood(error);
    }
  }

  async *read(
    key: string,
    { version, range }: { readonly version?: string; readonly range?: ByteRange } = {},
  ): AsyncGenerator<Buffer> {
    const wanted = version ?? (await this.head(key))?.version;
    if (wanted === undefined || !NAME.test(wanted)) throw missing();
    if (range && range.to <= range.from) return;
    const span = range ? { start: range.from, end: range.to - 1 } : {};
    try {
      yield* createReadStream(this.place(key, wanted), {
        ...span,
        highWaterMark: 1024 * 1024,
      }) as AsyncIterable<Buffer>;
    } catch (error) {
      if (isGone(error)) throw missing();
      throw understood(error);
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectHead> {
    const keys: string[] = [];
    await this.keysUnder('', prefix, keys);
    for (const key of keys.sort()) {
      const head = await this.head(key);
      if (head) yield head;
    }
  }

  async versions(key: string): Promise<ObjectHead[]> {
    checkKey(key);
    const names = await entriesOf(join(this.root, 'objects', key));
    const heads = await Promise.all(
      names.filter(({ name }) => NAME.test(name)).map(({ name }) => this.head(key, name)),
    );
    return heads
      .filter((head) => head !== undefined)
      .sort((a, b) => b.modifiedAt - a.modifiedAt || (a.version < b.version ? 1 : -1));
  }

  async delete(key: string, version: string): Promise<void> {
    const head = await this.head(key, version);
    if (!head) return;
    if (head.legalHold || (head.retainUntil ?? 0) > this.clock()) throw locked();
    try {
      await unlink(this.place(key, version));
      await rm(this.lockPlace(key, version), { force: true });
      await this.syncFolders(dirname(this.place(key, version)));
    } catch (error) {
      if (!isGone(error)) throw understood(error);
    }
  }

  async retainUntil(key: string, version: string, until: Micros): Promise<void> {
    const head = await this.head(key, version);
    if (!head) throw missing();
    if ((head.retainUntil ?? 0) > until) throw locked();
    await this.writeLock(key, version, { retainUntil: until, legalHold: head.legalHold });
  }

  async holdLegally(key: string, version: string, held: boolean): Promise<void> {
    const head = await this.head(key, version);
    if (!head) throw missing();
    const { retainUntil } = head;
    await this.writeLock(key, version, { ...(retainUntil !== undefined && { retainUntil }), legalHold: held });
  }

  close(): void {
    // holds nothing
  }

  private place(key: string, version: string): string {
    return join(this.root, 'objects', key, version);
  }

  private lockPlace(key: string, version: string): string {
    return `${this.place(key, version)}.lock`;
  }

  /** A lock that cannot be read keeps its object: what it said is not known. */
  private async lockOf(key: string, version: string): Promise<Lock> {
    try {
      return JSON.parse(await readFile(this.lockPlace(key, version), 'utf8')) as Lock;
    } catch (error) {
      if (isGone(error)) return {};
      if (error instanceof SyntaxError) return { legalHold: true };
      throw understood(error);
    }
  }

  private async writeLock(key: string, version: string, lock: Lock): Promise<void> {
    const place = this.lockPlace(key, version);
    const draft = `${place}.${randomUUID()}`;
    try {
      await writeFile(draft, JSON.stringify(lock), { mode: 0o600, flush: true });
      await rename(draft, place);
      await syncFolder(dirname(place));
    } catch (error) {
      await rm(draft, { force: true });
      throw understood(error);
    }
  }

  /** A name in a folder is on disk when the folder is: up to the root, since any of them may be new. */
  private async syncFolders(folder: string): Promise<void> {
    for (let at = folder; at.startsWith(this.root); at = dirname(at)) {
      await syncFolder(at);
      if (at === this.root) return;
    }
  }

  private async keysUnder(folder: string, prefix: string, keys: string[]): Promise<void> {
    const entries = await entriesOf(join(this.root, 'objects', folder));
    if (folder !== '' && folder.startsWith(prefix) && entries.some(({ name }) => NAME.test(name))) keys.push(folder);
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (below.startsWith(prefix) || prefix.startsWith(`${below}/`)) await this.keysUnder(below, prefix, keys);
    }
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return [];
    throw understood(error);
  }
}

async function writeWhole(path: string, content: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx', 0o400);
    for await (const batch of inBatches(content)) {
      signal?.throwIfAborted();
      for (let rest = batch; rest.length > 0;) rest = rest.subarray((await file.write(rest)).bytesWritten);
    }
    await file.sync();
  } finally {
    await file?.close();
  }
}

/** Each write is a trip to a thread. */
async function* inBatches(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [held, size]: [Buffer[], number] = [[], 0];
  for await (const piece of content) {
    held.push(piece);
    size += piece.length;
    if (size < WRITE_BYTES) continue;
    yield Buffer.concat(held);
    [held, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(held);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What the file system says, in the store's words; anything else is not the store's. */
function understood(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return full();
  const isOfFiles = error instanceof Error && 'syscall' in error && typeof code === 'string' && code.startsWith('E');
  return isOfFiles ? unavailable(error) : error;
}
