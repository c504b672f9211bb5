import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery, uint64 } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { ARCHIVE_STATES, type ArchiveFault, type Bounds } from './core/archive';

const text = z.string();
const count = z.coerce.number().pipe(z.int());
const FAULT = text as unknown as z.ZodType<ArchiveFault>;

const Archive = z.object({
  archive: text,
  class: text,
  period: text,
  policy: text,
  policyVersion: count,
  keyId: text,
  state: z.enum(ARCHIVE_STATES),
  fault: FAULT,
  plan: text,
  objects: count,
  rows: count,
  hash: uint64,
  manifestVersion: text,
  manifestSha256: text,
  retainUntil: micros,
  requestedBy: text,
  requestedAt: micros,
  changedAt: micros,
  revision: count,
});
export type StoredArchive = z.output<typeof Archive>;

const Stored = z.object({
  number: count,
  object: text,
  objectVersion: text,
  rows: count,
  hash: uint64,
  plainBytes: count,
  plainSha256: text,
  sealedBytes: count,
  sealedSha256: text,
  bounds: text.transform((json) => JSON.parse(json) as Bounds),
});
export type StoredArchiveObject = z.output<typeof Stored>;

const Restore = z.object({
  restore: text,
  archive: text,
  state: z.enum(['restoring', 'restored', 'expired', 'failed']),
  fault: FAULT,
  rows: count,
  erased: count,
  requestedBy: text,
  requestedAt: micros,
  expiresAt: micros,
  changedAt: micros,
  revision: count,
});
export type StoredRestore = z.output<typeof Restore>;

const Drill = z.object({
  archive: text,
  atMicros: micros,
  state: z.enum(['passed', 'failed']),
  fault: FAULT,
  rows: count,
  bytes: count,
  tookMs: count,
});
export type StoredDrill = z.output<typeof Drill>;

const findArchive = typedQuery('archives/find_archive', z.object({ archive: text }), Archive);
const listArchives = typedQuery(
  'archives/list_archives',
  z.object({ class: text, period: text, beforeAt: z.int(), beforeArchive: text, limit: z.int() }),
  Archive,
);
const Expired = z.object({
  ...{ archive: text, class: text, period: text, rows: count, sealedBytes: count, policy: text },
  ...{ firstProcess: text, lastProcess: text },
  retainUntil: micros,
});
/** An archive whose time is over. */
export type ExpiredArchive = z.output<typeof Expired>;
const listExpired = typedQuery('archives/list_expired_archives', z.object({ at: z.int() }), Expired);
const listObjects = typedQuery('archives/list_objects', z.object({ archive: text }), Stored);
const findRestore = typedQuery('archives/find_restore', z.object({ restore: text }), Restore);
const listDrills = typedQuery('archives/list_drills', z.object({ archive: text, limit: z.int() }), Drill);

const findNextDrill = typedQuery('archives/find_next_drill', z.object({}), z.object({ archive: text }));

const ArchiveRow = z.object({
  archive: text,
  class: text,
  period: text,
  policy: text,
  policy_version: z.int(),
  key_id: text,
  state: text,
  fault: text,
  plan: text,
  objects: z.int(),
  rows: z.int(),
  hash: uint64,
  manifest_version: text,
  manifest_sha256: text,
  retain_until: text,
  requested_by: text,
  requested_at: text,
  changed_at: text,
  revision: z.int(),
});
const ObjectRow = z.object({
  archive: text,
  number: z.int(),
  object: text,
  object_version: text,
  rows: z.int(),
  hash: uint64,
  plain_bytes: z.int(),
  plain_sha256: text,
  sealed_bytes: z.int(),
  sealed_sha256: text,
  bounds: text,
  written_at: text,
});
const RestoreRow = z.object({
  restore: text,
  archive: text,
  state: text,
  fault: text,
  rows: z.int(),
  erased: z.int(),
  requested_by: text,
  requested_at: text,
  expires_at: text,
  changed_at: text,
  revision: z.int(),
});
const DrillRow = z.object({
  archive: text,
  at: text,
  state: text,
  fault: text,
  rows: z.int(),
  bytes: z.int(),
  took_ms: z.int(),
});

/** The register of archives. */
@Injectable()
export class ArchivesStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  archive(archive: string): Promise<StoredArchive | undefined> {
    return this.clickhouse.row(findArchive, { archive });
  }

  /** The newest first, of those asked for before an instant; '' for any class or period. */
  archives(
    of: { readonly class: string; readonly period: string },
    beforeAt: Micros,
    beforeArchive: string,
    limit: number,
  ): Promise<StoredArchive[]> {
    return this.clickhouse.rows(listArchives, { ...of, beforeAt, beforeArchive, limit });
  }

  /** Verified ones that are still there though the time that they were to be kept for is over. */
  expired(at: Micros): Promise<ExpiredArchive[]> {
    return this.clickhouse.rows(listExpired, { at });
  }

  /** A repeat of the same revision is kept once. */
  async keep(of: StoredArchive): Promise<void> {
    await this.clickhouse.insert('archives', ArchiveRow, [
      {
        ...{ archive: of.archive, class: of.class, period: of.period },
        ...{ policy: of.policy, policy_version: of.policyVersion, key_id: of.keyId },
        ...{ state: of.state, fault: of.fault, plan: of.plan, objects: of.objects, rows: of.rows, hash: of.hash },
        ...{ manifest_version: of.manifestVersion, manifest_sha256: of.manifestSha256 },
        retain_until: formatInstant(of.retainUntil),
        requested_by: of.requestedBy,
        requested_at: formatInstant(of.requestedAt),
        changed_at: formatInstant(of.changedAt),
        revision: of.revision,
      },
    ]);
  }

  objects(archive: string): Promise<StoredArchiveObject[]> {
    return this.clickhouse.rows(listObjects, { archive });
  }

  /** One that is written a second time takes the place of the first. */
  async keepObject(archive: string, of: StoredArchiveObject, at: Micros): Promise<void> {
    await this.clickhouse.insert('archive_objects', ObjectRow, [
      {
        ...{ archive, number: of.number, object: of.object, object_version: of.objectVersion },
        ...{ rows: of.rows, hash: of.hash, plain_bytes: of.plainBytes, plain_sha256: of.plainSha256 },
        ...{ sealed_bytes: of.sealedBytes, sealed_sha256: of.sealedSha256, bounds: JSON.stringify(of.bounds) },
        written_at: formatInstant(at),
      },
    ]);
  }

  restore(restore: string): Promise<StoredRestore | undefined> {
    return this.clickhouse.row(findRestore, { restore });
  }

  async keepRestore(of: StoredRestore): Promise<void> {
    await this.clickhouse.insert('archive_restores', RestoreRow, [
      {
        ...{ restore: of.restore, archive: of.archive, state: of.state, fault: of.fault },
        ...{ rows: of.rows, erased: of.erased, requested_by: of.requestedBy },
        requested_at: formatInstant(of.requestedAt),
        expires_at: formatInstant(of.expiresAt),
        changed_at: formatInstant(of.changedAt),
        revision: of.revision,
      },
    ]);
  }

  /** The newest first; '' for those of all archives. */
  drills(archive: string, limit: number): Promise<StoredDrill[]> {
    return this.clickhouse.rows(listDrills, { archive, limit });
  }

  /** The verified archive whose last drill is the longest ago. */
  async nextDrill(): Promise<string | undefined> {
    return (await this.clickhouse.row(findNextDrill, {}))?.archive;
  }

  async keepDrill({ atMicros, tookMs, ...drill }: StoredDrill): Promise<void> {
    await this.clickhouse.insert('archive_drills', DrillRow, [
      { ...drill, at: formatInstant(atMicros), took_ms: tookMs },
    ]);
  }
}
