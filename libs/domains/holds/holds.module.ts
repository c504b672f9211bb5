import { Module } from '@nestjs/common';
import { ChannelsModule, ChannelsWorkerModule } from '@holdfast/domains/channels/channels.module';
import { CustodyStore } from './custody.store';
import { DeletionGuardService } from './deletion-guard.service';
import { HeldRowStore } from './held-row.store';
import { HoldCarer } from './hold-care';
import { HoldController } from './hold.controller';
import { HoldEnforcer } from './hold-enforcer';
import { HoldLinkController } from './hold-link.controller';
import { HoldLinkService } from './hold-link.service';
import { HoldReportService } from './hold-report.service';
import { HoldActivities } from './holds.activities';
import { HoldService } from './hold.service';
import { HoldStore } from './hold.store';
import { IntentStore } from './intent.store';
import { PartitionPurgeService } from './partition-purge.service';
import { HoldUpkeep } from './upkeep';

const SHARED = [CustodyStore, HeldRowStore, HoldEnforcer, HoldService, HoldStore, IntentStore];

/** For processes that answer requests. */
@Module({
  imports: [ChannelsModule],
  controllers: [HoldController, HoldLinkController],
  providers: [...SHARED, HoldLinkService, HoldReportService],
  exports: [HoldService],
})
export class HoldsModule {}

/** For processes that run workflows: whoever deletes goes through its guard. */
@Module({
  imports: [ChannelsWorkerModule],
  providers: [
    ...SHARED,
    DeletionGuardService,
    HoldActivities,
    HoldCarer,
    HoldLinkService,
    HoldUpkeep,
    PartitionPurgeService,
  ],
  exports: [DeletionGuardService, HoldService, PartitionPurgeService],
})
export class HoldsWorkerModule {}
