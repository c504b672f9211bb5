import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { CatalogController } from './catalog.controller';
import { CatalogService } from './catalog.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [CatalogController],
  providers: [CatalogService],
  exports: [CatalogService],
})
export class CatalogModule {}

/** For processes that run workflows: other domains' activities read processes. */
@Module({ imports: [RegisterModule], providers: [CatalogService], exports: [CatalogService] })
export class CatalogWorkerModule {}
