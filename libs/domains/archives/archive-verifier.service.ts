import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ArchiveFaultError, ArchiveReader, type OpenArchive } from './archive-reader';
import { ArchivedRowsStore, type ReadingSum } from './archived-rows.store';
import { ArchivesStore } from './archives.store';
import type { ArchiveFault, Span, Verification } from './core/archive';
import type { ManifestObject } from './core/manifest';

/** After each object: how many are done. */
export type Progress = (objects: number) => void;

const GOOD: Verification = { fault: '', number: -1, rows: 0, erased: 0, bytes: 0 };

/** Reads archives back and says whether they are what was written. */
@Injectable()
export class ArchiveVerifier {
  constructor(
    private readonly archives: ArchivesStore,
    private readonly reader: ArchiveReader,
    private readonly rows: ArchivedRowsStore,
  ) {}

  /**
   * Reads everything from the store, opens it, and has the engine count it as Parquet.
   * @returns what is wrong first, or that nothing is
   * @throws DomainError `not_found`, `unavailable`
   */
  async verify(archive: string, progress: Progress, signal?: AbortSignal): Promise<Verification> {
    let { rows, erased, bytes } = GOOD;
    try {
      const open = await this.reader.open(archive);
      for (const [index, object] of open.manifest.objects.entries()) {
        const found = await this.read(open, object, signal);
        rows += found.rows;
        erased += found.erased;
        bytes += object.sealedBytes;
        progress(index + 1);
      }
      return { ...GOOD, rows, erased, bytes };
    } catch (error) {
      if (!(error instanceof ArchiveFaultError)) throw error;
      return { fault: error.fault, number: error.number, rows, erased, bytes };
    }
  }

  /** Notes what was found. A repeat does nothing. @param fault '' for none */
  async settle(archive: string, fault: ArchiveFault, at: Micros): Promise<void> {
    const known = await this.archives.archive(archive);
    const state = fault === '' ? 'verified' : 'failed';
    if (!known || (known.state === state && known.fault === fault)) return;
    await this.archives.keep({ ...known, state, fault, changedAt: at, revision: known.revision + 1 });
  }

  /**
   * Whether it was read back and found as it was written, and manifest, key and objects are still there. @returns the fault; '' for none
   * @throws DomainError `unavailable`
   */
  async faultNow(archive: string): Promise<ArchiveFault | 'archive_not_verified'> {
    if ((await this.archives.archive(archive))?.state !== 'verified') return 'archive_not_verified';
    try {
      const open = await this.reader.open(archive);
      for (const object of open.manifest.objects) await this.reader.mustBeThere(object);
      return '';
    } catch (error) {
      if (!(error instanceof ArchiveFaultError)) throw error;
      return error.fault;
    }
  }

  /** @throws ArchiveFaultError, DomainError `unavailable` */
  private async read(open: OpenArchive, object: ManifestObject, signal?: AbortSignal): Promise<ReadingSum> {
    const { keyId } = open.manifest;
    const found = await engineReads(this.reader.parquet(open, object), object.number, (parquet) =>
      this.rows.read(parquet, keyId, signal),
    );
    mustAgree(object, found);
    return found;
  }

  /**
   * Whether the records are still those that were archived: the last question before they are deleted.
   * @throws DomainError `not_found`, `unavailable`
   */
  async compareSource(archive: string, progress: Progress): Promise<Verification> {
    const known = await this.reader.written(archive);
    const spans = JSON.parse(known.plan) as Span[];
    const objects = await this.archives.objects(archive);
    let rows = 0;
    for (const [number, span] of spans.entries()) {
      const sum = await this.rows.sum(known, span);
      const object = objects[number];
      if (object?.rows !== sum.rows || object.hash !== sum.hash)
        return { ...GOOD, fault: 'source_changed', number, rows };
      rows += sum.rows;
      progress(number + 1);
    }
    // Rows of hours that no span has came later than the plan.
    const counted = (await this.rows.countByHour(known)).reduce((sum, hour) => sum + hour.rows, 0);
    return counted === rows ? { ...GOOD, rows } : { ...GOOD, fault: 'source_changed', rows };
  }
}

/** Rows of an object agree with the manifest. Hashes do as long as nobody in it was erased: the text of who was is not known any more. */
export function mustAgree(
  object: Pick<ManifestObject, 'rows' | 'hash'> & { readonly number: number },
  found: ReadingSum,
): void {
  if (found.rows !== object.rows) throw new ArchiveFaultError('rows_differ', object.number);
  if (found.erased === 0 && found.hash !== object.hash) throw new ArchiveFaultError('hashes_differ', object.number);
}

/**
 * Hands a Parquet file to the engine. What is wrong with the bytes on their way says more than that the engine got too few of them.
 * @throws ArchiveFaultError, DomainError `unavailable`
 */
export async function engineReads<T>(
  parquet: AsyncIterable<Buffer>,
  number: number,
  read: (parquet: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const broken: unknown[] = [];
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      yield* parquet;
    } catch (error) {
      broken.push(error);
      throw error;
    }
  }
  try {
    return await read(watched());
  } catch (error) {
    if (broken.length > 0) throw broken[0];
    if (error instanceof Error && error.name === 'ClickHouseError')
      throw new ArchiveFaultError('object_not_parquet', number);
    throw error;
  }
}
