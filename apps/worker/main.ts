import { Inject, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AlertingWorkerModule } from '@holdfast/domains/alerting/alerting.module';
import { ArchivesWorkerModule } from '@holdfast/domains/archives/archives.module';
import { ChannelsWorkerModule } from '@holdfast/domains/channels/channels.module';
import { ComparisonsWorkerModule } from '@holdfast/domains/comparisons/comparisons.module';
import { DispositionWorkerModule } from '@holdfast/domains/disposition/disposition.module';
import { FindingsWorkerModule } from '@holdfast/domains/findings/findings.module';
import { HoldsWorkerModule } from '@holdfast/domains/holds/holds.module';
import { RulesWorkerModule } from '@holdfast/domains/rules/rules.module';
import { OnCallWorkerModule } from '@holdfast/domains/oncall/oncall.module';
import { QualityWorkerModule } from '@holdfast/domains/quality/quality.module';
import { ReconciliationWorkerModule } from '@holdfast/domains/reconciliation/reconciliation.module';
import { RegisterWorkerModule } from '@holdfast/domains/register/register.module';
import { ResolutionWorkerModule } from '@holdfast/domains/resolution/resolution.module';
import { SuppressionWorkerModule } from '@holdfast/domains/suppression/suppression.module';
import { SyntheticsWorkerModule } from '@holdfast/domains/synthetics/synthetics.module';
import { ClickHouseModule, MigrationError, StoreError } from '@holdfast/platform/clickhouse';
import { ConfigurationError, ConfigurationModule, readConfiguration } from '@holdfast/platform/config';
import { ClickHouseProbe, HealthModule, TemporalProbe, type ReadinessProbe } from '@holdfast/platform/http/health';
import { announceReady, whenParentGone } from '@holdfast/platform/processes';
import { JsonLogger } from '@holdfast/platform/telemetry';
import { TemporalModule, WorkerModule } from '@holdfast/platform/temporal';
import { Workers } from '@holdfast/platform/temporal/worker.module';

/** The domains whose activities the worker runs: each adds its worker module here. */
const DOMAINS: NonNullable<ModuleMetadata['imports']> = [
  RegisterWorkerModule,
  ReconciliationWorkerModule,
  ResolutionWorkerModule,
  AlertingWorkerModule,
  ChannelsWorkerModule,
  OnCallWorkerModule,
  RulesWorkerModule,
  SuppressionWorkerModule,
  SyntheticsWorkerModule,
  FindingsWorkerModule,
  QualityWorkerModule,
  ComparisonsWorkerModule,
  ArchivesWorkerModule,
  HoldsWorkerModule,
  DispositionWorkerModule,
];

const WORKER = WorkerModule.of({ workflows: true, inBackground: false });

@Injectable()
class WorkersProbe implements ReadinessProbe {
  readonly name = 'workers';
  constructor(@Inject(Workers) private readonly workers: Workers) {}
  async check(): Promise<void> {
    if (!this.workers.healthy) throw new Error('not every worker polls');
  }
}

@Module({
  imports: [
    ConfigurationModule,
    ClickHouseModule,
    TemporalModule,
    WORKER,
    HealthModule.of([ClickHouseProbe, TemporalProbe, WorkersProbe], { imports: [WORKER], server: true }),
    ...DOMAINS,
  ],
})
export class WorkerApp {}

async function main(): Promise<void> {
  const { LOG_LEVEL } = readConfiguration(process.env);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(WorkerApp, {
    logger: new JsonLogger('worker', LOG_LEVEL),
    abortOnError: false,
  });
  app.enableShutdownHooks(undefined, { useProcessExit: true }); // 0 says that everything was ended in order
  whenParentGone(() => {
    void app.close().finally(() => process.exit(0));
  });
  announceReady();
}

if (require.main === module)
  main().catch((error: unknown) => {
    // These say in their own words what to mend; texts of other errors may quote data, and stay out of the log.
    const ours = [ConfigurationError, MigrationError, StoreError];
    new JsonLogger('worker', 'fatal').fatal(
      ours.some((kind) => error instanceof kind) ? (error as Error).message : error,
    );
    process.exit(1);
  });
