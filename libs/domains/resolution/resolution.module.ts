import { Module } from '@nestjs/common';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import {
  ReconciliationModule,
  ReconciliationWorkerModule,
} from '@holdfast/domains/reconciliation/reconciliation.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { Connectors } from './connectors';
import { DecisionActivities } from './decision.activities';
import { DecisionController } from './decision.controller';
import { DecisionService } from './decision.service';
import { DecisionStore } from './decision.store';
import { GateController, StatementController } from './gate.controller';
import { GateService } from './gate.service';
import { ReplayFromSourceActivities } from './replay-from-source.activities';
import { ResolutionStore } from './resolution.store';
import { ResolveWindowActivities } from './resolve-window.activities';
import { RuleController } from './rule.controller';
import { RuleService } from './rule.service';
import { RuleTrialService } from './rule-trial.service';
import { RuleWalk } from './rule-walk';
import { Signing } from '@holdfast/platform/signing';
import { StatementService } from './statement.service';
import { StatementStore } from './statement.store';
import { VerdictExportController } from './verdict-export.controller';
import { VerdictExportService } from './verdict-export.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule, CatalogModule, ReconciliationModule],
  controllers: [RuleController, DecisionController, GateController, StatementController, VerdictExportController],
  providers: [
    RuleService,
    RuleTrialService,
    RuleWalk,
    ResolutionStore,
    DecisionService,
    DecisionStore,
    GateService,
    StatementService,
    StatementStore,
    Signing,
    VerdictExportService,
  ],
})
export class ResolutionModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, CatalogWorkerModule, ReconciliationWorkerModule],
  providers: [
    RuleService,
    RuleWalk,
    DecisionStore,
    DecisionActivities,
    Connectors,
    ResolutionStore,
    ResolveWindowActivities,
    ReplayFromSourceActivities,
  ],
})
export class ResolutionWorkerModule {}
