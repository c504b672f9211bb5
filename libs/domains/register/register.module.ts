import { Module } from '@nestjs/common';
import { RegisterActivities } from './register.activities';
import { RegisterService } from './register.service';
import { RegisterStore } from './register.store';

/** For processes that answer requests, and for domains whose activities read documents. */
@Module({ providers: [RegisterService, RegisterStore], exports: [RegisterService] })
export class RegisterModule {}

/** For processes that run workflows. */
@Module({ providers: [RegisterActivities, RegisterStore] })
export class RegisterWorkerModule {}
