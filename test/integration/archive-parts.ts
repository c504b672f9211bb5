import { ArchiveKeys } from '@holdfast/domains/archives/archive-keys';
import { ArchiveKeysStore } from '@holdfast/domains/archives/archive-keys.store';
import { ArchiveQuery } from '@holdfast/domains/archives/archive-query';
import { ArchiveReader } from '@holdfast/domains/archives/archive-reader';
import { ArchiveRestorer } from '@holdfast/domains/archives/archive-restorer';
import { ArchiveStorage } from '@holdfast/domains/archives/archive-storage';
import { ArchiveVerifier } from '@holdfast/domains/archives/archive-verifier.service';
import { ArchiveWriter } from '@holdfast/domains/archives/archive-writer.service';
import { ArchivedRowsStore } from '@holdfast/domains/archives/archived-rows.store';
import { ArchivesStore } from '@holdfast/domains/archives/archives.store';
import { PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import { RegisterService } from '@holdfast/domains/register/register.service';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { Signing } from '@holdfast/platform/signing';
import type { IntakeStack } from '../intake/stack';

export type ArchiveParts = ReturnType<typeof archivePartsOf>;

/** The parts of archives, as the modules put them together. @param store address of another store than the configured one */
export function archivePartsOf({ clickhouse, api }: Pick<IntakeStack, 'clickhouse' | 'api'>, store?: string) {
  const configured = api.app.get<Configuration>(CONFIGURATION);
  const configuration = store === undefined ? configured : { ...configured, HOLDFAST_ARCHIVE_STORE: store };
  const archives = new ArchivesStore(clickhouse);
  const rows = new ArchivedRowsStore(clickhouse);
  const storage = new ArchiveStorage(configuration);
  const keysStore = new ArchiveKeysStore(clickhouse);
  const keys = new ArchiveKeys(keysStore, rows, storage);
  const signing = new Signing(configuration);
  const reader = new ArchiveReader(archives, keys, storage, signing);
  const privacy = new PrivacyService(api.app.get(RegisterService, { strict: false }), configuration);
  const held = new Set<string>();
  return {
    ...{ archives, rows, storage, keys, keysStore, reader, held },
    writer: new ArchiveWriter(archives, rows, keys, storage, signing),
    verifier: new ArchiveVerifier(archives, reader, rows),
    query: new ArchiveQuery(reader, keys, privacy),
    restorer: new ArchiveRestorer(archives, reader, rows, privacy, { isHeld: async (id) => held.has(id) }),
  };
}
