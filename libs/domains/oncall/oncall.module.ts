import { Module } from '@nestjs/common';
import { FindingRecorderModule } from '@holdfast/domains/findings/findings.module';
import { GapWatch } from './gap-watch';
import { OnCallActivities } from './oncall.activities';
import { OnCallController } from './on-call.controller';
import { OnCallLookupModule } from './on-call-lookup.module';
import { OnCallStore } from './oncall.store';
import { OverrideService } from './override.service';
import { PersonController } from './person.controller';
import { ScheduleController } from './schedule.controller';
import { OnCallUpkeep } from './upkeep';

/** For processes that answer requests. */
@Module({
  imports: [OnCallLookupModule],
  controllers: [PersonController, ScheduleController, OnCallController],
  providers: [OverrideService, OnCallStore],
})
export class OnCallModule {}

/** For processes that run workflows. */
@Module({
  imports: [OnCallLookupModule, FindingRecorderModule],
  providers: [GapWatch, OnCallActivities, OnCallUpkeep],
})
export class OnCallWorkerModule {}
