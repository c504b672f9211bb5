import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { ContractsController } from './contracts.controller';
import { ContractsService } from './contracts.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [ContractsController],
  providers: [ContractsService],
  exports: [ContractsService],
})
export class ContractsModule {}

/** For processes that run workflows: other domains' activities ask whose an event type is. */
@Module({ imports: [RegisterModule], providers: [ContractsService], exports: [ContractsService] })
export class ContractsWorkerModule {}
