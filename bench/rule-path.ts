import { setTimeout as pause } from 'node:timers/promises';
import type { PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { median, percentile, rounded } from './benchmark';
import { type BenchStack, orderToCash } from './stack';

/** The default, and the least. */
const EVERY_MS = 15_000;
/** Between two crossings: no divisor of the interval, so that they come at all times of it. */
const BETWEEN_MS = 2_300;
const PROCESS = 'crossing';
const POLICY = 'crossings';

/** Makes a rule for each crossing: one event of its own type is more than it allows. */
async function prepare(stack: BenchStack, crossings: number, routingKeys: readonly string[]): Promise<void> {
  const { stages } = orderToCash;
  await stack.call('PUT', `/v1/processes/${PROCESS}`, { stages });
  for (const [i, routingKey] of routingKeys.entries())
    await stack.call('PUT', `/v1/escalation-policies/${POLICY}-${i}`, {
      levels: [{ targets: [{ kind: 'pagerduty', routingKey }], acknowledgeTimeoutSeconds: 86_400 }],
    });
  for (let i = 0; i < crossings; i++)
    await stack.call('PUT', `/v1/alert-rules/crossing-${i}`, {
      metric: { kind: 'rate', events: { process: PROCESS, type: `crossing-${i}` }, by: [] },
      windowSeconds: 300,
      when: { kind: 'threshold', is: 'above', bands: [{ severity: 'error', at: 0.5 }] },
      escalationPolicy: `${POLICY}-${i % routingKeys.length}`,
    });
}

async function cross(stack: BenchStack, number: number): Promise<number> {
  const now = new Date().toISOString();
  const event = { id: `crossing-${number}`, source: 'shop', process: PROCESS, stage: 'shop', key: `CROSS-${number}` };
  await stack.call('POST', '/v1/events', {
    ...event,
    ...{ type: `crossing-${number}`, occurredAt: now, originAt: now, data: { amount: 1, currency: 'EUR' } },
  });
  return Date.now();
}

/**
 * From when an event that crosses a rule's threshold was acknowledged until the emulator accepted the page. Beyond the interval: what is left when a whole
 * interval is taken off. After the instant: since the first time after the crossing at which rules are evaluated.
 * @param routingKeys names
 */
export async function rulePath(
  stack: BenchStack,
  emulator: PagerDutyEmulator,
  crossings: number,
  routingKeys: readonly string[],
): Promise<Record<string, number>> {
  await prepare(stack, crossings, routingKeys);
  const crossed: number[] = [];
  for (let i = 0; i < crossings; i++) {
    crossed.push(await cross(stack, i));
    await pause(BETWEEN_MS);
  }
  const deadline = Date.now() + 4 * EVERY_MS;
  const acceptedOf = (number: number): number | undefined => {
    const call = emulator
      .calls()
      .find(
        ({ body, outcome }) =>
          outcome === 202 && (body as { dedup_key: string }).dedup_key.startsWith(`rule-crossing-${number}-`),
      );
    return call && Date.parse(call.at);
  };
  const took: number[] = [];
  const afterInstant: number[] = [];
  for (const [i, at] of crossed.entries()) {
    let accepted = acceptedOf(i);
    for (; accepted === undefined; accepted = acceptedOf(i)) {
      if (Date.now() > deadline) throw new Error(`nobody was paged for crossing ${i}`);
      await pause(200);
    }
    took.push(accepted - at);
    afterInstant.push(accepted - Math.ceil(at / EVERY_MS) * EVERY_MS);
  }
  return {
    rule_crossings: crossings,
    rule_to_page_p50_ms: rounded(median(took), 0),
    rule_beyond_interval_p99_ms: rounded(percentile(took, 0.99) - EVERY_MS, 0),
    rule_after_instant_p50_ms: rounded(median(afterInstant), 0),
    rule_after_instant_p99_ms: rounded(percentile(afterInstant, 0.99), 0),
    rule_target_ms: 1_000,
  };
}
