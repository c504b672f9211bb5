import { ClickHouse } from '@holdfast/platform/clickhouse';
import { readConfiguration } from '@holdfast/platform/config';
import { OpenApiSource } from '@holdfast/platform/http/documents';
import { Client, Connection } from '@temporalio/client';
import { createApi } from '../api/main';

const NOWHERE = '127.0.0.1:1';
const silent = {
  log: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  fatal: () => undefined,
};

/** A store that holds nothing: routes exist without what is behind them. */
class EmptyStore extends ClickHouse {
  constructor() {
    super({ url: `http://${NOWHERE}`, database: 'app', username: 'default', password: '' });
  }
  override async rows(): Promise<never[]> {
    return [];
  }
  override async insert(): Promise<void> {
    // keeps nothing
  }
  override async row(): Promise<undefined> {
    return undefined;
  }
  override async *binary(): AsyncGenerator<never> {
    // no identities
  }
}

/** docs/openapi.json: the document of the API as it is with every default. Nothing listens, and nobody is asked. */
export async function openApiFile(): Promise<string> {
  const { app } = await createApi({
    configuration: readConfiguration({}),
    clickhouse: new EmptyStore(),
    temporal: new Client({ connection: Connection.lazy({ address: NOWHERE }) }),
    logger: silent,
  });
  try {
    return `${JSON.stringify(await app.get(OpenApiSource).document(), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
