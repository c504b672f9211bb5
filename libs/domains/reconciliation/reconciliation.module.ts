import { Module } from '@nestjs/common';
import { AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import { AlertContextService } from './alert-context.service';
import { BackfillActivities } from './backfill/backfill.activities';
import { BackfillController } from './backfill/backfill.controller';
import { BackfillService } from './backfill/backfill.service';
import { BackfillStore } from './backfill/backfill.store';
import { EvidenceStore } from './evidence.store';
import { ExplanationService } from './explanation.service';
import { FollowUp } from './follow-up';
import { FollowUpStore } from './follow-up.store';
import { Judge } from './judge';
import { OpenDueWindowsActivities, OpenWindowActivities } from './open-window.activities';
import { ReconciliationActivities } from './reconciliation.activities';
import { ReconciliationController } from './reconciliation.controller';
import { ReconciliationService } from './reconciliation.service';
import { ReconciliationStore } from './reconciliation.store';
import { SettlementService } from './settlement.service';
import { SettlementStore } from './settlement.store';
import { ReconciliationUpkeep } from './upkeep';
import { WindowStatisticsService } from './window-statistics.service';
import { WindowStatisticsStore } from './window-statistics.store';

/** For domains that measure how well things go. */
@Module({ providers: [WindowStatisticsService, WindowStatisticsStore], exports: [WindowStatisticsService] })
export class WindowStatisticsModule {}

/** For processes that answer requests. */
@Module({
  imports: [CatalogModule],
  controllers: [ReconciliationController, BackfillController],
  providers: [
    ReconciliationService,
    ExplanationService,
    ReconciliationStore,
    EvidenceStore,
    BackfillService,
    BackfillStore,
    FollowUpStore,
    SettlementService,
    SettlementStore,
  ],
  exports: [SettlementService],
})
export class ReconciliationModule {}

/** For processes that run workflows. */
@Module({
  imports: [AlertingWorkerModule, CatalogWorkerModule],
  providers: [
    AlertContextService,
    ExplanationService,
    ReconciliationActivities,
    OpenWindowActivities,
    OpenDueWindowsActivities,
    BackfillActivities,
    BackfillStore,
    Judge,
    ReconciliationStore,
    EvidenceStore,
    FollowUp,
    FollowUpStore,
    ReconciliationUpkeep,
    SettlementService,
    SettlementStore,
  ],
  exports: [SettlementService],
})
export class ReconciliationWorkerModule {}
