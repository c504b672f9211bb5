import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Benchmark, percentile, rounded } from './benchmark';
import { BulkLoad } from './bulk-load';
import { call, type Reply, type Target } from './client';
import { eventLine } from './events';
import { orderToCash, startBenchStack } from './stack';

const PER_SECOND = 400;
const WARM_SECONDS = 3;
const ALONE_TARGET_MS = 100;
const BULK_TARGET_MS = 150;

/**
 * Open loop: request n leaves at its time whatever became of those before it, and its latency counts from that time, not from when it could be sent.
 * What stands in a queue anywhere is therefore measured. Source: G. Tene, "How NOT to Measure Latency" (coordinated omission).
 * @returns milliseconds of each request
 */
async function openLoop(seconds: number, send: (number: number) => Promise<unknown>): Promise<number[]> {
  const count = seconds * PER_SECOND;
  const latencies: number[] = [];
  const sent: Promise<void>[] = [];
  const startedAt = performance.now();
  while (sent.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1000) * PER_SECOND) + 1);
    while (sent.length < due) {
      const at = startedAt + (sent.length / PER_SECOND) * 1000;
      sent.push(send(sent.length).then(() => void latencies.push(performance.now() - at)));
    }
    await pause(1);
  }
  await Promise.all(sent);
  return latencies;
}

function expectStored({ status, text }: Reply): void {
  if (status !== 200 || (JSON.parse(text) as { stored: number }).stored !== 1)
    throw new Error(`an event was answered ${status}: ${text.slice(0, 300)}`);
}

/** The same events under a content type that intake refuses: the same way in, the same key and answer's way out, and no record. */
function baselineOf(target: Target, seconds: number): Promise<number[]> {
  return openLoop(seconds, async (number) => {
    const { status } = await call(target, 'POST', '/v1/events', Buffer.from(eventLine('none', number)), 'text/plain');
    if (status !== 415) throw new Error(`the baseline was answered ${status}`);
  });
}

const told = (name: string, latencies: readonly number[]) => ({
  [`${name}_p50_ms`]: rounded(percentile(latencies, 0.5), 1),
  [`${name}_p99_ms`]: rounded(percentile(latencies, 0.99), 1),
  [`${name}_max_ms`]: rounded(Math.max(...latencies), 1),
});

export const singles: Benchmark = {
  name: 'singles',
  about:
    'single events at 400 requests a second, alone and beside a bulk load, p99, against requests that are refused unread (--seconds 30)',
  async run(options) {
    const seconds = Number(options['seconds'] ?? 30);
    const stack = await startBenchStack();
    try {
      await stack.call('PUT', '/v1/processes/order-to-cash', orderToCash);
      const events = (run: string) => (number: number) =>
        call(stack, 'POST', '/v1/events', Buffer.from(eventLine(run, number))).then(expectStored);
      await openLoop(WARM_SECONDS, events('warm'));
      await baselineOf(stack, WARM_SECONDS);
      const ownDelay = monitorEventLoopDelay({ resolution: 1 });
      ownDelay.enable();
      const baseline = await baselineOf(stack, seconds);
      const alone = await openLoop(seconds, events('alone'));
      const onlyBulk = new BulkLoad(stack, 'only');
      await pause(seconds * 500);
      const bulkAlone = await onlyBulk.stop();
      const bulk = new BulkLoad(stack, 'bulk');
      await pause(WARM_SECONDS * 1000);
      const besideBaseline = await baselineOf(stack, seconds / 2);
      const beside = await openLoop(seconds, events('beside'));
      const bulkBeside = await bulk.stop();
      const [figure, base] = [percentile(beside, 0.99), percentile(baseline, 0.99)];
      return {
        figure: rounded(figure, 1),
        unit: 'ms',
        baseline: rounded(base, 1),
        ratio: rounded(figure / base),
        target: BULK_TARGET_MS,
        alone_target_ms: ALONE_TARGET_MS,
        ...told('beside', beside),
        ...told('alone', alone),
        ...told('baseline', baseline),
        ...told('baseline_beside', besideBaseline),
        bulk_events_per_s: rounded(bulkBeside, 0),
        bulk_alone_events_per_s: rounded(bulkAlone, 0),
        sender_delay_p99_ms: rounded(ownDelay.percentile(99) / 1e6, 1),
      };
    } finally {
      await stack.stop();
    }
  },
};
