import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { ClickHouse } from './clickhouse';
import { migrate } from './migrations';

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
