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
