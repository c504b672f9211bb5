import { Injectable } from '@nestjs/common';
import { DomainError, invalid, newId, type Micros } from '@holdfast/kernel';
import { startOrJoin } from '@holdfast/platform/temporal';
import { restoreArchive } from '@holdfast/workflows/archives/restore-archive/contract';
import { drillArchives } from '@holdfast/workflows/archives/drill-archives/contract';
import { rotateArchiveKeys } from '@holdfast/workflows/archives/rotate-archive-keys/contract';
import { verifyArchive } from '@holdfast/workflows/archives/verify-archive/contract';
import { writeArchive } from '@holdfast/workflows/archives/write-archive/contract';
import { Client } from '@temporalio/client';
import { ArchiveQuery, type Queried } from './archive-query';
import { ArchiveRestorer } from './archive-restorer';
import { ArchiveStorage } from './archive-storage';
import { ArchiveKeysStore, type StoredKey } from './archive-keys.store';
import type { RestoredRecord } from './archived-rows.store';
import {
  ArchivesStore,
  type StoredArchive,
  type StoredArchiveObject,
  type StoredDrill,
  type StoredRestore,
} from './archives.store';
import type { ArchiveFilter, ArchiveRequest } from './core/archive';

export type { StoredArchive, StoredArchiveObject, StoredRestore };

export interface ArchiveView extends StoredArchive {
  readonly written: readonly StoredArchiveObject[];
}

/** Archives: write, show, verify, query, restore, drill, and their keys. */
@Injectable()
export class ArchivesService {
  constructor(
    private readonly store: ArchivesStore,
    private readonly keysStore: ArchiveKeysStore,
    private readonly storage: ArchiveStorage,
    private readonly queries: ArchiveQuery,
    private readonly restorer: ArchiveRestorer,
    private readonly temporal: Client,
  ) {}

  /**
   * Has a partition archived: a retention class and a month of receipt that is over.
   * @returns the archive's id
   * @throws DomainError `invalid` for a month that is not over; `conflict` when nothing is configured, or it is being archived; `unavailable`
   */
  async write(of: Omit<ArchiveRequest, 'archive'>, at: Micros): Promise<string> {
    this.storage.mustBeConfigured();
    if (of.period >= periodOf(at))
      throw invalid('invalid_request', 'records of that month may still come', [
        { field: 'period', reason: 'must be a month that is over' },
      ]);
    // Begins with a word: a random id may begin with what a command line takes for an option.
    const archive = `${of.class}-${of.period}-${newId()}`;
    const { started } = await startOrJoin(this.temporal, writeArchive, { archive, ...of });
    if (!started) throw new DomainError('conflict', 'archive_under_way', 'this class and month is being archived');
    await this.store.keep(unplanned({ archive, ...of }, at));
    return archive;
  }

  /** @throws DomainError `not_found` */
  async archive(archive: string): Promise<ArchiveView> {
    const found = await this.store.archive(archive);
    if (!found) throw new DomainError('not_found', 'archive_not_found', 'there is no such archive');
    return { ...found, written: await this.store.objects(archive) };
  }

  /** The newest first. */
  archives(
    of: { readonly class: string; readonly period: string },
    beforeAt: Micros,
    beforeArchive: string,
    limit: number,
  ): Promise<StoredArchive[]> {
    return this.store.archives(of, beforeAt, beforeArchive, limit);
  }

  /** Reads it back from its store. What is found is told by `archive`. @throws DomainError `not_found`, `conflict` while it is written, `unavailable` */
  async verify(archive: string): Promise<void> {
    await this.mustBeWritten(archive);
    await startOrJoin(this.temporal, verifyArchive, archive);
  }

  /** @throws DomainError as ArchiveQuery.query does */
  query(archive: string, filter: ArchiveFilter, limit: number): Promise<Queried> {
    return this.queries.query(archive, filter, limit);
  }

  /** @returns the restore's id @throws DomainError `not_found`, `conflict` while it is written, `unavailable` */
  async restore(archive: string, expiresAt: Micros, requestedBy: string, at: Micros): Promise<string> {
    await this.mustBeWritten(archive);
    const restore = `restore-${newId()}`;
    const of = { restore, archive, expiresAt, requestedBy };
    await this.restorer.begin(of, at);
    await startOrJoin(this.temporal, restoreArchive, of);
    return restore;
  }

  /** @throws DomainError `not_found` */
  restored(restore: string): Promise<StoredRestore> {
    return this.restorer.existing(restore);
  }

  /** @throws DomainError as ArchiveRestorer.records does */
  records(
    of: { readonly restore: string; readonly process: string; readonly key: string },
    skip: number,
    limit: number,
  ): Promise<RestoredRecord[]> {
    return this.restorer.records(of, skip, limit);
  }

  /** Restores for practice, now: the archive whose last drill is the longest ago. @throws DomainError `unavailable` */
  async drill(): Promise<void> {
    this.storage.mustBeConfigured();
    await startOrJoin(this.temporal, drillArchives, undefined);
  }

  /** The newest first; '' for those of all archives. */
  drills(archive: string, limit: number): Promise<StoredDrill[]> {
    return this.store.drills(archive, limit);
  }

  /** Has the newest key of the ring wrap the keys of all archives. @param newKey whether the ring gets a new one first @throws DomainError `unavailable` */
  async rotate(newKey: boolean): Promise<void> {
    this.storage.mustBeConfigured();
    await startOrJoin(this.temporal, rotateArchiveKeys, { newKey });
  }

  /** By id, behind one. */
  keys(after: string, limit: number): Promise<StoredKey[]> {
    return this.keysStore.keys({ class: '', period: '' }, after, limit);
  }

  private async mustBeWritten(archive: string): Promise<void> {
    if ((await this.archive(archive)).manifestVersion === '')
      throw new DomainError('conflict', 'archive_not_written', 'the archive is being written, or that failed');
  }
}

/** Before it is decided what goes into which object; what is decided takes its place. */
const unplanned = (of: ArchiveRequest, at: Micros): StoredArchive => ({
  ...of,
  ...{ keyId: '', state: 'writing', fault: '', plan: '', objects: 0, rows: 0, hash: '0' },
  ...{ manifestVersion: '', manifestSha256: '', requestedAt: at, changedAt: at, revision: 0 },
});

/** Such as 202601. */
const periodOf = (at: Micros): string => new Date(at / 1000).toISOString().slice(0, 7).replace('-', '');
