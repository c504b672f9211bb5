import { Module } from '@nestjs/common';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import { DataSetKeysModule } from '@holdfast/domains/comparisons/comparisons.module';
import { FindingRecorderModule } from '@holdfast/domains/findings/findings.module';
import { WindowStatisticsModule } from '@holdfast/domains/reconciliation/reconciliation.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { BudgetService } from './budget.service';
import { BusinessTables } from './business-table';
import { Counting } from './counting';
import { Evaluator } from './evaluator';
import { KpiController } from './kpi.controller';
import { KpiRefresher } from './kpi-refresher';
import { KpiService } from './kpi.service';
import { KpiStore } from './kpi.store';
import { ObjectiveController } from './objective.controller';
import { ObjectiveService } from './objective.service';
import { ObjectiveStore } from './objective.store';
import { CheckReferenceActivities, EvaluateObjectiveActivities, MeasureQualityActivities } from './quality.activities';
import { ReferenceChecker } from './reference-checker';
import { ReferenceController } from './reference.controller';
import { ReferenceService } from './reference.service';
import { ReferenceStore } from './reference.store';
import { QualityUpkeep } from './upkeep';

/** For domains that tell of error budgets. */
@Module({ providers: [BudgetService, ObjectiveStore], exports: [BudgetService] })
export class BudgetModule {}

/** For processes that answer requests. */
@Module({
  imports: [CatalogModule, RegisterModule, WindowStatisticsModule, DataSetKeysModule],
  controllers: [ObjectiveController, ReferenceController, KpiController],
  providers: [ObjectiveService, ObjectiveStore, ReferenceService, ReferenceStore, KpiService, KpiStore],
})
export class QualityModule {}

/** For processes that run workflows. */
@Module({
  imports: [CatalogWorkerModule, RegisterModule, WindowStatisticsModule, FindingRecorderModule, DataSetKeysModule],
  providers: [
    MeasureQualityActivities,
    EvaluateObjectiveActivities,
    CheckReferenceActivities,
    ObjectiveService,
    ObjectiveStore,
    Counting,
    Evaluator,
    ReferenceService,
    ReferenceStore,
    ReferenceChecker,
    BusinessTables,
    KpiRefresher,
    KpiStore,
    QualityUpkeep,
  ],
})
export class QualityWorkerModule {}
