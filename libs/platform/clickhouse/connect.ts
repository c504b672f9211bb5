import { setTimeout as pause } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import { DomainError } from '@holdfast/kernel';
import type { Configuration } from '@holdfast/platform/config/variables';
import { ClickHouse, type ClickHouseAddress } from './clickhouse';

/** ClickHouse cannot be used as it is configured. The message names the variable to look at, and quotes nothing. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

type Settings = Pick<
  Configuration,
  'CLICKHOUSE_URL' | 'CLICKHOUSE_DATABASE' | 'CLICKHOUSE_USER' | 'CLICKHOUSE_PASSWORD'
>;

export const addressIn = (settings: Settings): ClickHouseAddress => ({
  url: settings.CLICKHOUSE_URL,
  database: settings.CLICKHOUSE_DATABASE,
  username: settings.CLICKHOUSE_USER,
  password: settings.CLICKHOUSE_PASSWORD,
});

/** Waits until the store answers, and makes its database where there is none. @throws StoreError when it cannot be used */
export async function connect(address: ClickHouseAddress, patienceMs: number): Promise<ClickHouse> {
  const clickhouse = new ClickHouse(address);
  try {
    await answering(clickhouse, address, patienceMs);
    return clickhouse;
  } catch (error) {
    await clickhouse.close();
    throw error;
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
