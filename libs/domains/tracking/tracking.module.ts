import { Module } from '@nestjs/common';
import { CatalogModule } from '@holdfast/domains/catalog/catalog.module';
import { IntakeCommitter } from './intake/committer';
import { IntakeService } from './intake/intake.service';
import { IntakeKnowledge } from './intake/knowledge';
import { TrackingController } from './tracking.controller';
import { TrackingService } from './tracking.service';
import { TrackingStore } from './tracking.store';

/** For processes that answer requests. One process of a deployment takes records in (docs/adr/0002). */
@Module({
  imports: [CatalogModule],
  controllers: [TrackingController],
  providers: [TrackingService, TrackingStore, IntakeService, IntakeCommitter, IntakeKnowledge],
  exports: [TrackingService],
})
export class TrackingModule {}
