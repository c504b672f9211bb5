import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError, newId, type Micros } from '@holdfast/kernel';
import { sealed } from '@holdfast/platform/sealed-stream';
import { Signing } from '@holdfast/platform/signing';
import { ArchiveKeys } from './archive-keys';
import { ArchiveStorage } from './archive-storage';
import { ArchivedRowsStore } from './archived-rows.store';
import { ArchivesStore, type ExpiredArchive, type StoredArchive, type StoredArchiveObject } from './archives.store';
import { type ArchiveRequest, type Span, spansOf } from './core/archive';
import { type Canonical, inOrder } from './core/canonical-json';
import { type Manifest, manifestDocument, manifestName, sealContext, sumOfHashes } from './core/manifest';

/** Writes archives: what goes into which object is decided once; then one object after the other, and the manifest at the end. Each step may be repeated. */
@Injectable()
export class ArchiveWriter {
  constructor(
    private readonly archives: ArchivesStore,
    private readonly rows: ArchivedRowsStore,
    private readonly keys: ArchiveKeys,
    private readonly storage: ArchiveStorage,
    private readonly signing: Signing,
  ) {}

  /** Registers the archive and cuts the partition into objects. A repeat keeps what was decided. @returns how many objects */
  async plan(request: ArchiveRequest, at: Micros): Promise<number> {
    const known = await this.archives.archive(request.archive);
    if (known && known.plan !== '') return known.objects;
    this.storage.mustBeConfigured();
    const spans = spansOf(await this.rows.countByHour(request));
    const keyId = await this.keys.ofPartition(request, at);
    await this.archives.keep({
      ...request,
      ...{ keyId, state: 'writing', fault: '', plan: JSON.stringify(spans), objects: spans.length },
      ...{ rows: 0, hash: '0', manifestVersion: '', manifestSha256: '' },
      ...{ requestedAt: at, changedAt: at, revision: 1 },
    });
    return spans.length;
  }

  /**
   * Counts the rows of a span, has the engine export them, seals them on their way and puts them into the store. One that is there already is left as it is.
   * @throws DomainError `unavailable`
   */
  async writeObject(archive: string, number: number, at: Micros, signal?: AbortSignal): Promise<StoredArchiveObject> {
    const known = await this.existing(archive);
    if (known.state === 'discarded') throw new DomainError('conflict', 'archive_discarded', 'it was taken away');
    const there = (await this.archives.objects(archive)).find((one) => one.number === number);
    if (there) return there;
    const span = (JSON.parse(known.plan) as Span[])[number]!;
    const key = await this.keys.open(known.keyId);
    const sum = await this.rows.sum(known, span);
    if (sum.personal > 0) await this.keys.giveSubjectsKeys(known, span, known.keyId);
    const parquet = new Whole(this.rows.export(known, span, sum.personal > 0 ? known.keyId : undefined, signal));
    // A name of its own for each try: what a try that was cut short left behind takes nobody's place.
    const name = `archives/${archive}/${String(number).padStart(6, '0')}-${newId()}.parquet.sealed`;
    const store = await this.storage.store();
    const put = await store.put(name, sealed(parquet.pass(), key, sealContext(archive, number)), signal);
    const object: StoredArchiveObject = {
      ...{ number, object: name, objectVersion: put.version, rows: sum.rows, hash: sum.hash },
      ...{ plainBytes: parquet.bytes, plainSha256: parquet.sha256() },
      ...{ sealedBytes: put.bytes, sealedSha256: put.sha256, bounds: sum.bounds },
    };
    await this.archives.keepObject(archive, object, at);
    return object;
  }

  /** Signs what the archive holds, and stores that. A repeat does nothing. @throws DomainError `conflict` while objects are missing, or without a key to sign with */
  async finish(archive: string, at: Micros): Promise<StoredArchive> {
    const known = await this.existing(archive);
    if (known.state !== 'writing') return known;
    const objects = await this.archives.objects(archive);
    if (objects.length !== known.objects)
      throw new DomainError('conflict', 'archive_incomplete', 'not every object of the archive was written');
    const manifest: Manifest = {
      ...{ archive, class: known.class, period: known.period, policy: known.policy },
      ...{ policyVersion: known.policyVersion, keyId: known.keyId, writtenAt: at },
      keyFingerprint: await this.keys.fingerprint(known.keyId),
      rows: objects.reduce((sum, { rows }) => sum + rows, 0),
      hash: sumOfHashes(objects.map(({ hash }) => hash)),
      objects: objects.map(({ objectVersion: version, ...object }) => ({ ...object, version })),
    };
    const document = inOrder(manifestDocument(manifest) satisfies Canonical);
    const text = Buffer.from(this.signing.sign(document));
    const store = await this.storage.store();
    const put = await store.put(manifestName(archive), once(text));
    await this.removeLeftovers(archive, objects);
    const { rows, hash } = manifest;
    const written: StoredArchive = {
      ...known,
      ...{ rows, hash, state: 'written', manifestVersion: put.version },
      ...{ manifestSha256: createHash('sha256').update(text).digest('hex') },
      ...{ changedAt: at, revision: known.revision + 1 },
    };
    await this.archives.keep(written);
    return written;
  }

  /** Has the store keep every object and the manifest until the archive's time is over. A repeat does nothing. */
  async lock(archive: string): Promise<void> {
    const known = await this.existing(archive);
    if (known.retainUntil === 0) return;
    const store = await this.storage.store();
    for (const { object, objectVersion } of await this.archives.objects(archive))
      await store.retainUntil(object, objectVersion, known.retainUntil);
    await store.retainUntil(manifestName(archive), known.manifestVersion, known.retainUntil);
  }

  /** Whether an installation archives at all. */
  get isConfigured(): boolean {
    return this.storage.isConfigured;
  }

  /** Verified archives that are still there though the time that they were to be kept for is over. */
  expired(at: Micros): Promise<ExpiredArchive[]> {
    return this.archives.expired(at);
  }

  /**
   * Takes an archive away, every object of it: one that is not needed, or whose time is over. It says so first: what writes still, stops; a repeat goes on.
   * @throws DomainError `conflict` while the store keeps it by its lock
   */
  async discard(archive: string, at: Micros, signal?: AbortSignal): Promise<void> {
    const known = await this.archives.archive(archive);
    if (!known) return;
    // Far above what any step that is still under way would write.
    if (known.state !== 'discarded')
      await this.archives.keep({ ...known, state: 'discarded', changedAt: at, revision: known.revision + 1_000 });
    const store = await this.storage.store();
    let isWhole = known.state !== 'discarded';
    try {
      for await (const { key, version } of store.list(`archives/${archive}/`)) {
        signal?.throwIfAborted();
        await store.delete(key, version);
        isWhole = false;
      }
    } catch (error) {
      if (isWhole) await this.archives.keep({ ...known, changedAt: at, revision: known.revision + 1_001 });
      throw error;
    }
  }

  /** Whether there is an archive of a class and month of receipt that was not taken away. */
  async hasAnyOf(recordClass: string, period: string): Promise<boolean> {
    return (await this.standingOf(recordClass, period)).length > 0;
  }

  /** Ids of the archives of a class and month of receipt that were not taken away. */
  async standingOf(recordClass: string, period: string): Promise<string[]> {
    const found = await this.archives.archives({ class: recordClass, period }, LATEST, '', MOST_OF_A_MONTH);
    return found.flatMap(({ archive, state }) => (state === 'discarded' ? [] : [archive]));
  }

  /** Whether it was said that it is taken away: nothing may rely on it any more. */
  async isDiscarded(archive: string): Promise<boolean> {
    return (await this.archives.archive(archive))?.state === 'discarded';
  }

  /** Objects that tries have left which were cut short. */
  private async removeLeftovers(archive: string, objects: readonly StoredArchiveObject[]): Promise<void> {
    const store = await this.storage.store();
    const wanted = new Set([manifestName(archive), ...objects.map(({ object }) => object)]);
    for await (const { key, version } of store.list(`archives/${archive}/`))
      if (!wanted.has(key)) await store.delete(key, version);
  }

  private async existing(archive: string): Promise<StoredArchive> {
    const known = await this.archives.archive(archive);
    if (!known) throw new DomainError('not_found', 'archive_not_found', 'there is no such archive');
    return known;
  }
}

const LATEST: Micros = 9_000_000_000_000_000;
const MOST_OF_A_MONTH = 1_000;
const PARQUET_END = 'PAR1';

/** Passes a Parquet file on, and sees to it that it is one to its end: an engine that fails in the middle says so in the middle of what it sends. */
class Whole {
  bytes = 0;
  private readonly hash = createHash('sha256');
  private end: Buffer = Buffer.alloc(0);

  constructor(private readonly source: AsyncIterable<Buffer>) {}

  async *pass(): AsyncGenerator<Buffer> {
    for await (const piece of this.source) {
      this.bytes += piece.length;
      this.hash.update(piece);
      this.end = Buffer.concat([this.end, piece.subarray(-4)]).subarray(-4);
      yield piece;
    }
    if (this.end.toString('latin1') !== PARQUET_END)
      throw new DomainError('unavailable', 'archive_export_cut_short', 'the engine did not send the rows to their end');
  }

  sha256(): string {
    return this.hash.digest('hex');
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
