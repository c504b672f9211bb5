import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { definitionOf, type ProcessDefinition } from '@holdfast/domains/catalog/core/process';
import { setTimeout as pause } from 'node:timers/promises';
import { type Benchmark, median, rounded } from './benchmark';
import { type BenchStack, orderToCash, startBenchStack } from './stack';

const FROM = '2026-11-20 00:00:00';
const DAY: Span = ['2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'];
const DAY_US = 86_400_000_000;
const CHUNK = 1_000_000;
/** Hours of each window that matches. */
const SHORT = 4;
/** One key in a thousand is wrong, in turn: lost on the way, sent twice, changed, never sent. */
const FAULT_EVERY = 1_000;

type Span = readonly [from: string, to: string];

/**
 * Rows of one chunk of keys at one stage, made by the engine: intake's own speed is another benchmark. `n % (4 * FAULT_EVERY)` picks the fault.
 */
function insertOf(
  process: string,
  stage: 'shop' | 'erp',
  from: number,
  keys: number,
  step: number,
  faulty: boolean,
): string {
  const fault = faulty ? `if(n % ${FAULT_EVERY} = 0, intDiv(n, ${FAULT_EVERY}) % 4, -1)` : '-1';
  // 0 missing, 1 duplicate, 2 mutated, 3 orphan
  const copies = stage === 'erp' ? 'multiIf(fault = 0, 0, fault = 1, 2, 1)' : 'if(fault = 3, 0, 1)';
  const amount = stage === 'erp' ? 'if(fault = 2, 9999.5, n % 100000 / 100)' : 'n % 100000 / 100';
  return `
INSERT INTO tracking_records (process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, origin_at, origin_from, received_at, correlation_id,
    sequence, status, class, identity, payload_hash, sign, digest, definition, agreed, data)
SELECT '${process}', concat('ORD-', leftPad(toString(n), 9, '0')) AS k, '${stage}', '${stage}', concat('${stage}-', toString(n), '-', toString(copy)), 1, 'order', 'stored', '', '',
    at + toIntervalSecond(${stage === 'erp' ? 20 : 0}), toDateTime64('${FROM}', 6, 'UTC') + toIntervalMicrosecond(n * ${step}) AS at, 'event', now64(6), hex(sipHash128(n)),
    n, 'ok', 'standard', sipHash128(n, '${stage}', copy), sipHash64(n, copy), 1, reinterpretAsInt64(sipHash64(k, values)), ${definitionOf(orderToCash as unknown as ProcessDefinition)},
    concat('[', toString(${amount}), ',"EUR"]') AS values, concat('{"amount":', toString(${amount}), ',"currency":"EUR","note":"', hex(sipHash128(n, 7)), hex(sipHash128(n, 8)), '"}')
FROM (SELECT number AS n, ${fault} AS fault, ${copies} AS copies, arrayJoin(range(toUInt8(copies))) AS copy FROM numbers(${from}, ${keys}))`;
}

/** What anybody would write by hand: the same keys, found by one pass in the table's order. */
const BARE = `
SELECT key, sumIf(sign, stage = 'shop') AS sent, sumIf(sign, stage = 'erp') AS arrived, sumIf(digest, stage = 'shop') AS sentDigest, sumIf(digest, stage = 'erp') AS arrivedDigest
FROM tracking_records
WHERE process = 'order-to-cash' AND origin_hour >= '${FROM}' AND origin_hour < toDateTime('${FROM}', 'UTC') + INTERVAL 1 DAY
  AND origin_at >= '${FROM}' AND origin_at < toDateTime64('${FROM}', 6, 'UTC') + INTERVAL 1 DAY
GROUP BY origin_hour, key HAVING sent != arrived OR sentDigest != arrivedDigest
SETTINGS optimize_aggregation_in_order = 1, optimize_use_projections = 0`;

async function load(client: ClickHouseClient, process: string, keys: number, faulty: boolean): Promise<void> {
  const step = Math.floor(DAY_US / keys);
  for (let from = 0; from < keys; from += CHUNK) {
    for (const stage of ['shop', 'erp'] as const)
      await client.command({ query: insertOf(process, stage, from, Math.min(CHUNK, keys - from), step, faulty) });
    console.error(`${process}: ${Math.min(keys, from + CHUNK).toLocaleString('en')} keys loaded`);
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

interface Answer {
  readonly verdict: { readonly discrepancies: Record<string, number> } | null;
}

/** From the API's call to a stored verdict of the revision; the first call opens the window, later ones judge it again. */
async function judge(
  stack: BenchStack,
  client: ClickHouseClient,
  process: string,
  [from, to]: Span,
  revision = 1,
  watch: () => void = () => undefined,
): Promise<void> {
  const id = idOf(process, [from, to]);
  if (revision === 1) {
    await stack.call('POST', '/v1/reconciliations', { process, from, to }, { 'idempotency-key': id });
  } else await stack.call('POST', `/v1/reconciliations/${id}/judge`);
  // Asking takes the time of the same two cores: by the smallest query, and more seldom the longer it takes.
  for (const since = performance.now(); !(await isJudged(client, id, revision));) {
    await pause(Math.max(15, (performance.now() - since) / 50));
    watch();
  }
}

async function isJudged(client: ClickHouseClient, id: string, revision: number): Promise<boolean> {
  const query = `SELECT 1 FROM verdicts WHERE reconciliation = '${id}' AND revision = ${revision}`;
  return (await (await client.query({ query, format: 'TabSeparated' })).text()) !== '';
}

const idOf = (process: string, [from, to]: Span): string => `${process}_${compact(from)}_${compact(to)}`;
const compact = (instant: string): string => instant.replaceAll(/[-:]/g, '').replace('00Z', 'Z');
const hour = (of: number): string => new Date(Date.parse(DAY[0]) + of * 3_600_000).toISOString().replace('.000', '');

/** What judging a matched window has to ask at least: counts and digests of its stages. */
const digestsOf = ([from, to]: Span): string => `
SELECT stage, definition, sum(sign), sum(digest), max(if(sign > 0, occurred_at, toDateTime64(0, 6, 'UTC')))
FROM tracking_records
WHERE process = 'matched' AND toStartOfMinute(origin_at) >= parseDateTimeBestEffort('${from}') AND toStartOfMinute(origin_at) < parseDateTimeBestEffort('${to}')
GROUP BY stage, definition`;

export const reconcile: Benchmark = {
  name: 'reconcile',
  about:
    'API start to verdict with 0.1% faults, against the bare in-order GROUP BY that finds the same keys (--keys 10000000)',
  async run(options) {
    const keys = Number(options['keys'] ?? 10_000_000);
    const stack = await startBenchStack();
    const client = createClient({ ...stack.clickhouse, request_timeout: 3_600_000 });
    try {
      for (const process of ['order-to-cash', 'matched'])
        await stack.call('PUT', `/v1/processes/${process}`, orderToCash);
      await load(client, 'order-to-cash', keys, true);
      await load(client, 'matched', Math.max(1, Math.floor(keys / 10)), false);
      const bare: number[] = [];
      const own: number[] = [];
      let memory = 0;
      let found: Answer['verdict'] = null;
      for (const revision of [1, 2, 3]) {
        bare.push(await timed(async () => (await client.query({ query: BARE, format: 'JSONEachRow' })).text()));
        const watch = (): void => {
          memory = Math.max(memory, stack.memory('worker'));
        };
        own.push(await timed(() => judge(stack, client, 'order-to-cash', DAY, revision, watch)));
        found = (await stack.call<Answer>('GET', `/v1/reconciliations/${idOf('order-to-cash', DAY)}`)).verdict;
        console.error(
          `round ${revision}: ${own.at(-1)!.toFixed(0)} ms, bare ${bare.at(-1)!.toFixed(0)} ms, ${JSON.stringify(found?.discrepancies)}`,
        );
      }
      const [query, matched]: [number[], number[]] = [[], []];
      for (let from = 0; from < 24; from += SHORT) {
        const span: Span = [hour(from), hour(from + SHORT)];
        query.push(
          await timed(async () => (await client.query({ query: digestsOf(span), format: 'JSONEachRow' })).text()),
        );
        matched.push(await timed(() => judge(stack, client, 'matched', span)));
        console.error(`matched: ${matched.at(-1)!.toFixed(0)} ms, its digests ${query.at(-1)!.toFixed(0)} ms`);
      }
      const [figure, baseline] = [Math.min(...own), Math.min(...bare)];
      return {
        figure: rounded(figure, 0),
        unit: 'ms',
        baseline: rounded(baseline, 0),
        ratio: rounded(figure / baseline),
        target: 1.3,
        events: keys * 2,
        discrepancies: Object.values(found?.discrepancies ?? {}).reduce((sum, one) => sum + one, 0),
        matched_ms: rounded(median(matched), 0),
        matched_digest_query_ms: rounded(median(query), 0),
        worker_memory_mb: rounded(memory / 1e6, 0),
      };
    } finally {
      await client.close();
      await stack.stop();
    }
  },
};
