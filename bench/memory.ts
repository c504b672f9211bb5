import { createClient } from '@clickhouse/client';
import { setTimeout as pause } from 'node:timers/promises';
import { type Benchmark, rounded } from './benchmark';
import { sendLines, streamEvents } from './client';
import { EventSource } from './events';
import { type BenchStack, orderToCash, startBenchStack } from './stack';

const WARM_BYTES = 500e6;
const FLAT_MB = 50;

/** While the engine stands still: senders, and how many records each sends at a time. */
const SENDERS = 24;
const RECORDS = 5_000;
const STALL_SECONDS = 60;
/** What docs/benchmarks.md states of the API's memory while the engine stands still. */
const STALLED_MB = 650;

/** Megabytes of memory, at so many gigabytes that were durable. */
type Sample = readonly [gigabytes: number, megabytes: number];

/** Slope of the line of least squares. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: 0 | 1): number => samples.reduce((sum, one) => sum + one[of], 0) / samples.length;
  const [x, y] = [mean(0), mean(1)];
  const over = samples.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / samples.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

/** One streamed body; memory counts from when the first 500 MB are durable. */
async function overStream(stack: BenchStack, gigabytes: number): Promise<Record<string, number | string>> {
  const source = new EventSource('long');
  const perRecord = source.chunk().length / source.perChunk;
  const samples: Sample[] = [];
  let durable = 0;
  const sampling = setInterval(() => {
    if (durable * perRecord >= WARM_BYTES) samples.push([(durable * perRecord) / 1e9, stack.memory('api') / 1e6]);
  }, 1_000);
  const startedAt = performance.now();
  let told = 0;
  const receipt = await streamEvents(
    stack,
    source,
    () => source.made * perRecord >= gigabytes * 1e9,
    (records) => {
      durable = records;
      if (durable * perRecord < (told + 1) * 500e6) return;
      told++;
      console.error(`${told / 2} GB are durable, the API has ${(stack.memory('api') / 1e6).toFixed(0)} MB`);
    },
  );
  clearInterval(sampling);
  const seconds = (performance.now() - startedAt) / 1000;
  if (receipt.received !== source.made - source.perChunk || receipt.stored !== receipt.received)
    throw new Error(`${receipt.stored} of ${receipt.received} were stored, ${source.made} were sent`);
  if (samples.length < 3) throw new Error('the body is too short: memory is looked at after its first 500 MB');
  const memory = samples.map(([, megabytes]) => megabytes);
  const [most, baseline] = [Math.max(...memory), memory[0]!];
  return {
    figure: rounded(most - Math.min(...memory), 0),
    unit: 'MB between least and most',
    baseline: rounded(baseline, 0),
    ratio: rounded(most / baseline),
    target: FLAT_MB,
    trend_mb_per_gb: rounded(slope(samples), 1),
    most_mb: rounded(most, 0),
    samples: samples.length,
    gigabytes,
    records_per_s: rounded(receipt.received / seconds, 0),
  };
}

/** Bodies that are sent until they are taken, while the engine stands still and after. */
async function whileStalled(stack: BenchStack, seconds: number): Promise<Record<string, number | string>> {
  const before = stack.memory('api') / 1e6;
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, stack.memory('api') / 1e6)), 50);
  const refused = new Map<number, number>();
  let longest = 0;
  let [acknowledged, isOver] = [0, false];
  const sender = async (number: number): Promise<void> => {
    const source = new EventSource(`stalled${number}`, RECORDS);
    while (!isOver) {
      const body = source.chunk();
      for (let taken = false; !taken;) {
        const { status, retryAfter, text } = await sendLines(stack, body);
        if (status === 200) {
          const { stored, duplicate } = JSON.parse(text) as { stored: number; duplicate: number };
          if (stored + duplicate !== RECORDS) throw new Error(`a body came to ${text.slice(0, 300)}`);
          acknowledged += RECORDS;
          taken = true;
          continue;
        }
        if ((status !== 429 && status !== 503) || retryAfter < 1)
          throw new Error(`${status} retry-after ${retryAfter}: ${text.slice(0, 300)}`);
        refused.set(status, (refused.get(status) ?? 0) + 1);
        longest = Math.max(longest, retryAfter);
        await pause(retryAfter * 1000);
      }
    }
  };
  const engine = stack.pid('clickhouse');
  const senders = Array.from({ length: SENDERS }, (_, number) => sender(number));
  const failed = Promise.all(senders).then(() => undefined);
  while (acknowledged === 0) await Promise.race([failed, pause(50)]);
  process.kill(engine, 'SIGSTOP');
  try {
    await Promise.race([failed, pause(seconds * 1000)]);
  } finally {
    process.kill(engine, 'SIGCONT');
  }
  isOver = true;
  await failed;
  clearInterval(watching);
  const client = createClient({ ...stack.clickhouse, request_timeout: 600_000 });
  const found = await client.query({
    query: `SELECT toUInt32(count()), toUInt32(uniqExact(id)) FROM tracking_records WHERE startsWith(id, 'stalled') AND outcome = 'stored'`,
    format: 'JSONCompact',
  });
  const { data } = await found.json<[number, number]>();
  await client.close();
  const [stored, distinct] = data[0]!;
  if (stored !== acknowledged || distinct !== acknowledged)
    throw new Error(`${acknowledged} were acknowledged, ${stored} are stored, ${distinct} of them once`);
  return {
    figure: rounded(most, 0),
    unit: 'MB at most',
    baseline: rounded(before, 0),
    ratio: rounded(most / before),
    target: STALLED_MB,
    stalled_s: seconds,
    acknowledged,
    refused_429: refused.get(429) ?? 0,
    refused_503: refused.get(503) ?? 0,
    longest_retry_after_s: longest,
  };
}

export const memory: Benchmark = {
  name: 'memory',
  about:
    'memory of the API over one streamed body (--gigabytes 5), or while the engine stands still (--stall 60), against before',
  async run(options) {
    const stack = await startBenchStack();
    try {
      await stack.call('PUT', '/v1/processes/order-to-cash', orderToCash);
      const stall = options['stall'];
      return await (stall === undefined
        ? overStream(stack, Number(options['gigabytes'] ?? 5))
        : whileStalled(stack, Number(stall === '' ? STALL_SECONDS : stall)));
    } finally {
      await stack.stop();
    }
  },
};
