import { Module } from '@nestjs/common';
import { AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { PrivacyModule } from '@holdfast/domains/privacy/privacy.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import { Signing } from '@holdfast/platform/signing';
import { ArchiveDrill } from './archive-drill';
import { ArchiveKeyController } from './archive-key.controller';
import { ArchiveKeys } from './archive-keys';
import { ArchiveKeysStore } from './archive-keys.store';
import { ArchiveQuery } from './archive-query';
import { ArchiveReader } from './archive-reader';
import { ArchiveRestorer } from './archive-restorer';
import { ArchiveStorage } from './archive-storage';
import { ArchiveVerifier } from './archive-verifier.service';
import { ArchiveWriter } from './archive-writer.service';
import { ArchivedRowsStore } from './archived-rows.store';
import {
  DestroyArchiveKeyActivities,
  DrillArchivesActivities,
  RestoreArchiveActivities,
  RotateArchiveKeysActivities,
  VerifyArchiveActivities,
  WriteArchiveActivities,
} from './archives.activities';
import { ArchivesController } from './archives.controller';
import { ArchivesService } from './archives.service';
import { ArchivesStore } from './archives.store';
import { DestructionService } from './destruction.service';
import { DestructionStore } from './destruction.store';
import { ArchivesUpkeep } from './upkeep';

const providers = [
  ArchiveKeys,
  ArchiveKeysStore,
  ArchiveReader,
  ArchiveRestorer,
  ArchiveStorage,
  ArchivedRowsStore,
  ArchivesStore,
  DestructionStore,
  Signing,
];

/** For processes that answer requests. */
@Module({
  imports: [PrivacyModule],
  controllers: [ArchivesController, ArchiveKeyController],
  providers: [...providers, ArchiveQuery, ArchivesService, DestructionService],
  exports: [ArchivesService],
})
export class ArchivesModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, AlertingWorkerModule],
  providers: [
    ...providers,
    PrivacyService,
    ArchiveDrill,
    ArchiveVerifier,
    ArchiveWriter,
    ArchivesUpkeep,
    WriteArchiveActivities,
    VerifyArchiveActivities,
    RestoreArchiveActivities,
    DrillArchivesActivities,
    RotateArchiveKeysActivities,
    DestroyArchiveKeyActivities,
  ],
  exports: [ArchiveVerifier, ArchiveWriter],
})
export class ArchivesWorkerModule {}
