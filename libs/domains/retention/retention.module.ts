import { Module } from '@nestjs/common';
import { CatalogModule } from '@holdfast/domains/catalog/catalog.module';
import { HoldsModule } from '@holdfast/domains/holds/holds.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { ExplainController } from './explain.controller';
import { ExplainService } from './explain.service';
import { ImpactService } from './impact.service';
import { ProcessTraits } from './process-traits';
import { RecordGroupStore } from './record-group.store';
import { RecordTierService } from './record-tier.service';
import { RetentionPolicyController } from './retention-policy.controller';
import { RetentionPolicyService } from './retention-policy.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule, CatalogModule, HoldsModule],
  controllers: [RetentionPolicyController, ExplainController],
  providers: [ExplainService, ImpactService, ProcessTraits, RecordGroupStore, RetentionPolicyService],
})
export class RetentionModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, CatalogModule],
  providers: [ProcessTraits, RecordGroupStore, RecordTierService, RetentionPolicyService],
  exports: [RecordTierService, RetentionPolicyService],
})
export class RetentionWorkerModule {}
