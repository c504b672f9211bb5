import { Module } from '@nestjs/common';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import {
  ReconciliationModule,
  ReconciliationWorkerModule,
} from '@holdfast/domains/reconciliation/reconciliation.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { Connectors } from './connectors';
import { ReplayFromSourceActivities } from './replay-from-source.activities';
import { ResolutionStore } from './resolution.store';
import { ResolveWindowActivities } from './resolve-window.activities';
import { RuleController } from './rule.controller';
import { RuleService } from './rule.service';
import { RuleTrialService } from './rule-trial.service';
import { RuleWalk } from './rule-walk';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule, CatalogModule, ReconciliationModule],
  controllers: [RuleController],
  providers: [RuleService, RuleTrialService, RuleWalk, ResolutionStore],
})
export class ResolutionModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, CatalogWorkerModule, ReconciliationWorkerModule],
  providers: [RuleService, RuleWalk, Connectors, ResolutionStore, ResolveWindowActivities, ReplayFromSourceActivities],
})
export class ResolutionWorkerModule {}
