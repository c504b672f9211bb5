import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { CatalogController } from './catalog.controller';
import { CatalogService } from './catalog.service';
import { SourceController } from './source.controller';
import { SourceService } from './source.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [CatalogController, SourceController],
  providers: [CatalogService, SourceService],
  exports: [CatalogService, SourceService],
})
export class CatalogModule {}

/** For processes that run workflows: other domains' activities read processes and sources. */
@Module({
  imports: [RegisterModule],
  providers: [CatalogService, SourceService],
  exports: [CatalogService, SourceService],
})
export class CatalogWorkerModule {}
