import type { ClickHouseClient } from '@clickhouse/client';
import { definitionOf, type ProcessDefinition } from '@holdfast/domains/catalog/core/process';
import { setTimeout as pause } from 'node:timers/promises';
import { type BenchStack, orderToCash } from './stack';

const FROM = '2026-11-20 00:00:00';
export const DAY: Span = ['2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'];
const DAY_US = 86_400_000_000;
const CHUNK = 1_000_000;

export type Span = readonly [from: string, to: string];

/** What is made for a window: keys spread evenly over a day, of which one in so many is wrong (0: none), in turn: lost on the way, sent twice, changed, never sent. */
export interface Made {
  readonly process: string;
  readonly stages: readonly string[];
  readonly keys: number;
  readonly faultEvery: number;
}

/** Rows of one chunk of keys at one stage, made by the engine: intake's own speed is another benchmark. All faults are on the way to the last stage, erp. */
function insertOf({ process, faultEvery, keys: all }: Made, stage: string, from: number, keys: number): string {
  const step = Math.floor(DAY_US / all);
  const fault = faultEvery > 0 ? `if(n % ${faultEvery} = 0, intDiv(n, ${faultEvery}) % 4, -1)` : '-1';
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
export const bareQuery = (process: string): string => `
SELECT key, sumIf(sign, stage = 'shop') AS sent, sumIf(sign, stage = 'erp') AS arrived, sumIf(digest, stage = 'shop') AS sentDigest, sumIf(digest, stage = 'erp') AS arrivedDigest
FROM tracking_records
WHERE process = '${process}' AND origin_hour >= '${FROM}' AND origin_hour < toDateTime('${FROM}', 'UTC') + INTERVAL 1 DAY
  AND origin_at >= '${FROM}' AND origin_at < toDateTime64('${FROM}', 6, 'UTC') + INTERVAL 1 DAY
GROUP BY origin_hour, key HAVING sent != arrived OR sentDigest != arrivedDigest
SETTINGS optimize_aggregation_in_order = 1, optimize_use_projections = 0`;

export async function load(client: ClickHouseClient, made: Made): Promise<void> {
  for (let from = 0; from < made.keys; from += CHUNK) {
    for (const stage of made.stages)
      await client.command({ query: insertOf(made, stage, from, Math.min(CHUNK, made.keys - from)) });
    console.error(`${made.process}: ${Math.min(made.keys, from + CHUNK).toLocaleString('en')} keys loaded`);
  }
}

const MERGES_MS = 300_000;

/** Waits until the engine has put together the parts that loading made: merges take the time of the same cores. */
export async function settled(client: ClickHouseClient): Promise<void> {
  const query = "SELECT 1 FROM system.merges WHERE table = 'tracking_records' LIMIT 1";
  for (const since = performance.now(); performance.now() - since < MERGES_MS;) {
    if ((await (await client.query({ query, format: 'TabSeparated' })).text()) === '') return;
    await pause(500);
  }
}

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

export interface Answer {
  readonly verdict: { readonly discrepancies: Record<string, number> } | null;
}

/** From the API's call to a stored verdict of the revision; the first call opens the window, later ones judge it again. */
export async function judge(
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

export const idOf = (process: string, [from, to]: Span): string => `${process}_${compact(from)}_${compact(to)}`;
const compact = (instant: string): string => instant.replaceAll(/[-:]/g, '').replace('00Z', 'Z');
export const hour = (of: number): string =>
  new Date(Date.parse(DAY[0]) + of * 3_600_000).toISOString().replace('.000', '');

/** What judging a matched window has to ask at least: counts and digests of its stages. */
export const digestQuery = (process: string, [from, to]: Span): string => `
SELECT stage, definition, sum(sign), sum(digest), max(if(sign > 0, occurred_at, toDateTime64(0, 6, 'UTC')))
FROM tracking_records
WHERE process = '${process}' AND toStartOfMinute(origin_at) >= parseDateTimeBestEffort('${from}') AND toStartOfMinute(origin_at) < parseDateTimeBestEffort('${to}')
GROUP BY stage, definition`;
