import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError, newId, type Micros } from '@holdfast/kernel';
import { fingerprintOf } from '@holdfast/platform/sealed-stream';
import { type StoredKey, ArchiveKeysStore } from './archive-keys.store';
import { ArchiveStorage } from './archive-storage';
import type { Span } from './core/archive';
import { keyContext, keyName } from './core/manifest';
import { ArchivedRowsStore, type Partition } from './archived-rows.store';

const KEY_BYTES = 32;
/** Keys that are looked at, and subjects that get one, at once. */
const PAGE = 1_000;
const SUBJECTS = 50_000;

/**
 * Keys of archives. Each class and period has one, which the key ring wraps; a copy of the wrapped key lies in the store of archives, where no retention keeps it:
 * destroyed keys leave there as they leave the register. Subjects have keys of their own, in the register alone.
 */
@Injectable()
export class ArchiveKeys {
  constructor(
    private readonly store: ArchiveKeysStore,
    private readonly rows: ArchivedRowsStore,
    private readonly storage: ArchiveStorage,
  ) {}

  /** The key of a class and period, made where there is none. Whoever asks is alone with the class and period. @returns its id */
  async ofPartition(of: Partition, at: Micros): Promise<string> {
    const known = (await this.store.keys(of, '', PAGE)).find(({ isDestroyed }) => !isDestroyed);
    if (known) return known.keyId;
    const keyId = `${of.class}-${of.period}-${newId()}`;
    const key = randomBytes(KEY_BYTES);
    const ring = await this.storage.ring();
    const wrapped = await ring.wrap(key, keyContext(keyId));
    await this.keep({ keyId, ...of, fingerprint: fingerprintOf(key), ...wrapped, isDestroyed: false, revision: 1 }, at);
    return keyId;
  }

  /** @throws DomainError `lost_key`, `destroyed_key`, `wrong_key`, `unavailable` */
  async open(keyId: string): Promise<Buffer> {
    const known = await this.known(keyId);
    if (known.isDestroyed) throw destroyed();
    const key = await (await this.storage.ring()).unwrap(known, keyContext(keyId));
    if (fingerprintOf(key) !== known.fingerprint)
      throw new DomainError('conflict', 'wrong_key', 'the key is not the one that the archive was sealed with');
    return key;
  }

  /** @throws DomainError `lost_key` */
  async fingerprint(keyId: string): Promise<string> {
    return (await this.known(keyId)).fingerprint;
  }

  /** Gives every subject of a span with something personal a key, those that have one keep it. */
  async giveSubjectsKeys(of: Partition, span: Span, keyId: string): Promise<void> {
    for (let after = ''; ;) {
      const subjects = await this.rows.subjectsWithoutKey(of, span, keyId, after, SUBJECTS);
      const last = subjects.at(-1);
      if (last === undefined) return;
      const secrets = new Map(subjects.map((subject) => [subject, randomBytes(KEY_BYTES).toString('hex')]));
      await this.store.addSubjects(keyId, secrets);
      after = last;
    }
  }

  /** In hexadecimal, by subject; those that were erased are not among them. */
  subjectSecrets(keyId: string, subjects: readonly string[]): Promise<Map<string, string>> {
    return this.store.subjectSecrets(keyId, subjects);
  }

  /** Wraps keys anew by the newest key of the ring; what they seal stays as it is. Begins behind a key. @returns the last one, undefined when there is none behind */
  async rewrapPage(
    after: string,
    at: Micros,
  ): Promise<{ readonly last: string | undefined; readonly wrapped: number }> {
    const ring = await this.storage.ring();
    const newest = await ring.newest();
    const page = await this.store.keys({ class: '', period: '' }, after, PAGE);
    const due = page.filter(({ isDestroyed, wrappedBy }) => !isDestroyed && wrappedBy !== newest);
    for (const known of due) {
      const key = await ring.unwrap(known, keyContext(known.keyId));
      await this.keep(
        { ...known, ...(await ring.wrap(key, keyContext(known.keyId))), revision: known.revision + 1 },
        at,
      );
    }
    return { last: page.at(-1)?.keyId, wrapped: due.length };
  }

  /**
   * Destroys a key: everything that it sealed is lost, wherever it lies. A repeat goes on where the first was cut short.
   * @throws DomainError `lost_key`; `object_locked` when somebody has put a copy of it under retention
   */
  async destroy(keyId: string, at: Micros): Promise<void> {
    const known = await this.known(keyId);
    const store = await this.storage.store();
    // The register first: from here on nobody opens anything with it, also if the rest takes another try.
    if (!known.isDestroyed)
      await this.store.keep(
        { ...known, wrappedBy: '', wrapped: '', isDestroyed: true, revision: known.revision + 1 },
        at,
      );
    for (const { version } of await store.versions(keyName(keyId))) await store.delete(keyName(keyId), version);
    await this.store.forgetOlder();
  }

  private async known(keyId: string): Promise<StoredKey> {
    const found = await this.store.key(keyId);
    if (!found) throw new DomainError('conflict', 'lost_key', 'the register has no key of this name');
    return found;
  }

  /** The copy first: a key of the register is used, and must not be lost with it. Older copies leave. */
  private async keep(known: StoredKey, at: Micros): Promise<void> {
    const store = await this.storage.store();
    const { keyId, fingerprint, wrappedBy, wrapped } = known;
    const copy = { format: 'holdfast archive key 1', keyId, fingerprint, wrappedBy, wrapped };
    const { version } = await store.put(keyName(keyId), once(Buffer.from(`${JSON.stringify(copy)}\n`)));
    await this.store.keep(known, at);
    for (const older of await store.versions(keyName(keyId)))
      if (older.version !== version) await store.delete(keyName(keyId), older.version);
  }
}

const destroyed = (): DomainError =>
  new DomainError('conflict', 'destroyed_key', 'the key of the archive was destroyed');

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
