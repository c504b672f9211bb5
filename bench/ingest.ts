import { randomBytes } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Benchmark, rounded } from './benchmark';
import { sendLines } from './client';
import { eventLine } from './events';
import { type BenchStack, orderToCash, startBenchStack } from './stack';

const BATCH = 10_000;
/** What is sent while the engine stands still: some 300 MB. */
const STALLED_BATCHES = 60;
const STALL_MS = 5_000;

function batches(run: string, count: number): Buffer[] {
  return Array.from({ length: count }, (_, batch) =>
    Buffer.from(Array.from({ length: BATCH }, (_, i) => eventLine(run, batch * BATCH + i)).join('')),
  );
}

async function post(stack: BenchStack, body: Buffer): Promise<void> {
  const { status, retryAfter, text } = await sendLines(stack, body);
  if (status !== 200 || (JSON.parse(text) as { stored: number }).stored !== BATCH)
    throw new Error(`${status} retry-after ${retryAfter}: ${text.slice(0, 300)}`);
}

/** Rows a second of sending all bodies, so many at a time. */
async function rate(
  bodies: readonly Buffer[],
  concurrency: number,
  send: (body: Buffer) => Promise<void>,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < bodies.length) await send(bodies[next++]!);
    }),
  );
  return (bodies.length * BATCH) / ((performance.now() - started) / 1000);
}

/** The rows that the API stored, as JSONEachRow without what the engine computes: the bare insert sends the same rows. */
async function storedRows(stack: BenchStack, run: string): Promise<Buffer[]> {
  const client = createClient(stack.clickhouse);
  const columns =
    'process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, origin_at, origin_from, received_at, correlation_id, sequence, status, class, substring(lower(hex(identity)), 1, 16) AS identity, payload_hash, sign, digest, definition, agreed, data';
  const answer = await client.query({
    query: `SELECT ${columns} FROM tracking_records WHERE startsWith(id, 'shop-${run}-') OR startsWith(id, 'erp-${run}-') ORDER BY sequence`,
    format: 'JSONEachRow',
  });
  const lines = (await answer.text()).trimEnd().split('\n');
  await client.close();
  return Array.from({ length: lines.length / BATCH }, (_, i) =>
    Buffer.from(lines.slice(i * BATCH, (i + 1) * BATCH).join('\n') + '\n'),
  );
}

async function bareInsert(stack: BenchStack, bodies: readonly Buffer[], concurrency: number): Promise<number> {
  const client = createClient({
    ...stack.clickhouse,
    max_open_connections: concurrency,
  });
  const found = await rate(bodies, concurrency, async (body) => {
    const { stream } = await client.exec({
      query: 'INSERT INTO tracking_records FORMAT JSONEachRow',
      values: Readable.from([body], { objectMode: false }),
      clickhouse_settings: { async_insert: 0, insert_deduplication_token: randomBytes(8).toString('hex') },
    });
    stream.resume();
  });
  await client.close();
  return found;
}

/** Sends more than memory may hold while the engine stands still. Every body is answered in the end: stored, or refused with a Retry-After. */
async function whileStalled(stack: BenchStack) {
  const engine = stack.pid('clickhouse');
  const before = stack.memory('api');
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, stack.memory('api'))), 20);
  process.kill(engine, 'SIGSTOP');
  const refused: string[] = [];
  const send = (body: Buffer): Promise<unknown> =>
    post(stack, body).catch((error: unknown) => refused.push(String(error)));
  const sent = batches('stalled', STALLED_BATCHES).map(send);
  await pause(STALL_MS); // by now memory is full of what was let in
  sent.push(...batches('late', STALLED_BATCHES / 4).map(send));
  await pause(STALL_MS);
  process.kill(engine, 'SIGCONT');
  await Promise.all(sent);
  clearInterval(watching);
  const other = refused.find((text) => !text.includes('429') || !/retry-after [1-9]/.test(text));
  if (other !== undefined) throw new Error(`while the engine stood still: ${other}`);
  return { api_memory_stalled_mb: rounded(most / 1e6, 0), stalled_bodies: sent.length, refused_429: refused.length };
}

export const ingest: Benchmark = {
  name: 'ingest',
  about:
    'events acknowledged over HTTP, against the bare JSONEachRow insert of the same rows (--batches 20 --concurrency 2)',
  async run(options) {
    const count = Number(options['batches'] ?? 20);
    const concurrency = Number(options['concurrency'] ?? 2);
    const stack = await startBenchStack();
    try {
      await stack.call('PUT', '/v1/processes/order-to-cash', orderToCash);
      await rate(batches('warm', 4), concurrency, (body) => post(stack, body));
      const own: number[] = [];
      const bare: number[] = [];
      for (const run of ['a', 'b', 'c']) {
        own.push(await rate(batches(run, count), concurrency, (body) => post(stack, body)));
        bare.push(await bareInsert(stack, await storedRows(stack, run), concurrency));
        console.error(`round ${run}: ${own.at(-1)!.toFixed(0)} events/s, bare ${bare.at(-1)!.toFixed(0)} rows/s`);
      }
      const [figure, baseline] = [Math.max(...own), Math.max(...bare)];
      return {
        figure: rounded(figure, 0),
        unit: 'events/s',
        baseline: rounded(baseline, 0),
        ratio: rounded(figure / baseline, 3),
        target: 0.4,
        bytes_per_event: eventLine('a', 50_000).length,
        api_memory_mb: rounded(stack.memory('api') / 1e6, 0),
        ...(await whileStalled(stack)),
      };
    } finally {
      await stack.stop();
    }
  },
};
