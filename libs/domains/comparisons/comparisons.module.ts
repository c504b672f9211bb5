import { Module } from '@nestjs/common';
import { FindingRecorderModule } from '@holdfast/domains/findings/findings.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { ComparisonDefinitionController } from './comparison-definition.controller';
import { ComparisonDefinitionService } from './comparison-definition.service';
import { ComparisonRunner } from './comparison-runner';
import { ComparisonsActivities, OpenDueComparisonActivities } from './comparisons.activities';
import { ComparisonsController } from './comparisons.controller';
import { ComparisonsService } from './comparisons.service';
import { ComparisonsStore } from './comparisons.store';
import { ConfiguredConnections } from './configured-connections';
import { DataSetKeysService } from './data-set-keys.service';
import { ComparisonsUpkeep } from './upkeep';

const CONNECTIONS = {
  provide: ConfiguredConnections,
  inject: [CONFIGURATION],
  useFactory: (configuration: Configuration) => new ConfiguredConnections(configuration),
};

/** For domains that look at keys of data sets. */
@Module({ providers: [DataSetKeysService, CONNECTIONS], exports: [DataSetKeysService] })
export class DataSetKeysModule {}

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [ComparisonDefinitionController, ComparisonsController],
  providers: [ComparisonDefinitionService, ComparisonsService, ComparisonsStore, CONNECTIONS],
})
export class ComparisonsModule {}

/** For processes that run workflows. */
@Module({
  imports: [RegisterModule, FindingRecorderModule],
  providers: [
    ComparisonsActivities,
    OpenDueComparisonActivities,
    ComparisonRunner,
    ComparisonDefinitionService,
    ComparisonsStore,
    ComparisonsUpkeep,
    CONNECTIONS,
  ],
})
export class ComparisonsWorkerModule {}
