import { Module } from '@nestjs/common';
import { ArchivesWorkerModule } from '@holdfast/domains/archives/archives.module';
import { AuditRecorderModule } from '@holdfast/domains/audit/audit.module';
import { HoldsWorkerModule } from '@holdfast/domains/holds/holds.module';
import { RetentionWorkerModule } from '@holdfast/domains/retention/retention.module';
import { SagaDesk, SagaJournal } from '@holdfast/platform/sagas';
import { Signing } from '@holdfast/platform/signing';
import { CertificateService } from './certificate.service';
import { Certifier } from './certifier';
import { DispositionController } from './disposition.controller';
import { LotArchiver } from './lot-archiver';
import { LotPurger } from './lot-purger';
import { LotRowStore } from './lot-row.store';
import { RetentionPlanner } from './planner';
import { RetentionRunService } from './retention-run.service';
import { RunRetentionActivities } from './run-retention.activities';
import { RunStore } from './run.store';
import { RetentionUpkeep } from './upkeep';

/** For processes that answer requests. */
@Module({
  controllers: [DispositionController],
  providers: [CertificateService, RetentionRunService, RunStore, SagaDesk, SagaJournal],
})
export class DispositionModule {}

/** For processes that run workflows. */
@Module({
  imports: [ArchivesWorkerModule, AuditRecorderModule, HoldsWorkerModule, RetentionWorkerModule],
  providers: [
    Certifier,
    LotArchiver,
    LotPurger,
    LotRowStore,
    RetentionPlanner,
    RetentionUpkeep,
    RunRetentionActivities,
    RunStore,
    SagaJournal,
    Signing,
  ],
})
export class DispositionWorkerModule {}
