import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { ClickHouse } from './clickhouse';
import { addressIn, connect } from './connect';
import { Presence } from './migrations/readers';
import { migrate } from './migrations/run';

/** Connects, makes the database where there is none, brings the schema up to date before anything else of the process starts, and says that it is here. */
@Global()
@Module({
  providers: [
    {
      provide: ClickHouse,
      inject: [CONFIGURATION],
      useFactory: async (configuration: Configuration) => {
        const clickhouse = await connect(
          addressIn(configuration),
          configuration.HOLDFAST_START_PATIENCE_SECONDS * 1000,
        );
        const log = new Logger('Migrations');
        try {
          await migrate(clickhouse, (line) => log.log(line));
        } catch (error) {
          await clickhouse.close();
          throw error;
        }
        return clickhouse;
      },
    },
    {
      provide: Presence,
      inject: [ClickHouse],
      useFactory: async (clickhouse: ClickHouse) => {
        const presence = new Presence(clickhouse);
        await presence.begin();
        return presence;
      },
    },
  ],
  exports: [ClickHouse],
})
export class ClickHouseModule implements OnApplicationShutdown {
  constructor(
    @Inject(ClickHouse) private readonly clickhouse: ClickHouse,
    @Inject(Presence) private readonly presence: Presence,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.presence.end();
    await this.clickhouse.close();
  }
}
