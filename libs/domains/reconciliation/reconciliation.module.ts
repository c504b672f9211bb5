import { Module } from '@nestjs/common';
import { AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
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
import { ReconciliationUpkeep } from './upkeep';

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
  ],
})
export class ReconciliationModule {}

/** For processes that run workflows. */
@Module({
  imports: [AlertingWorkerModule, CatalogWorkerModule],
  providers: [
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
  ],
})
export class ReconciliationWorkerModule {}
