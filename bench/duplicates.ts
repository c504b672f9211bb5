import { createClient } from '@clickhouse/client';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../apps/cli/demo/generator/random';
import { type Benchmark, median, rounded } from './benchmark';
import { sendLines, type Target } from './client';
import { eventLine } from './events';
import { type BenchStack, orderToCash, startBenchStack } from './stack';

const BATCH = 10_000;
/** Inserts of the filling; behind each, a batch goes in through the API, so that there are records to send again all over the table. */
const STEPS = 50;
const ROUNDS = 7;
const SHARES = [0, 50, 100] as const;
const TARGET = 1.5;

/** Numbered events that nobody sends: their identities are as uniform as those that intake makes. One insert leaves a part. */
const fillOf = (from: number, rows: number): string => `
INSERT INTO tracking_records (process, key, stage, source, id, attempt, type, outcome, occurred_at, origin_at, origin_from, received_at, correlation_id, sequence,
    identity, payload_hash, sign, digest, definition, agreed, data)
SELECT 'order-to-cash', concat('FILL-', toString(number)), if(number % 2 = 0, 'shop', 'erp') AS at, at, concat('fill-', toString(number)), 1, concat('order.', at), 'stored',
    toDateTime64('2026-11-20 00:00:00', 6, 'UTC') + toIntervalMicrosecond(number * 1500) AS origin, origin, 'event', now64(6), hex(sipHash128(number)), number,
    sipHash128(number, 'identity'), sipHash64(number), 1, reinterpretAsInt64(sipHash64(number, 'digest')), 1, '[12.5,"EUR"]',
    concat('{"amount":12.5,"currency":"EUR","customer":"', hex(sipHash128(number, 1)), '"}')
FROM numbers(${from}, ${rows})`;

interface Filled {
  readonly seconds: number;
  readonly parts: number;
  /** Parts of the table of identities: each costs a read for an identity that it may hold. */
  readonly identityParts: number;
}

/** Puts so many records in, of which the API was sent STEPS batches, and waits until their identities are copied and the engine has merged what it wants to merge. */
async function fill(stack: BenchStack, records: number): Promise<Filled> {
  const client = createClient({ ...stack.clickhouse, request_timeout: 3_600_000 });
  const startedAt = performance.now();
  const each = Math.ceil(records / STEPS) - BATCH;
  for (let step = 0; step < STEPS; step++) {
    await client.command({ query: fillOf(step * each, each) });
    await expectCounts(stack, sentBatch(step), 0);
    if (step % 10 === 9) console.error(`${((step + 1) * (each + BATCH)).toLocaleString('en')} records are in`);
  }
  const one = async (query: string): Promise<number> =>
    Number(await (await client.query({ query, format: 'TabSeparated' })).text());
  while ((await one('SELECT count() FROM tracking_identities')) < records) await pause(500);
  do await pause(2000);
  while ((await one('SELECT count() FROM system.merges')) > 0);
  const partsOf = (table: string) => one(`SELECT count() FROM system.parts WHERE table = '${table}' AND active`);
  const parts = await partsOf('tracking_records');
  const identityParts = await partsOf('tracking_identities');
  await client.close();
  return { seconds: (performance.now() - startedAt) / 1000, parts, identityParts };
}

const numbered = (run: string, numbers: readonly number[]): string[] => numbers.map((number) => eventLine(run, number));
const sentBatch = (step: number): string[] =>
  numbered(
    'sent',
    Array.from({ length: BATCH }, (_, i) => step * BATCH + i),
  );

/** A batch of which so many percent were sent before, taken from everywhere. */
function batchOf(share: number, run: string, random: Random, sent: number): string[] {
  const again = new Set<number>();
  while (again.size < (BATCH * share) / 100) again.add(random.below(sent));
  const fresh = Array.from({ length: BATCH - again.size }, (_, i) => i);
  const lines = [...numbered('sent', [...again]), ...numbered(run, fresh)];
  return lines
    .map((line, i) => [random.next(), i, line] as const)
    .sort(([a], [b]) => a - b)
    .map(([, , line]) => line);
}

/** @returns milliseconds until the batch was acknowledged. @throws Error when it did not come to exactly this */
async function expectCounts(target: Target, lines: readonly string[], duplicates: number): Promise<number> {
  const body = Buffer.from(lines.join(''));
  const startedAt = performance.now();
  const { status, text } = await sendLines(target, body);
  const took = performance.now() - startedAt;
  const { stored, duplicate } = JSON.parse(text) as { stored: number; duplicate: number };
  if (status !== 200 || duplicate !== duplicates || stored !== lines.length - duplicates)
    throw new Error(`${status}: ${duplicate} duplicates instead of ${duplicates}, ${text.slice(0, 300)}`);
  return took;
}

/** Kills the API and waits until its filter has been read from the store again; meanwhile everything is looked up. */
async function restart(stack: BenchStack, random: Random): Promise<Record<string, number>> {
  const before = stack.log('api').length;
  const isLoaded = (): boolean => stack.log('api').slice(before).includes('stored events is ready');
  await stack.restart('api');
  const startedAt = performance.now();
  const unfiltered = await expectCounts(stack, batchOf(50, 'restarted', random, STEPS * BATCH), BATCH / 2);
  const wasLoading = !isLoaded();
  while (!isLoaded()) await pause(50);
  return {
    filter_load_s: rounded((performance.now() - startedAt) / 1000, 1),
    ...(wasLoading && { batch_while_loading_ms: rounded(unfiltered, 0) }),
    api_memory_mb: rounded(stack.memory('api') / 1e6, 0),
  };
}

export const duplicates: Benchmark = {
  name: 'duplicates',
  about:
    'a batch of 10,000 with 0, 50 and 100% duplicates on a full table, against a fresh one on an empty table (--records 50000000)',
  async run(options) {
    const records = Number(options['records'] ?? 50_000_000);
    const random = new Random(1, 'numbers');
    const [full, empty] = [await startBenchStack({ LOG_LEVEL: 'info' }), await startBenchStack()];
    try {
      for (const stack of [full, empty]) await stack.call('PUT', '/v1/processes/order-to-cash', orderToCash);
      const { seconds, parts, identityParts } = await fill(full, records);
      const restarted = await restart(full, random);
      const other = { key: full.key, url: await full.handingOn() };
      const onEmpty: number[] = [];
      const handedOn: number[] = [];
      const onFull = new Map<number, number[]>(SHARES.map((share) => [share, []]));
      for (let round = 0; round <= ROUNDS; round++) {
        // In turn, so that whatever else the machine does weighs on all of them.
        const base = await expectCounts(empty, batchOf(0, `empty${round}`, random, 0), 0);
        for (const share of SHARES) {
          const lines = batchOf(share, `full${round}-${share}`, random, STEPS * BATCH);
          const took = await expectCounts(full, lines, (BATCH * share) / 100);
          if (round > 0) onFull.get(share)!.push(took); // the first is to warm up
        }
        const through = batchOf(50, `other${round}`, random, STEPS * BATCH);
        const took = await expectCounts(other, through, BATCH / 2);
        if (round > 0) handedOn.push(took);
        if (round > 0) onEmpty.push(base);
      }
      const baseline = median(onEmpty);
      const costs = SHARES.map((share) => [share, median(onFull.get(share)!)] as const);
      const figure = Math.max(...costs.map(([, cost]) => cost));
      return {
        figure: rounded(figure, 0),
        unit: 'ms',
        baseline: rounded(baseline, 0),
        ratio: rounded(figure / baseline),
        target: TARGET,
        records,
        ...Object.fromEntries(costs.map(([share, cost]) => [`duplicates_${share}_ms`, rounded(cost, 0)])),
        duplicates_50_by_another_api_ms: rounded(median(handedOn), 0),
        fill_s: rounded(seconds, 0),
        parts,
        identity_parts: identityParts,
        ...restarted,
      };
    } finally {
      await full.stop();
      await empty.stop();
    }
  },
};
