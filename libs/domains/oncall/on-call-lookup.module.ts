import { Module } from '@nestjs/common';
import { ChannelsWorkerModule } from '@holdfast/domains/channels/channels.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { OnCallService } from './on-call.service';
import { OnCallStore } from './oncall.store';
import { PersonService } from './person.service';
import { ScheduleService } from './schedule.service';

/** For domains that ask who is on call, and how people are reached. */
@Module({
  imports: [RegisterModule, ChannelsWorkerModule],
  providers: [PersonService, ScheduleService, OnCallService, OnCallStore],
  exports: [PersonService, ScheduleService, OnCallService],
})
export class OnCallLookupModule {}
