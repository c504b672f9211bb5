import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  type QueryParams,
} from '@clickhouse/client';
import { randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { startEmbeddedClickHouse } from '@holdfast/platform/clickhouse/embedded-engine';

/** Set to run the same requests against a server: CLICKHOUSE_URL, with CLICKHOUSE_USER and CLICKHOUSE_PASSWORD. */
const SERVER_URL = process.env['CLICKHOUSE_URL'];

/** For what only the embedded process has: its life cycle, its spool, its limits. */
export const describeEmbedded = SERVER_URL === undefined ? describe : describe.skip;

/** What the requests run against, with a database of their own. */
export interface Target {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly client: ClickHouseClient;
  connect(options?: ClickHouseClientConfigOptions): ClickHouseClient;
  stop(): Promise<void>;
}

export async function startTarget(): Promise<Target> {
  const embedded = SERVER_URL === undefined ? await startEmbeddedClickHouse() : undefined;
  const url = SERVER_URL ?? embedded!.url;
  const user = embedded ? 'default' : (process.env['CLICKHOUSE_USER'] ?? 'default');
  const password = embedded?.password ?? process.env['CLICKHOUSE_PASSWORD'] ?? '';
  const database = `conformance_${randomBytes(4).toString('hex')}`;
  const clients: ClickHouseClient[] = [];
  const connect = (options: ClickHouseClientConfigOptions = {}): ClickHouseClient => {
    const client = quietClient({ url, username: user, password, database, ...options });
    clients.push(client);
    return client;
  };
  await connect({ database: 'system' }).command({ query: `CREATE DATABASE ${database}` });
  const client = connect();
  const stop = async (): Promise<void> => {
    await client.command({ query: `DROP DATABASE ${database} SYNC` });
    await Promise.all(clients.map((each) => each.close()));
    await embedded?.stop();
  };
  return { url, user, password, database, client, connect, stop };
}

/** The client of the product, without its log: these suites cause errors on purpose. */
export const quietClient = (options: ClickHouseClientConfigOptions): ClickHouseClient =>
  createClient({ log: { level: ClickHouseLogLevel.OFF }, ...options });

/** Rows of a query, with whole numbers of 64 bits as text so that none is rounded. */
export async function rowsOf(
  client: ClickHouseClient,
  query: string,
  options: Omit<QueryParams, 'query' | 'format'> = {},
): Promise<Record<string, unknown>[]> {
  const settings = { output_format_json_quote_64bit_integers: 1, ...options.clickhouse_settings } as const;
  return (await client.query({ query, format: 'JSONEachRow', ...options, clickhouse_settings: settings })).json();
}

/** The first column of the first row. */
export async function valueOf(
  client: ClickHouseClient,
  query: string,
  options: Omit<QueryParams, 'query' | 'format'> = {},
): Promise<unknown> {
  return Object.values((await rowsOf(client, query, options))[0] ?? {})[0];
}

/** Reads until the stream ends. */
export async function drain(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Looks until something holds. @throws when it does not within the time */
export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`still not so after ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A request that no client library shapes. */
export function rawRequest(
  target: { url: string; user?: string; password?: string },
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<RawAnswer> {
  const { method = 'POST', path = '/', headers = {}, body } = options;
  const credentials =
    target.password === undefined
      ? {}
      : { 'X-ClickHouse-User': target.user ?? 'default', 'X-ClickHouse-Key': target.password };
  return new Promise((resolve, reject) => {
    const sent = request(`${target.url}${path}`, { method, headers: { ...credentials, ...headers } }, (answer) => {
      drain(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes.toString('utf8') }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
