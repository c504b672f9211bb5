import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { FindingRecorderModule } from '@holdfast/domains/findings/findings.module';
import { GapWatch } from './gap-watch';
import { OnCallActivities } from './oncall.activities';
import { OnCallController } from './on-call.controller';
import { OnCallService } from './on-call.service';
import { OnCallStore } from './oncall.store';
import { OverrideService } from './override.service';
import { PersonController } from './person.controller';
import { PersonService } from './person.service';
import { ScheduleController } from './schedule.controller';
import { ScheduleService } from './schedule.service';
import { OnCallUpkeep } from './upkeep';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [PersonController, ScheduleController, OnCallController],
  providers: [PersonService, ScheduleService, OverrideService, OnCallService, OnCallStore],
})
export class OnCallModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, FindingRecorderModule],
  providers: [PersonService, ScheduleService, OnCallService, OnCallStore, GapWatch, OnCallActivities, OnCallUpkeep],
})
export class OnCallWorkerModule {}
