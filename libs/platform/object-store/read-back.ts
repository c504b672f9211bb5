import { createHash } from 'node:crypto';
import { DomainError } from '@holdfast/kernel';
import { type ObjectStore, type StoredObject, unfaithful } from './object-store';

/** Passes a stream on, and knows its length and SHA-256 afterwards. */
export class Measured {
  bytes = 0;
  private readonly hash = createHash('sha256');

  async *pass(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    for await (const piece of content) {
      if (piece.byteLength === 0) continue;
      this.bytes += piece.byteLength;
      this.hash.update(piece);
      yield Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    }
  }

  /** Once, after the end. @returns in hexadecimal */
  sha256(): string {
    return this.hash.digest('hex');
  }
}

/**
 * Reads an object back as it was put: its length by the head, its content whole.
 * @returns the object, believed now
 * @throws DomainError `object_store_unfaithful` when the store has another one, or none
 */
export async function readBack(
  store: Pick<ObjectStore, 'head' | 'read'>,
  key: string,
  version: string | undefined,
  put: { readonly bytes: number; readonly sha256: string },
): Promise<StoredObject> {
  const head = await store.head(key, version);
  if (head?.bytes !== put.bytes) throw unfaithful();
  const found = new Measured();
  try {
    for await (const _ of found.pass(store.read(key, { version: head.version })));
  } catch (error) {
    if (error instanceof DomainError && error.code === 'object_missing') throw unfaithful();
    throw error;
  }
  if (found.bytes !== put.bytes || found.sha256() !== put.sha256) throw unfaithful();
  return { key, version: head.version, ...put };
}
