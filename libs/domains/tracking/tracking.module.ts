import { Module } from '@nestjs/common';
import { CatalogModule } from '@holdfast/domains/catalog/catalog.module';
import { MappingModule } from '@holdfast/domains/mapping/mapping.module';
import { IntakeCommitter } from './intake/committer';
import { IntakeService } from './intake/intake.service';
import { IntakeKnowledge } from './intake/knowledge';
import { MappingPreviewController } from './mapping-preview.controller';
import { MappingPreviewService } from './mapping-preview.service';
import { TrackingController } from './tracking.controller';
import { TrackingService } from './tracking.service';
import { TrackingStore } from './tracking.store';

/** For processes that answer requests. One process of a deployment takes records in (docs/adr/0002). */
@Module({
  imports: [CatalogModule, MappingModule],
  controllers: [TrackingController, MappingPreviewController],
  providers: [TrackingService, TrackingStore, MappingPreviewService, IntakeService, IntakeCommitter, IntakeKnowledge],
  exports: [TrackingService],
})
export class TrackingModule {}
