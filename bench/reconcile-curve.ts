import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { type Benchmark, rounded } from './benchmark';
import { type BenchStack, orderToCash, startBenchStack } from './stack';
import { type Answer, bareQuery, DAY, digestQuery, idOf, judge, load, settled, timed } from './windows';

/** Shares of keys that differ, in percent, and every how many-th key that is. */
const SHARES: readonly (readonly [percent: number, every: number])[] = [
  [0, 0],
  [0.1, 1_000],
  [1, 100],
  [10, 10],
  [50, 2],
];
const ROUNDS = 3;
const WARM_ROUNDS = 10;

interface Point {
  readonly percent: number;
  readonly stages: number;
  readonly ms: number;
  readonly bare_ms: number;
  readonly digests_ms: number;
  readonly ratio: number;
  readonly discrepancies: number;
}

/** A service that has judged windows before: its code is compiled, its connections are open. */
async function warmUp(stack: BenchStack, client: ClickHouseClient): Promise<void> {
  await stack.call('PUT', '/v1/processes/warm-up', orderToCash);
  await load(client, { process: 'warm-up', stages: ['shop', 'erp'], keys: 20_000, faultEvery: 100 });
  for (let round = 1; round <= WARM_ROUNDS; round++) await judge(stack, client, 'warm-up', DAY, round);
}

/** A window of a process of its own: the best of three judgements, and of the bare queries beside them. */
async function measure(
  stack: BenchStack,
  client: ClickHouseClient,
  keys: number,
  [percent, faultEvery]: readonly [number, number],
  stages: readonly string[],
): Promise<Point> {
  const process = `differing-${String(percent).replace('.', '-')}-${stages.length}`;
  await stack.call('PUT', `/v1/processes/${process}`, {
    ...orderToCash,
    stages: stages.map((id, index) => ({ id, role: index === 0 ? 'source' : 'target' })),
  });
  await load(client, { process, stages, keys, faultEvery });
  await settled(client);
  const best = { own: Infinity, bare: Infinity, digests: Infinity };
  const text = async (query: string): Promise<unknown> => (await client.query({ query, format: 'JSONEachRow' })).text();
  for (let round = 1; round <= ROUNDS; round++) {
    best.bare = Math.min(best.bare, await timed(() => text(bareQuery(process))));
    best.digests = Math.min(best.digests, await timed(() => text(digestQuery(process, DAY))));
    best.own = Math.min(best.own, await timed(() => judge(stack, client, process, DAY, round)));
  }
  const { verdict } = await stack.call<Answer>('GET', `/v1/reconciliations/${idOf(process, DAY)}`);
  const point = {
    percent,
    stages: stages.length,
    ms: rounded(best.own, 0),
    bare_ms: rounded(best.bare, 0),
    digests_ms: rounded(best.digests, 0),
    ratio: rounded(best.own / best.bare),
    discrepancies: Object.values(verdict?.discrepancies ?? {}).reduce((sum, one) => sum + one, 0),
  };
  console.error(JSON.stringify(point));
  return point;
}

export const reconcileCurve: Benchmark = {
  name: 'reconcile-curve',
  about:
    'API start to verdict with 0 to 50% of keys differing, and with three stages, against the bare in-order GROUP BY (--keys 10000000, --most PERCENT)',
  async run(options) {
    const keys = Number(options['keys'] ?? 10_000_000);
    const most = Number(options['most'] ?? 100);
    const stack = await startBenchStack();
    const client = createClient({ ...stack.clickhouse, request_timeout: 3_600_000 });
    try {
      await warmUp(stack, client);
      const [none, little, ...more] = SHARES;
      const matched = await measure(stack, client, keys, none!, ['shop', 'erp']);
      const few = await measure(stack, client, keys, little!, ['shop', 'erp']);
      const three = await measure(stack, client, keys, little!, ['shop', 'hub', 'erp']);
      const points = [matched, few, three];
      for (const share of more)
        if (share[0] <= most) points.push(await measure(stack, client, keys, share, ['shop', 'erp']));
      return {
        figure: few.ms,
        unit: 'ms',
        baseline: few.bare_ms,
        ratio: few.ratio,
        target: 1.3,
        keys,
        matched_over_digests_ms: matched.ms - matched.digests_ms,
        three_stages_ratio: rounded(three.ms / few.ms),
        points,
      };
    } finally {
      await client.close();
      await stack.stop();
    }
  },
};
