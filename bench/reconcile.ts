import { createClient } from '@clickhouse/client';
import { type Benchmark, median, rounded } from './benchmark';
import { orderToCash, startBenchStack } from './stack';
import { type Answer, bareQuery, DAY, digestQuery, hour, idOf, judge, load, type Span, timed } from './windows';

/** Hours of each window that matches. */
const SHORT = 4;

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
      await load(client, { process: 'order-to-cash', stages: ['shop', 'erp'], keys, faultEvery: 1_000 });
      await load(client, {
        process: 'matched',
        stages: ['shop', 'erp'],
        keys: Math.max(1, Math.floor(keys / 10)),
        faultEvery: 0,
      });
      const bare: number[] = [];
      const own: number[] = [];
      let memory = 0;
      let found: Answer['verdict'] = null;
      for (const revision of [1, 2, 3]) {
        bare.push(
          await timed(async () =>
            (await client.query({ query: bareQuery('order-to-cash'), format: 'JSONEachRow' })).text(),
          ),
        );
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
          await timed(async () =>
            (await client.query({ query: digestQuery('matched', span), format: 'JSONEachRow' })).text(),
          ),
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
