import { Module } from '@nestjs/common';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import { EvidenceStore } from './evidence.store';
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
  controllers: [ReconciliationController],
  providers: [ReconciliationService, ReconciliationStore],
})
export class ReconciliationModule {}

/** For processes that run workflows. */
@Module({
  imports: [CatalogWorkerModule],
  providers: [
    ReconciliationActivities,
    OpenWindowActivities,
    OpenDueWindowsActivities,
    Judge,
    ReconciliationStore,
    EvidenceStore,
    ReconciliationUpkeep,
  ],
})
export class ReconciliationWorkerModule {}
