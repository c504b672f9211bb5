import { type DynamicModule, type LoggerService, Module, type ModuleMetadata } from '@nestjs/common';
import { AdminKeyFileError } from '@holdfast/domains/access/access.bootstrap';
import { AccessModule } from '@holdfast/domains/access/access.module';
import { ACCESS_PROBLEMS } from '@holdfast/domains/access/access.problems';
import { AlertingModule } from '@holdfast/domains/alerting/alerting.module';
import { ALERTING_PROBLEMS } from '@holdfast/domains/alerting/alerting.problems';
import { ArchivesModule } from '@holdfast/domains/archives/archives.module';
import { ARCHIVE_PROBLEMS } from '@holdfast/domains/archives/archives.problems';
import { AuditModule, AuditorModule, AuditRecorderModule } from '@holdfast/domains/audit/audit.module';
import { AuditProbe } from '@holdfast/domains/audit/audit.probe';
import { AUDIT_PROBLEMS } from '@holdfast/domains/audit/audit.problems';
import { CatalogModule } from '@holdfast/domains/catalog/catalog.module';
import { CATALOG_PROBLEMS } from '@holdfast/domains/catalog/catalog.problems';
import { ChannelsModule } from '@holdfast/domains/channels/channels.module';
import { CHANNEL_PROBLEMS } from '@holdfast/domains/channels/channels.problems';
import { ContractsModule } from '@holdfast/domains/contracts/contracts.module';
import { ComparisonsModule } from '@holdfast/domains/comparisons/comparisons.module';
import { COMPARISON_PROBLEMS } from '@holdfast/domains/comparisons/comparisons.problems';
import { CONTRACT_PROBLEMS } from '@holdfast/domains/contracts/contracts.problems';
import { DispositionModule } from '@holdfast/domains/disposition/disposition.module';
import { DISPOSITION_PROBLEMS } from '@holdfast/domains/disposition/disposition.problems';
import { FindingsModule } from '@holdfast/domains/findings/findings.module';
import { FINDING_PROBLEMS } from '@holdfast/domains/findings/findings.problems';
import { OnCallModule } from '@holdfast/domains/oncall/oncall.module';
import { ON_CALL_PROBLEMS } from '@holdfast/domains/oncall/oncall.problems';
import { PrivacyModule } from '@holdfast/domains/privacy/privacy.module';
import { PRIVACY_PROBLEMS } from '@holdfast/domains/privacy/privacy.problems';
import { MappingModule } from '@holdfast/domains/mapping/mapping.module';
import { MAPPING_PROBLEMS } from '@holdfast/domains/mapping/mapping.problems';
import { QualityModule } from '@holdfast/domains/quality/quality.module';
import { QUALITY_PROBLEMS } from '@holdfast/domains/quality/quality.problems';
import { ReconciliationModule } from '@holdfast/domains/reconciliation/reconciliation.module';
import { RECONCILIATION_PROBLEMS } from '@holdfast/domains/reconciliation/reconciliation.problems';
import { REGISTER_PROBLEMS } from '@holdfast/domains/register/register.problems';
import { HoldsModule } from '@holdfast/domains/holds/holds.module';
import { HOLD_PROBLEMS } from '@holdfast/domains/holds/holds.problems';
import { RetentionModule } from '@holdfast/domains/retention/retention.module';
import { RETENTION_PROBLEMS } from '@holdfast/domains/retention/retention.problems';
import { ResolutionModule } from '@holdfast/domains/resolution/resolution.module';
import { RESOLUTION_PROBLEMS } from '@holdfast/domains/resolution/resolution.problems';
import { RulesModule } from '@holdfast/domains/rules/rules.module';
import { RULE_PROBLEMS } from '@holdfast/domains/rules/rules.problems';
import { SuppressionModule } from '@holdfast/domains/suppression/suppression.module';
import { SUPPRESSION_PROBLEMS } from '@holdfast/domains/suppression/suppression.problems';
import { SyntheticsModule } from '@holdfast/domains/synthetics/synthetics.module';
import { SYNTHETIC_PROBLEMS } from '@holdfast/domains/synthetics/synthetics.problems';
import { TrackingModule } from '@holdfast/domains/tracking/tracking.module';
import { TRACKING_PROBLEMS } from '@holdfast/domains/tracking/tracking.problems';
import { ClickHouse, ClickHouseModule, MigrationError, StoreError } from '@holdfast/platform/clickhouse';
import {
  CONFIGURATION,
  ConfigurationError,
  ConfigurationModule,
  readConfiguration,
  type Configuration,
} from '@holdfast/platform/config';
import { SAGA_PROBLEMS } from '@holdfast/platform/sagas';
import {
  AUDITOR,
  httpApplication,
  HttpModule,
  UnstatedRouteError,
  type Auditor,
  type HttpApplication,
  type ProblemCode,
} from '@holdfast/platform/http';
import { ClickHouseProbe, HealthModule, TemporalProbe } from '@holdfast/platform/http/health';
import { HealthController } from '@holdfast/platform/http/health/health.controller';
import { announceReady, whenParentGone } from '@holdfast/platform/processes';
import { JsonLogger } from '@holdfast/platform/telemetry';
import { TemporalModule, WorkerModule } from '@holdfast/platform/temporal';
import { Client } from '@temporalio/client';

/** The domains whose controllers the API serves: each adds its module here, and its problem codes below. */
export const DOMAINS: NonNullable<ModuleMetadata['imports']> = [
  AccessModule,
  AuditModule,
  CatalogModule,
  ContractsModule,
  MappingModule,
  TrackingModule,
  ReconciliationModule,
  ResolutionModule,
  AlertingModule,
  RulesModule,
  ChannelsModule,
  OnCallModule,
  SuppressionModule,
  SyntheticsModule,
  FindingsModule,
  QualityModule,
  PrivacyModule,
  ComparisonsModule,
  ArchivesModule,
  DispositionModule,
  HoldsModule,
  RetentionModule,
];

export const DOMAIN_PROBLEMS: readonly ProblemCode[] = [
  ...ACCESS_PROBLEMS,
  ...ALERTING_PROBLEMS,
  ...ARCHIVE_PROBLEMS,
  ...DISPOSITION_PROBLEMS,
  ...SAGA_PROBLEMS,
  ...AUDIT_PROBLEMS,
  ...CATALOG_PROBLEMS,
  ...CHANNEL_PROBLEMS,
  ...COMPARISON_PROBLEMS,
  ...CONTRACT_PROBLEMS,
  ...FINDING_PROBLEMS,
  ...HOLD_PROBLEMS,
  ...ON_CALL_PROBLEMS,
  ...PRIVACY_PROBLEMS,
  ...MAPPING_PROBLEMS,
  ...QUALITY_PROBLEMS,
  ...RECONCILIATION_PROBLEMS,
  ...REGISTER_PROBLEMS,
  ...RESOLUTION_PROBLEMS,
  ...RETENTION_PROBLEMS,
  ...RULE_PROBLEMS,
  ...SUPPRESSION_PROBLEMS,
  ...SYNTHETIC_PROBLEMS,
  ...TRACKING_PROBLEMS,
];

/** What a test, or the generator of the OpenAPI document, puts in the place of the real thing. */
export interface ApiOverrides {
  readonly configuration?: Configuration;
  /** Is used as it is: no migration runs. */
  readonly clickhouse?: ClickHouse;
  /** No activity is run then. */
  readonly temporal?: Client;
  /** Where requests are told, instead of the audit log. */
  readonly auditor?: Auditor;
  /** Further modules. */
  readonly imports?: ModuleMetadata['imports'];
  readonly logger?: LoggerService;
}

@Module({})
class ApiApp {
  static of(overrides: ApiOverrides, takesRecordsIn: boolean): DynamicModule {
    return {
      module: ApiApp,
      imports: [
        instead(CONFIGURATION, overrides.configuration) ?? ConfigurationModule,
        instead(ClickHouse, overrides.clickhouse) ?? ClickHouseModule,
        instead(Client, overrides.temporal) ?? TemporalModule,
        instead(AUDITOR, overrides.auditor) ?? AuditorModule,
        HttpModule.of(DOMAIN_PROBLEMS),
        HealthModule.of([ClickHouseProbe, TemporalProbe, ...(overrides.auditor ? [] : [AuditProbe])], {
          controllers: [HealthController],
          imports: [AuditRecorderModule],
        }),
        ...DOMAINS,
        // Records out of quarantine are taken in where all are.
        ...(overrides.temporal || !takesRecordsIn ? [] : [WorkerModule.of({ workflows: false, inBackground: true })]),
        ...(overrides.imports ?? []),
      ],
    };
  }
}

function instead(provide: symbol | typeof ClickHouse | typeof Client, useValue: unknown): DynamicModule | undefined {
  if (useValue === undefined) return undefined;
  return { module: class Override {}, global: true, providers: [{ provide, useValue }], exports: [provide] };
}

/**
 * The API, initialised and not listening yet.
 * @throws UnstatedRouteError when a route states no permission; what a module throws that cannot start
 */
export async function createApi(overrides: ApiOverrides = {}): Promise<HttpApplication> {
  const { LOG_LEVEL, HOLDFAST_INTAKE_OWNER_URL } = overrides.configuration ?? readConfiguration(process.env);
  const module = ApiApp.of(overrides, HOLDFAST_INTAKE_OWNER_URL === undefined);
  const api = await httpApplication(module, overrides.logger ?? new JsonLogger('api', LOG_LEVEL));
  try {
    await api.app.init();
    await api.app.getHttpAdapter().getInstance().ready();
    return api;
  } catch (error) {
    await api.app.close().catch(() => undefined);
    throw error;
  }
}

async function main(): Promise<void> {
  const { app } = await createApi();
  app.enableShutdownHooks(undefined, { useProcessExit: true }); // 0 says that everything was ended in order
  const { HOLDFAST_HOST, PORT } = app.get<Configuration>(CONFIGURATION);
  await app.listen(PORT, HOLDFAST_HOST);
  whenParentGone(() => {
    void app.close().finally(() => process.exit(0));
  });
  announceReady((app.getHttpServer().address() as { port: number }).port);
}

if (require.main === module)
  main().catch((error: unknown) => {
    // These say in their own words what to mend; texts of other errors may quote data, and stay out of the log.
    const ours = [ConfigurationError, MigrationError, StoreError, UnstatedRouteError, AdminKeyFileError];
    new JsonLogger('api', 'fatal').fatal(ours.some((kind) => error instanceof kind) ? (error as Error).message : error);
    process.exit(1);
  });
