import { createHash } from 'node:crypto';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { queryText } from '@holdfast/platform/clickhouse/typed-query';
import { type Benchmark, rounded } from './benchmark';
import { type BenchStack, orderToCash, startBenchStack } from './stack';

const BATCH = 10_000;
const ROUNDS = 5;
/** Of each of these, a process of its own. */
const CLASSES = ['standard', 'short', 'financial', 'audit'] as const;
const DAY_MS = 86_400_000;
const FROM = Date.UTC(2026, 10, 19);

const CITIES = ['Berlin', 'Hamburg', 'Lyon', 'Porto', 'Gdansk', 'Turku', 'Graz', 'Ghent'];
const PICKED = [
  'standard delivery',
  'express delivery',
  'collected in the shop',
  'gift wrapped, leave with a neighbour',
];

/** A number that looks random and is the same in every run. */
const drawn = (digest: Buffer, at: number, below: number): number => digest.readUInt32LE(at) % below;

/** What each system adds of its own: ids that repeat nowhere among things that do. */
const ofStage = (stage: number, own: Buffer, order: Buffer): object =>
  [
    { session: own.toString('hex', 8, 24), channel: ['web', 'app', 'store'][drawn(order, 16, 3)] },
    { message: own.toString('hex', 8, 24), route: `shop-erp-${drawn(order, 28, 4)}`, partition: drawn(order, 16, 12) },
    { document: 4_900_000_000 + drawn(own, 8, 100_000_000), plant: `P${drawn(order, 28, 20)}`, posted: true },
  ][stage]!;

/** An order as three systems tell of it, over a day: sizes and repetitions as they are in practice, `run` and `number` make it unique. */
function line(run: string, number: number, total: number, process: string, isTest = false): string {
  const order = Math.floor(number / 3);
  const stage = ['shop', 'hub', 'erp'][number % 3]!;
  const digest = createHash('sha256').update(`${run}${order}`).digest();
  const own = createHash('sha256').update(`${run}${number}`).digest();
  const origin = FROM + Math.floor((order * 3 * DAY_MS) / total);
  const occurred = origin + (number % 3) * 20_000 + drawn(own, 0, 5_000);
  const lines = Array.from({ length: 1 + drawn(digest, 0, 4) }, (_, at) => ({
    sku: `SKU-${String(drawn(digest, 4 + at * 4, 5_000)).padStart(5, '0')}`,
    quantity: 1 + drawn(digest, 5 + at * 4, 3),
    price: drawn(digest, 6 + at * 4, 20_000) / 100,
  }));
  return `${JSON.stringify({
    id: `${stage}-${run}-${own.toString('hex', 0, 8)}`,
    source: stage,
    process,
    stage,
    key: `ORD-${run}-${String(order).padStart(9, '0')}`,
    type: `order.${['placed', 'forwarded', 'booked'][number % 3]}`,
    occurredAt: new Date(occurred).toISOString(),
    originAt: new Date(origin).toISOString(),
    correlationId: digest.toString('hex', 8, 24),
    sequence: number,
    ...(isTest && { test: true }),
    data: {
      amount: Math.round(lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0) * 100) / 100,
      currency: drawn(digest, 24, 10) === 0 ? 'PLN' : 'EUR',
      customer: { id: `C${drawn(digest, 20, 100_000)}`, city: CITIES[drawn(digest, 28, CITIES.length)] },
      lines,
      ...ofStage(number % 3, own, digest),
      note: PICKED[drawn(digest, 25, PICKED.length)],
    },
  })}\n`;
}

async function send(stack: BenchStack, body: string): Promise<void> {
  const answer = await fetch(`${stack.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.key}`, 'content-type': 'application/x-ndjson' },
    body,
  });
  const text = await answer.text();
  if (!answer.ok || (JSON.parse(text) as { stored: number }).stored !== BATCH)
    throw new Error(`${answer.status}: ${text.slice(0, 300)}`);
}

const bodyOf = (from: number, lineOf: (number: number) => string): string =>
  Array.from({ length: BATCH }, (_, index) => lineOf(from + index)).join('');

/** @returns bytes of an event as it was sent */
async function load(stack: BenchStack, events: number): Promise<number> {
  let sent = 0;
  for (let from = 0; from < events; from += BATCH) {
    const body = bodyOf(from, (number) => line('m', number, events, 'order-to-cash'));
    sent += Buffer.byteLength(body);
    await send(stack, body);
    if ((from / BATCH) % 20 === 19) console.error(`${(from + BATCH).toLocaleString('en')} events loaded`);
  }
  return sent / events;
}

/**
 * What else columns could be stored as. The first of each is what stands in the migration. A table beside has all of them as columns, in the order of the log: what
 * a column takes does not depend on the others.
 */
const ALTERNATIVES: readonly (readonly [column: string, ...types: readonly string[]])[] = [
  ['process', 'LowCardinality(String)', 'String CODEC(ZSTD(1))'],
  ['stage', 'LowCardinality(String)', 'String CODEC(ZSTD(1))'],
  ['type', 'LowCardinality(String)', 'String CODEC(ZSTD(1))'],
  ['key', 'String CODEC(ZSTD(1))', 'String CODEC(ZSTD(3))', 'String CODEC(LZ4)'],
  ['id', 'String CODEC(ZSTD(1))', 'String CODEC(ZSTD(3))', 'String CODEC(LZ4)'],
  ['correlation_id', 'String CODEC(ZSTD(1))', 'String CODEC(ZSTD(3))', 'String CODEC(LZ4)'],
  ...['occurred_at', 'origin_at', 'received_at'].map(
    (column) =>
      [
        column,
        "DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))",
        "DateTime64(6, 'UTC') CODEC(ZSTD(1))",
        "DateTime64(6, 'UTC') CODEC(Delta, LZ4)",
        "DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1))",
        "DateTime64(6, 'UTC') CODEC(T64, ZSTD(1))",
        "DateTime64(6, 'UTC') CODEC(Gorilla, ZSTD(1))",
      ] as const,
  ),
  [
    'sequence',
    'Nullable(UInt64) CODEC(T64, ZSTD(1))',
    'Nullable(UInt64) CODEC(ZSTD(1))',
    'Nullable(UInt64) CODEC(Delta, ZSTD(1))',
    'UInt64 CODEC(Delta, ZSTD(1))',
  ],
  ['identity', 'FixedString(16) CODEC(NONE)', 'FixedString(16) CODEC(LZ4)', 'FixedString(16) CODEC(ZSTD(1))'],
  ['payload_hash', 'UInt64 CODEC(NONE)', 'UInt64 CODEC(ZSTD(1))'],
  ['digest', 'Int64 CODEC(LZ4)', 'Int64 CODEC(NONE)', 'Int64 CODEC(ZSTD(1))'],
  ['definition', 'UInt32', 'UInt32 CODEC(ZSTD(1))'],
  ['attempt', 'UInt16', 'UInt16 CODEC(ZSTD(1))'],
  ['agreed', 'String CODEC(ZSTD(1))', 'String CODEC(ZSTD(3))', 'String CODEC(LZ4)'],
  ['data', 'String CODEC(ZSTD(1))', 'String CODEC(ZSTD(3))', 'String CODEC(ZSTD(6))', 'String CODEC(LZ4)', 'JSON'],
];

const nameOf = (column: string, index: number): string => `${column}_${index}`;

async function rows<T>(client: ClickHouseClient, query: string): Promise<T[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json<T>();
}

async function best(run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await run();
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

/** Compressed bytes of each column of a table. */
const bytesOf = (client: ClickHouseClient, table: string) =>
  rows<{ column: string; bytes: number }>(
    client,
    `SELECT column, toFloat64(sum(column_data_compressed_bytes)) AS bytes FROM system.parts_columns
WHERE database = currentDatabase() AND table = '${table}' AND active GROUP BY column ORDER BY bytes DESC`,
  );

/** Bytes an event and milliseconds of reading the whole column, for each alternative. */
async function compare(client: ClickHouseClient, events: number): Promise<Record<string, string>> {
  const columns = ALTERNATIVES.flatMap(([column, ...types]) =>
    types.map((type, index) => ({ column, type, name: nameOf(column, index) })),
  );
  await client.command({
    query: `CREATE TABLE alternatives (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}) ENGINE = MergeTree ORDER BY ()`,
    clickhouse_settings: { allow_suspicious_codecs: 1 },
  });
  const values = columns.map(({ column, type }) =>
    type.startsWith('UInt64 CODEC(Delta') ? `ifNull(${column}, 0)` : column,
  );
  await client.command({
    query: `INSERT INTO alternatives SELECT ${values.join(', ')} FROM tracking_records ORDER BY process, origin_hour, key, stage`,
    clickhouse_settings: { max_insert_threads: '1', max_block_size: '65536', optimize_use_projections: 0 },
  });
  await client.command({ query: 'OPTIMIZE TABLE alternatives FINAL' });
  const bytes = new Map((await bytesOf(client, 'alternatives')).map(({ column, bytes: found }) => [column, found]));
  const found: Record<string, string> = {};
  for (const { column, type, name } of columns) {
    const scan = `SELECT count() FROM alternatives WHERE NOT ignore(${name}) SETTINGS max_threads = 1`;
    const ms = await best(() => rows(client, scan));
    const text = `${((bytes.get(name) ?? NaN) / events).toFixed(2)} B, ${ms.toFixed(0)} ms`;
    found[`${column} ${type.replace("DateTime64(6, 'UTC') ", '')}`] = text;
    console.error(`${column} ${type}: ${text}`);
  }
  await client.command({ query: 'DROP TABLE alternatives' });
  return found;
}

/** Milliseconds of the queries that windows, timelines and the account are answered by. */
async function timeQueries(client: ClickHouseClient) {
  const [from, to] = [FROM * 1000, (FROM + DAY_MS) * 1000];
  const ask = (name: string, query_params: Record<string, unknown>): Promise<number> =>
    best(async () => (await client.query({ query: queryText(name), query_params, format: 'JSONEachRow' })).text());
  const after = { afterAt: 0, afterSource: '', afterId: '', afterAttempt: 0, afterReceived: 0, afterHash: '0' };
  const process = 'order-to-cash';
  return {
    window_digest_ms: rounded(await ask('reconciliation/sum_digests', { process, from, to }), 1),
    timeline_ms: rounded(
      await ask('tracking/list_timeline', { process, key: 'ORD-m-000001234', limit: 101, ...after }),
      1,
    ),
    account_ms: rounded(
      await ask('tracking/count_intake', { source: '', from: (Date.now() - DAY_MS) * 1000, to: Date.now() * 1000 }),
      1,
    ),
    window_scan_ms: rounded(
      await best(() =>
        rows(
          client,
          `SELECT key, sum(sign), sum(digest) FROM tracking_records WHERE process = '${process}' GROUP BY origin_hour, key HAVING sum(sign) != 3
SETTINGS optimize_aggregation_in_order = 1, optimize_use_projections = 0`,
        ),
      ),
      1,
    ),
  };
}

/** Events a second of bodies whose records are kept as one class, and as five: an insert makes a part for each. */
async function timeClasses(stack: BenchStack) {
  const kinds: Readonly<Record<string, (number: number) => [string, boolean]>> = {
    one_class: () => ['of-standard', false],
    one_other_class: () => ['of-financial', false],
    five_classes: (number) => [`of-${CLASSES[number % 5] ?? 'standard'}`, number % 5 === 4],
  };
  const bodies = 10;
  const most: Record<string, number> = {};
  for (let round = 0; round < 3; round++)
    for (const [kind, of] of Object.entries(kinds)) {
      const made = Array.from({ length: bodies }, (_, index) =>
        bodyOf(index * BATCH, (number) => line(`${kind}${round}`, number, bodies * BATCH, ...of(number))),
      );
      const started = performance.now();
      for (const body of made) await send(stack, body);
      const rate = (bodies * BATCH) / ((performance.now() - started) / 1000);
      most[kind] = Math.max(most[kind] ?? 0, Math.round(rate));
      console.error(`round ${round}: ${kind} ${rate.toFixed(0)} events/s`);
    }
  return Object.fromEntries(Object.entries(most).map(([kind, rate]) => [`${kind}_events_per_s`, rate]));
}

export const storage: Benchmark = {
  name: 'storage',
  about:
    'bytes of an event on disk, against the same event as it is sent; reading it; what other types and codecs take (--events 2000000)',
  async run(options) {
    const events = Math.ceil(Number(options['events'] ?? 2_000_000) / BATCH) * BATCH;
    const stack = await startBenchStack();
    const client = createClient({ ...stack.clickhouse, request_timeout: 3_600_000 });
    try {
      const stages = ['source', 'integration', 'target'].map((role, index) => ({
        id: ['shop', 'hub', 'erp'][index],
        role,
      }));
      await stack.call('PUT', '/v1/processes/order-to-cash', { ...orderToCash, stages });
      for (const retentionClass of CLASSES)
        await stack.call('PUT', `/v1/processes/of-${retentionClass}`, { ...orderToCash, stages, retentionClass });
      const asSent = await load(stack, events);
      await client.command({ query: 'OPTIMIZE TABLE tracking_records FINAL' });
      const columns = await bytesOf(client, 'tracking_records');
      const ofColumns = columns.reduce((sum, { bytes }) => sum + bytes, 0) / events;
      const projections = await rows<{ name: string; bytes: number }>(
        client,
        `SELECT name, toFloat64(sum(data_compressed_bytes)) AS bytes FROM system.projection_parts
WHERE database = currentDatabase() AND table = 'tracking_records' AND active GROUP BY name ORDER BY bytes DESC`,
      );
      const figure = ofColumns + projections.reduce((sum, { bytes }) => sum + bytes, 0) / events;
      const queries = await timeQueries(client);
      const alternatives = await compare(client, events);
      return {
        figure: rounded(figure, 1),
        unit: 'bytes/event',
        baseline: rounded(asSent, 1),
        ratio: rounded(figure / asSent, 3),
        events,
        rows_bytes: rounded(ofColumns, 1),
        ...Object.fromEntries(projections.map(({ name, bytes }) => [`projection ${name}`, rounded(bytes / events)])),
        ...Object.fromEntries(columns.map(({ column, bytes }) => [`column ${column}`, rounded(bytes / events)])),
        ...queries,
        ...(await timeClasses(stack)),
        ...alternatives,
      };
    } finally {
      await client.close();
      await stack.stop();
    }
  },
};
