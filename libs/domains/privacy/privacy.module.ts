import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { PrivacyController } from './privacy.controller';
import { PrivacyService } from './privacy.service';

/** For processes that answer requests and take records in. */
@Module({
  imports: [RegisterModule],
  controllers: [PrivacyController],
  providers: [PrivacyService],
  exports: [PrivacyService],
})
export class PrivacyModule {}
