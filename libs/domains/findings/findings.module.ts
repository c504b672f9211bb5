import { Module } from '@nestjs/common';
import { AlertingModule, AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import { ContractsWorkerModule } from '@holdfast/domains/contracts/contracts.module';
import { ClockSkewService } from './clock-skew.service';
import { FindingStatisticsService } from './finding-statistics.service';
import { FindingRecorder } from './finding-recorder.service';
import { FindingsActivities } from './findings.activities';
import { FindingsController } from './findings.controller';
import { FindingsService } from './findings.service';
import { FindingsStore } from './findings.store';
import { InspectionStore } from './inspection.store';
import { ArrivalInspection } from './inspections/arrival-inspection';
import { ChecksumInspection } from './inspections/checksum-inspection';
import { ClockInspection } from './inspections/clock-inspection';
import { SequenceInspection } from './inspections/sequence-inspection';
import { FindingsUpkeep } from './upkeep';

/** For domains that order what they show by when it happened. */
@Module({ providers: [ClockSkewService, InspectionStore], exports: [ClockSkewService] })
export class ClockSkewModule {}

/** For domains that tell of what was found. */
@Module({ providers: [FindingStatisticsService, FindingsStore], exports: [FindingStatisticsService] })
export class FindingStatisticsModule {}

/** For domains that find something themselves. */
@Module({
  imports: [CatalogWorkerModule, ContractsWorkerModule],
  providers: [FindingRecorder, FindingsStore],
  exports: [FindingRecorder],
})
export class FindingRecorderModule {}

/** For processes that answer requests. */
@Module({
  imports: [AlertingModule],
  controllers: [FindingsController],
  providers: [FindingsService, FindingsStore],
})
export class FindingsModule {}

/** For processes that run workflows. */
@Module({
  imports: [AlertingWorkerModule, CatalogWorkerModule, FindingRecorderModule],
  providers: [
    FindingsActivities,
    FindingsStore,
    InspectionStore,
    SequenceInspection,
    ArrivalInspection,
    ClockInspection,
    ChecksumInspection,
    FindingsUpkeep,
  ],
})
export class FindingsWorkerModule {}
