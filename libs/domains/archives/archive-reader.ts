import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import type { ObjectStore } from '@holdfast/platform/object-store';
import { opened, SealedReader, SealError, type SealFault } from '@holdfast/platform/sealed-stream';
import { Signing } from '@holdfast/platform/signing';
import { ArchiveKeys } from './archive-keys';
import { ArchiveStorage } from './archive-storage';
import { ArchivesStore, type StoredArchive } from './archives.store';
import type { ArchiveFault } from './core/archive';
import { type Manifest, manifestName, type ManifestObject, manifestOf, sealContext } from './core/manifest';

/** An archive that cannot be believed: what is wrong, and with which object (-1: with none in particular). */
export class ArchiveFaultError extends Error {
  override readonly name = 'ArchiveFaultError';
  constructor(
    readonly fault: Exclude<ArchiveFault, ''>,
    readonly number = -1,
  ) {
    super(fault);
  }
}

/** As it stands in the store. */
export interface OpenArchive {
  readonly manifest: Manifest;
  readonly key: Buffer;
}

const KEY_FAULTS = ['wrong_key', 'lost_key', 'destroyed_key'] as const;
const OF_SEAL: Readonly<Record<SealFault, Exclude<ArchiveFault, ''>>> = {
  not_sealed: 'object_altered',
  wrong_key: 'wrong_key',
  truncated: 'object_truncated',
  appended: 'object_appended',
  reordered: 'object_reordered',
  altered: 'object_altered',
};

/** Reads archives from the store: nothing of what was written is taken for granted. */
@Injectable()
export class ArchiveReader {
  constructor(
    private readonly archives: ArchivesStore,
    private readonly keys: ArchiveKeys,
    private readonly storage: ArchiveStorage,
    private readonly signing: Signing,
  ) {}

  /** @throws DomainError `archive_not_found`, `archive_not_written` */
  async written(archive: string): Promise<StoredArchive> {
    const known = await this.archives.archive(archive);
    if (!known) throw new DomainError('not_found', 'archive_not_found', 'there is no such archive');
    if (known.manifestVersion === '')
      throw new DomainError('conflict', 'archive_not_written', 'the archive is being written, or that failed');
    return known;
  }

  /** @throws ArchiveFaultError when the store has no such object, or one of another size; DomainError `unavailable` */
  async mustBeThere({ object, version, sealedBytes, number }: ManifestObject): Promise<void> {
    const head = await (await this.storage.store()).head(object, version);
    if (!head) throw new ArchiveFaultError('object_missing', number);
    if (head.bytes !== sealedBytes) throw new ArchiveFaultError('object_truncated', number);
  }

  /** Reads manifest and key. @throws ArchiveFaultError; DomainError `not_found`, `conflict`, `unavailable` */
  async open(archive: string): Promise<OpenArchive> {
    const { manifestVersion, manifestSha256 } = await this.written(archive);
    const store = await this.storage.store();
    const text = await wholeOf(store, manifestName(archive), manifestVersion);
    if (!text) throw new ArchiveFaultError('manifest_missing');
    const payload = this.signing.verified(text.toString('utf8'));
    const manifest = payload === undefined ? undefined : manifestOf(payload);
    const isWritten = createHash('sha256').update(text).digest('hex') === manifestSha256;
    if (manifest?.archive !== archive || !isWritten) throw new ArchiveFaultError('manifest_altered');
    try {
      return { manifest, key: await this.keys.open(manifest.keyId) };
    } catch (error) {
      throw asFault(error, -1);
    }
  }

  /** The Parquet file of an object, as it comes from the store: what is handed out before an error is true, and not all. @throws ArchiveFaultError, DomainError `unavailable` */
  async *parquet({ manifest, key }: OpenArchive, object: ManifestObject): AsyncGenerator<Buffer> {
    const { number } = object;
    const store = await this.storage.store();
    await this.mustBeWhole(store, object);
    const plain = createHash('sha256');
    try {
      const bytes = store.read(object.object, { version: object.version });
      for await (const piece of opened(bytes, key, sealContext(manifest.archive, number))) {
        plain.update(piece);
        yield piece;
      }
    } catch (error) {
      throw asFault(error, number);
    }
    if (plain.digest('hex') !== object.plainSha256) throw new ArchiveFaultError('object_altered', number);
  }

  /** Any part of the Parquet file of an object. @throws ArchiveFaultError, DomainError `unavailable`, also whenever it is read from */
  async ranges({ manifest, key }: OpenArchive, object: ManifestObject): Promise<SealedReader> {
    const store = await this.storage.store();
    await this.mustBeWhole(store, object);
    const read = async (from: number, to: number): Promise<Buffer> => {
      const pieces: Buffer[] = [];
      for await (const piece of store.read(object.object, { version: object.version, range: { from, to } }))
        pieces.push(piece);
      return Buffer.concat(pieces);
    };
    try {
      return await SealedReader.open(read, object.sealedBytes, key, sealContext(manifest.archive, object.number));
    } catch (error) {
      throw asFault(error, object.number);
    }
  }

  /** By its length, which the manifest knows: that tells bytes that are missing from bytes that were altered. */
  private async mustBeWhole(
    store: ObjectStore,
    { object, version, sealedBytes, number }: ManifestObject,
  ): Promise<void> {
    const head = await store.head(object, version);
    if (!head) throw new ArchiveFaultError('object_missing', number);
    if (head.bytes < sealedBytes) throw new ArchiveFaultError('object_truncated', number);
    if (head.bytes > sealedBytes) throw new ArchiveFaultError('object_appended', number);
  }
}

/** What is wrong with an object, where it is that; other errors stay what they are. */
export function asFault(error: unknown, number: number): unknown {
  if (error instanceof SealError) return new ArchiveFaultError(OF_SEAL[error.fault], number);
  if (!(error instanceof DomainError)) return error;
  if (error.code === 'object_missing') return new ArchiveFaultError('object_missing', number);
  const fault = KEY_FAULTS.find((one) => one === error.code);
  return fault === undefined ? error : new ArchiveFaultError(fault, number);
}

async function wholeOf(store: ObjectStore, name: string, version: string): Promise<Buffer | undefined> {
  if (!(await store.head(name, version))) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of store.read(name, { version })) pieces.push(piece);
  return Buffer.concat(pieces);
}
