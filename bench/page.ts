import { setTimeout as pause } from 'node:timers/promises';
import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { type Benchmark, median, percentile, rounded } from './benchmark';
import { rulePath } from './rule-path';
import { type BenchStack, orderToCash, startBenchStack } from './stack';

/** PagerDuty takes 120 calls a minute and key: the load is spread over many, so that no limit is measured. */
const KEYS = 25;
const keyOf = (level: number, number: number): string => `${level}${String(number).padStart(31, '0')}`;
const SECRET = 'webhook-secret-of-the-benchmark';
const ACKNOWLEDGE_TIMEOUT_S = 3;

interface Window {
  readonly verdict: { readonly judgedAt: string; readonly state: string } | null;
  readonly alert: string | null;
}

async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const found = await ask();
    if (found !== undefined) return found;
    await pause(25); // asking costs the machine time as well
  }
  throw new Error('waited for a minute in vain');
}

/** Opens a window that misses one event. @returns milliseconds from its verdict, the moment before that is written, until the emulator accepted the page */
async function page(
  stack: BenchStack,
  emulator: PagerDutyEmulator,
  number: number,
): Promise<{ waited: number; alert: string }> {
  const process = `process-${number % KEYS}`;
  const from = new Date(Date.UTC(2026, 9, 1) + Math.floor(number / KEYS) * 3_600_000);
  const to = new Date(from.getTime() + 3_600_000);
  const event = {
    id: `e${number}`,
    source: 'shop',
    process,
    stage: 'shop',
    key: `ORD-${number}`,
    type: 'order',
    occurredAt: from.toISOString(),
    originAt: from.toISOString(),
    data: { amount: 1, currency: 'EUR' },
  };
  await stack.call('POST', '/v1/events', event);
  const { id } = await stack.call<{ id: string }>(
    'POST',
    '/v1/reconciliations',
    { process, from: from.toISOString(), to: to.toISOString() },
    { 'idempotency-key': `${number}` },
  );
  const { judgedAt, alert } = await until(async () => {
    const window = await stack.call<Window>('GET', `/v1/reconciliations/${id}`);
    return window.verdict?.state === 'gaps' && window.alert
      ? { judgedAt: window.verdict.judgedAt, alert: window.alert }
      : undefined;
  });
  const call = await until(() =>
    emulator
      .calls()
      .find(({ body, outcome }) => outcome === 202 && (body as { dedup_key: string }).dedup_key.startsWith(alert)),
  );
  return { waited: Date.parse(call.at) - Date.parse(judgedAt), alert };
}

export const pageBench: Benchmark = {
  name: 'page',
  about:
    'verdict to page accepted by the emulator, against a bare trigger; acknowledged by webhook, then no further page; a crossed rule to its page (--alerts 100 --crossings 60)',
  async run(options) {
    const alerts = Number(options['alerts'] ?? 100);
    const emulator = await startPagerDutyEmulator();
    const names = [1, 2].flatMap((level) =>
      Array.from({ length: KEYS }, (_, i) => `l${level}-${i}=${keyOf(level, i)}`),
    );
    const stack = await startBenchStack({
      HOLDFAST_PAGERDUTY_URL: emulator.url,
      HOLDFAST_PAGERDUTY_ROUTING_KEYS: names.join(','),
      HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS: SECRET,
    });
    try {
      emulator.setWebhook({ url: `${stack.url}/v1/webhooks/pagerduty`, secret: SECRET });
      for (let i = 0; i < KEYS; i++) {
        const levels = [1, 2].map((level) => ({
          targets: [{ kind: 'pagerduty', routingKey: `l${level}-${i}` }],
          acknowledgeTimeoutSeconds: ACKNOWLEDGE_TIMEOUT_S,
        }));
        await stack.call('PUT', `/v1/escalation-policies/policy-${i}`, { levels, repeats: 1 });
        await stack.call('PUT', `/v1/processes/process-${i}`, {
          ...orderToCash,
          window: { seconds: 3600 },
          escalationPolicy: `policy-${i}`,
        });
      }
      const waits: number[] = [];
      const bare: number[] = [];
      for (let number = 0; number < alerts; number++) {
        const { waited, alert } = await page(stack, emulator, number);
        waits.push(waited);
        const started = performance.now();
        await fetch(`${emulator.url}/v2/enqueue`, {
          method: 'POST',
          body: JSON.stringify({
            routing_key: keyOf(9, number % KEYS),
            event_action: 'trigger',
            dedup_key: `bare-${number}`,
            payload: { summary: 'bare', source: 'bench', severity: 'info' },
          }),
        });
        bare.push(performance.now() - started);
        const { dedupKey, routingKey } = await until(() =>
          emulator.incidents().find((one) => one.dedupKey.startsWith(alert)),
        );
        emulator.acknowledge(dedupKey, routingKey);
        await until(async () =>
          (await stack.call<{ state: string }>('GET', `/v1/alerts/${alert}`)).state === 'acknowledged'
            ? true
            : undefined,
        );
      }
      await pause((ACKNOWLEDGE_TIMEOUT_S + 1) * 1000); // a level's timeout after the last acknowledgement: what would page again has done so
      const notified = emulator.notifications().filter(({ dedupKey }) => !dedupKey.startsWith('bare-')).length;
      const crossings = Number(options['crossings'] ?? 60);
      const routingKeys = Array.from({ length: KEYS }, (_, i) => `l1-${i}`);
      const rule = await rulePath(stack, emulator, crossings, routingKeys);
      const [figure, baseline] = [percentile(waits, 0.99), percentile(bare, 0.99)];
      return {
        figure: rounded(figure, 0),
        unit: 'ms p99',
        baseline: rounded(baseline, 1),
        ratio: rounded(figure / baseline, 1),
        target_ms: 500,
        p50: rounded(median(waits), 0),
        alerts,
        pages_after_acknowledgement: notified - alerts,
        ...rule,
      };
    } finally {
      await stack.stop();
      await emulator.stop();
    }
  },
};
