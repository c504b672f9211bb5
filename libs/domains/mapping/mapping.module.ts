import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { MappingController } from './mapping.controller';
import { MappingService } from './mapping.service';

/** For processes that answer requests, and for intake, which reads bodies by mappings. */
@Module({
  imports: [RegisterModule],
  controllers: [MappingController],
  providers: [MappingService],
  exports: [MappingService],
})
export class MappingModule {}
