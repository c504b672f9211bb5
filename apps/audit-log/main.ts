import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditLogModule } from '@holdfast/domains/audit/audit-log.module';
import { AuditLog, AuditLogInUseError } from '@holdfast/domains/audit/sequencer/audit-log';
import { OldLogError } from '@holdfast/domains/audit/sequencer/sequencer';
import { ClickHouseModule, MigrationError, StoreError } from '@holdfast/platform/clickhouse';
import { ConfigurationError, ConfigurationModule, readConfiguration } from '@holdfast/platform/config';
import { announceReady, whenParentGone } from '@holdfast/platform/processes';
import { JsonLogger } from '@holdfast/platform/telemetry';
import { BrokenLogError } from '@holdfast/platform/transparency';

@Module({ imports: [ConfigurationModule, ClickHouseModule, AuditLogModule] })
class AuditLogApp {}

const EXIT_SUPERSEDED = 5;

async function main(): Promise<void> {
  const { LOG_LEVEL } = readConfiguration(process.env);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(AuditLogApp, {
    logger: new JsonLogger('audit-log', LOG_LEVEL),
    abortOnError: false,
  });
  app.enableShutdownHooks(undefined, { useProcessExit: true }); // 0 says that everything was ended in order
  whenParentGone(() => {
    void app.close().finally(() => process.exit(0));
  });
  const log = app.get(AuditLog);
  void log.superseded.then(() => app.close()).finally(() => process.exit(EXIT_SUPERSEDED));
  announceReady(log.port);
}

main().catch((error: unknown) => {
  // These say in their own words what to mend; texts of other errors may quote data, and stay out of the log.
  const ours = [ConfigurationError, MigrationError, StoreError, AuditLogInUseError, BrokenLogError, OldLogError];
  new JsonLogger('audit-log', 'fatal').fatal(
    ours.some((kind) => error instanceof kind) ? (error as Error).message : error,
  );
  process.exit(1);
});
