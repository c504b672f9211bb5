import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { OnCallController } from './on-call.controller';
import { OnCallService } from './on-call.service';
import { OnCallStore } from './oncall.store';
import { OverrideService } from './override.service';
import { PersonController } from './person.controller';
import { PersonService } from './person.service';
import { ScheduleController } from './schedule.controller';
import { ScheduleService } from './schedule.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [PersonController, ScheduleController, OnCallController],
  providers: [PersonService, ScheduleService, OverrideService, OnCallService, OnCallStore],
})
export class OnCallModule {}
