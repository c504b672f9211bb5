import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from '@holdfast/platform/processes';
import { z } from 'zod';
import { destroyedKey, type KeyRing, lostKey, ringUnavailable, type WrappedKey, wrongKey } from './key-ring';
import { unwrapBytes, wrapBytes } from './wrapping';

const Ring = z.strictObject({
  format: z.literal('holdfast key ring 1'),
  keys: z
    .array(
      z.strictObject({
        id: z.string(),
        /** In base 64; null once it was destroyed: that there was one is kept. */
        key: z.base64().nullable(),
      }),
    )
    .min(1),
});
type RingFile = z.output<typeof Ring>;

/** Keys of a file that its owner alone may read. It is read at each use: another process may have added a key, or destroyed one. */
export class LocalKeyRing implements KeyRing {
  readonly kind = 'local';

  constructor(private readonly file: string) {}

  /** Makes the file with a first key where there is none. @throws DomainError `key_ring_unavailable` */
  static async open(file: string): Promise<LocalKeyRing> {
    const ring = new LocalKeyRing(file);
    await ring.change((keys) => (keys.length > 0 ? keys : [...keys, newKey()]));
    return ring;
  }

  async newest(): Promise<string> {
    const found = (await this.keys()).findLast(({ key }) => key !== null);
    if (!found) throw destroyedKey();
    return found.id;
  }

  async wrap(dataKey: Buffer, context: string): Promise<WrappedKey> {
    const wrappedBy = await this.newest();
    const wrapped = wrapBytes(await this.key(wrappedBy), dataKey, context).toString('base64');
    return { wrappedBy, wrapped };
  }

  async unwrap({ wrappedBy, wrapped }: WrappedKey, context: string): Promise<Buffer> {
    const bytes = unwrapBytes(await this.key(wrappedBy), Buffer.from(wrapped, 'base64'), context);
    if (!bytes) throw wrongKey();
    return bytes;
  }

  async rotate(): Promise<string> {
    const added = newKey();
    await this.change((keys) => [...keys, added]);
    return added.id;
  }

  async destroy(id: string): Promise<void> {
    await this.change((keys) => {
      if (!keys.some((one) => one.id === id)) throw lostKey();
      return keys.map((one) => (one.id === id ? { id, key: null } : one));
    });
  }

  close(): void {
    // holds nothing
  }

  private async key(id: string): Promise<Buffer> {
    const found = (await this.keys()).find((one) => one.id === id);
    if (!found) throw lostKey();
    if (found.key === null) throw destroyedKey();
    return Buffer.from(found.key, 'base64');
  }

  private async keys(): Promise<RingFile['keys']> {
    return (await this.read())?.keys ?? [];
  }

  private async read(): Promise<RingFile | undefined> {
    try {
      const { mode } = await stat(this.file);
      // As ssh does: a key that others could have read is no secret, and nobody would notice.
      if ((mode & 0o077) !== 0) throw new Error('the key ring may be read by others than its owner: chmod 600');
      return Ring.parse(JSON.parse(await readFile(this.file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw ringUnavailable(error);
    }
  }

  /** One change at a time, on disk before it is told. */
  private async change(make: (keys: RingFile['keys']) => RingFile['keys']): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
    await withFileLock(`${this.file}.lock`, async () => {
      const before = await this.keys();
      const keys = make(before);
      if (keys === before) return;
      await replaceFile(this.file, `${JSON.stringify({ format: 'holdfast key ring 1', keys } satisfies RingFile)}\n`);
    });
  }
}

const newKey = () => ({ id: `local-${randomUUID()}`, key: randomBytes(32).toString('base64') });

async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    const folder = await open(dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    await rm(draft, { force: true });
    throw ringUnavailable(error);
  }
}
