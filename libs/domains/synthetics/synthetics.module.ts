import { Module } from '@nestjs/common';
import { AlertingModule, AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { CatalogModule, CatalogWorkerModule } from '@holdfast/domains/catalog/catalog.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { HeartbeatController } from './heartbeat.controller';
import { HeartbeatService } from './heartbeat.service';
import { HeartbeatStore } from './heartbeat.store';
import { HeartbeatWatch } from './heartbeat-watch';
import { PathAlert } from './path-alert';
import { ProbeStore } from './probe.store';
import { Prober } from './prober';
import { SyntheticController } from './synthetic.controller';
import { SyntheticService } from './synthetic.service';
import { ProbePathActivities, TellAliveActivities, WatchHeartbeatsActivities } from './synthetics.activities';
import { SyntheticsUpkeep } from './upkeep';

const providers = [SyntheticService, ProbeStore, Prober, HeartbeatService, HeartbeatStore];

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule, CatalogModule, AlertingModule],
  controllers: [SyntheticController, HeartbeatController],
  providers,
})
export class SyntheticsModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, CatalogWorkerModule, AlertingWorkerModule],
  providers: [
    ...providers,
    HeartbeatWatch,
    PathAlert,
    ProbePathActivities,
    WatchHeartbeatsActivities,
    TellAliveActivities,
    SyntheticsUpkeep,
  ],
})
export class SyntheticsWorkerModule {}
