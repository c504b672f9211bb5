import { setTimeout as pause } from 'node:timers/promises';
import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { ClickHouse } from './clickhouse';
import { migrate } from './migrations';

/** How long a process waits for ClickHouse at its start: processes of an installation start in any order. */
const PATIENCE_MS = 15_000;

/** Connects, and brings the schema up to date before anything else of the process starts. */
@Global()
@Module({
  providers: [
    {
      provide: ClickHouse,
      inject: [CONFIGURATION],
      useFactory: async (configuration: Configuration) => {
        const clickhouse = new ClickHouse({
          url: configuration.CLICKHOUSE_URL,
          database: configuration.CLICKHOUSE_DATABASE,
          username: configuration.CLICKHOUSE_USER,
          password: configuration.CLICKHOUSE_PASSWORD,
        });
        const log = new Logger('Migrations');
        await answering(clickhouse);
        await migrate(clickhouse, (line) => log.log(line));
        return clickhouse;
      },
    },
  ],
  exports: [ClickHouse],
})
export class ClickHouseModule implements OnApplicationShutdown {
  constructor(@Inject(ClickHouse) private readonly clickhouse: ClickHouse) {}

  async onApplicationShutdown(): Promise<void> {
    await this.clickhouse.close();
  }
}

/** @throws DomainError `unavailable` when it does not answer in time */
async function answering(clickhouse: ClickHouse): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    try {
      await clickhouse.ping();
      return;
    } catch (error) {
      if (!(error instanceof DomainError) || Date.now() > until) throw error;
    }
    await pause(50);
  }
}
