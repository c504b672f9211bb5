import { Inject, Injectable, Optional } from '@nestjs/common';
import { PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { ArchiveFaultError, ArchiveReader } from './archive-reader';
import { engineReads, mustAgree, type Progress } from './archive-verifier.service';
import { ArchivedRowsStore, type RestoredRecord } from './archived-rows.store';
import { ArchivesStore, type StoredRestore } from './archives.store';
import type { Verification } from './core/archive';
import { masked } from './masked';
import { RESTORED_HOLDS, type RestoredHolds } from './restored-holds';

/** Puts records of archives beside those that count, for a time. */
@Injectable()
export class ArchiveRestorer {
  constructor(
    private readonly archives: ArchivesStore,
    private readonly reader: ArchiveReader,
    private readonly rows: ArchivedRowsStore,
    private readonly privacy: PrivacyService,
    @Optional() @Inject(RESTORED_HOLDS) private readonly holds: RestoredHolds | undefined,
  ) {}

  /** Registers it. A repeat does nothing. @throws DomainError `archive_not_found`, `archive_not_written` */
  async begin(of: Pick<StoredRestore, 'restore' | 'archive' | 'requestedBy' | 'expiresAt'>, at: Micros): Promise<void> {
    await this.reader.written(of.archive);
    if (await this.archives.restore(of.restore)) return;
    await this.archives.keepRestore({
      ...of,
      ...{ state: 'restoring', fault: '', rows: 0, erased: 0, requestedAt: at, changedAt: at, revision: 1 },
    });
  }

  /**
   * Restores every object, and compares what is there then with what the archive was made from. Erased people stay erased: their keys are gone. A repeat begins anew.
   * @throws DomainError `unavailable`
   */
  async fill(restore: string, archive: string, progress: Progress, signal?: AbortSignal): Promise<Verification> {
    let bytes = 0;
    try {
      await this.rows.dropRestored(restore);
      const open = await this.reader.open(archive);
      for (const [index, object] of open.manifest.objects.entries()) {
        await engineReads(this.reader.parquet(open, object), object.number, (parquet) =>
          this.rows.restore(restore, open.manifest.keyId, parquet, signal),
        );
        bytes += object.sealedBytes;
        progress(index + 1);
      }
      const found = await this.rows.sumRestored(restore);
      mustAgree({ ...open.manifest, number: -1 }, found);
      return { fault: '', number: -1, rows: found.rows, erased: found.erased, bytes };
    } catch (error) {
      await this.rows.dropRestored(restore);
      if (!(error instanceof ArchiveFaultError)) throw error;
      return { fault: error.fault, number: error.number, rows: 0, erased: 0, bytes };
    }
  }

  /** Says how it ended. A repeat does nothing. */
  async settle(restore: string, { fault, rows, erased }: Verification, at: Micros): Promise<void> {
    const known = await this.existing(restore);
    if (known.state !== 'restoring') return;
    const state = fault === '' ? 'restored' : 'failed';
    await this.archives.keepRestore({
      ...known,
      state,
      fault,
      rows,
      erased,
      changedAt: at,
      revision: known.revision + 1,
    });
  }

  /** Takes restored records away, unless they are held. A repeat does nothing. @returns whether they are gone */
  async expire(restore: string, at: Micros): Promise<boolean> {
    const known = await this.existing(restore);
    if (known.state === 'expired') return true;
    if (await this.holds?.isHeld(restore, known.archive)) return false;
    await this.rows.dropRestored(restore);
    await this.archives.keepRestore({ ...known, state: 'expired', changedAt: at, revision: known.revision + 1 });
    return true;
  }

  /** Forgets the records of a drill, which nobody asked for. */
  drop(restore: string): Promise<void> {
    return this.rows.dropRestored(restore);
  }

  /** @throws DomainError `not_found` */
  async existing(restore: string): Promise<StoredRestore> {
    const known = await this.archives.restore(restore);
    if (!known) throw new DomainError('not_found', 'restore_not_found', 'there is no such restore');
    return known;
  }

  /** As the privacy policy of today has people see them. @throws DomainError `not_found`; `conflict` unless it is restored; `unavailable` */
  async records(
    of: { readonly restore: string; readonly process: string; readonly key: string },
    skip: number,
    limit: number,
  ): Promise<RestoredRecord[]> {
    const { state } = await this.existing(of.restore);
    if (state !== 'restored')
      throw new DomainError('conflict', 'restore_not_there', 'the records are not there: not yet, or not any more', {
        extra: { state },
      });
    const masker = await this.privacy.masker();
    return (await this.rows.restored(of, skip, limit)).map((record) => masked(record, masker));
  }
}
