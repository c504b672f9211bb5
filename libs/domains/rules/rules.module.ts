import { Module } from '@nestjs/common';
import { AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import { FindingStatisticsModule } from '@holdfast/domains/findings/findings.module';
import { BudgetModule } from '@holdfast/domains/quality/quality.module';
import { WindowStatisticsModule } from '@holdfast/domains/reconciliation/reconciliation.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { Baselines } from './baselines';
import { Evaluator } from './evaluator';
import { Measuring } from './measuring';
import { RecordsStore } from './records.store';
import { RuleController } from './rule.controller';
import { RuleService } from './rule.service';
import { RuleStateService } from './rule-state.service';
import { RulesActivities } from './rules.activities';
import { RulesStore } from './rules.store';
import { Standings } from './standings';
import { Teller } from './teller';
import { TrialService } from './trial.service';
import { RulesUpkeep } from './upkeep';

const MEASURED = [WindowStatisticsModule, FindingStatisticsModule, BudgetModule];

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule, CatalogModule, ...MEASURED],
  controllers: [RuleController],
  providers: [RuleService, RuleStateService, TrialService, Measuring, Standings, RecordsStore, RulesStore],
})
export class RulesModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, CatalogWorkerModule, AlertingWorkerModule, ...MEASURED],
  providers: [
    ...[RuleService, Measuring, Standings, RecordsStore, RulesStore],
    ...[Baselines, Evaluator, Teller, RulesActivities, RulesUpkeep],
  ],
})
export class RulesWorkerModule {}
