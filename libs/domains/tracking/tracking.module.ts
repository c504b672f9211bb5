import { Module } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { CatalogModule } from '@holdfast/domains/catalog/catalog.module';
import { PrivacyModule } from '@holdfast/domains/privacy/privacy.module';
import { ContractsModule } from '@holdfast/domains/contracts/contracts.module';
import { ClockSkewModule } from '@holdfast/domains/findings/findings.module';
import { MappingModule } from '@holdfast/domains/mapping/mapping.module';
import { IdentityKeeper } from './intake/identity-keeper';
import { IntakeCommitter } from './intake/committer';
import { RecordHashes } from './intake/hashing';
import { IntakeService } from './intake/intake.service';
import { IntakeKnowledge } from './intake/knowledge';
import { IntakeOwnership } from './intake/ownership';
import { IntakePreparation } from './intake/preparation';
import { MappingPreviewController } from './mapping-preview.controller';
import { MappingPreviewService } from './mapping-preview.service';
import { Readmission } from './intake/readmission';
import { SourceLimits } from './intake/source-limits';
import { Departures } from './quarantine/departures';
import { PatchService } from './quarantine/patch.service';
import { QuarantineActivities } from './quarantine/quarantine.activities';
import { QuarantineController } from './quarantine/quarantine.controller';
import { QuarantineService } from './quarantine/quarantine.service';
import { QuarantineStore } from './quarantine/quarantine.store';
import { QuarantineUpkeep } from './quarantine/quarantine.upkeep';
import { TrackingController } from './tracking.controller';
import { TrackingService } from './tracking.service';
import { TrackingStore } from './tracking.store';

const hashesOf = ({ HOLDFAST_IDENTITY_KEY }: Configuration): RecordHashes => new RecordHashes(HOLDFAST_IDENTITY_KEY);

/** For processes that answer requests. One process of a deployment takes records in (docs/adr/0002). */
@Module({
  imports: [CatalogModule, ClockSkewModule, ContractsModule, MappingModule, PrivacyModule],
  controllers: [TrackingController, MappingPreviewController, QuarantineController],
  providers: [
    TrackingService,
    TrackingStore,
    MappingPreviewService,
    IntakeService,
    IntakeOwnership,
    IntakeCommitter,
    { provide: RecordHashes, useFactory: hashesOf, inject: [CONFIGURATION] },
    IntakeKnowledge,
    IdentityKeeper,
    IntakePreparation,
    Readmission,
    SourceLimits,
    QuarantineService,
    PatchService,
    Departures,
    QuarantineStore,
    QuarantineActivities,
    QuarantineUpkeep,
  ],
  exports: [TrackingService],
})
export class TrackingModule {}
