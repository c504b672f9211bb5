import { setTimeout as pause } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { ClickHouse, type ClickHouseAddress } from './clickhouse';
import { migrate } from './migrations';

/** ClickHouse cannot be used as it is configured. The message names the variable to look at, and quotes nothing. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Connects, makes the database where there is none, and brings the schema up to date before anything else of the process starts. */
@Global()
@Module({
  providers: [
    {
      provide: ClickHouse,
      inject: [CONFIGURATION],
      useFactory: async (configuration: Configuration) => {
        const address = {
          url: configuration.CLICKHOUSE_URL,
          database: configuration.CLICKHOUSE_DATABASE,
          username: configuration.CLICKHOUSE_USER,
          password: configuration.CLICKHOUSE_PASSWORD,
        };
        const clickhouse = new ClickHouse(address);
        const log = new Logger('Migrations');
        try {
          await answering(clickhouse, address, configuration.HOLDFAST_START_PATIENCE_SECONDS * 1000);
          await migrate(clickhouse, (line) => log.log(line));
        } catch (error) {
          await clickhouse.close();
          throw error;
        }
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

const UNKNOWN_DATABASE = '81';

/** Waits until the database can be used, and makes it where there is none. @throws StoreError when it does not come to that */
async function answering(clickhouse: ClickHouse, address: ClickHouseAddress, patienceMs: number): Promise<void> {
  for (const until = Date.now() + patienceMs; ;) {
    try {
      await clickhouse.command('SELECT 1'); // a ping does not ask for the database
      return;
    } catch (error) {
      if (error instanceof ClickHouseError && error.code === UNKNOWN_DATABASE) await makeDatabase(address);
      else if (!(error instanceof DomainError)) throw refused(error);
      else if (Date.now() > until)
        throw new StoreError(`ClickHouse did not answer within ${patienceMs / 1000} s; see CLICKHOUSE_URL`);
    }
    await pause(50);
  }
}

async function makeDatabase({ database, ...address }: ClickHouseAddress): Promise<void> {
  const server = new ClickHouse({ ...address, database: 'default' });
  try {
    await server.command(`CREATE DATABASE IF NOT EXISTS ${database}`);
  } catch (error) {
    throw new StoreError(
      `ClickHouse has no database ${database}, and CLICKHOUSE_USER cannot make it (${typeOf(error)}): make it, or name another with CLICKHOUSE_DATABASE`,
      { cause: error },
    );
  } finally {
    await server.close();
  }
}

const refused = (error: unknown): Error =>
  error instanceof ClickHouseError
    ? new StoreError(
        `ClickHouse refuses to be used (${typeOf(error)}); see CLICKHOUSE_URL, CLICKHOUSE_USER and CLICKHOUSE_PASSWORD`,
        { cause: error },
      )
    : (error as Error);

/** The engine's name of an error: its text may quote what it was asked. */
const typeOf = (error: unknown): string =>
  error instanceof ClickHouseError ? (error.type ?? error.code) : 'no connection';
