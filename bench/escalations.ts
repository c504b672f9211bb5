import { setTimeout as pause } from 'node:timers/promises';
import { startPagerDutyEmulator, type PagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';
import { Client, Connection } from '@temporalio/client';
import { type Benchmark, median, percentile, rounded } from './benchmark';
import { BareTimers } from './bare-timers';
import { type BenchStack, startBenchStack } from './stack';

/** At each of two levels, which may not share them. Each takes 120 calls a minute, by Holdfast's own limit and by the emulator's: as PagerDuty documents it. */
const KEYS = 20;
const DUE_PER_SECOND = 10;
/** From the last alert's raise until the first timeout, at the least. */
const SETTLING_S = 30;
/** Acknowledgements, and histories that are asked for, at the same time. */
const AT_ONCE = 20;
const BATCH = 500;
const SAMPLED_HISTORIES = 200;
const MB = 1e6;

const STARTS_AT = new Date().toISOString();
const keyOf = (number: number): string => String(number).padStart(32, '0');
const policyOf = (key: number, lane: number): string => `escalations-${key}-${lane}`;
const alertNamed = (name: string, policy: string) => ({
  labels: { alertname: name, escalation_policy: policy },
  startsAt: STARTS_AT,
});
const seconds = (since: number): number => (performance.now() - since) / 1000;

/** Says from time to time how far it is. @throws Error after two hours */
async function until(what: string, reached: () => Promise<number> | number, goal: number): Promise<void> {
  const begun = performance.now();
  for (let told = 0; ; told++) {
    const now = await reached();
    if (told % 15 === 0) console.error(`${what}: ${now.toLocaleString('en')} of ${goal.toLocaleString('en')}`);
    if (now >= goal) return;
    if (seconds(begun) > 7_200) throw new Error(`waited in vain: ${what}`);
    await pause(1_000); // looking costs the machine time as well
  }
}

async function each<T>(all: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
  const left = [...all];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await run(one);
    }),
  );
}

interface Load {
  readonly alerts: number;
  readonly perSecond: number;
  /** Of each lane, in seconds: lane after lane falls due, at ten a second. */
  readonly timeouts: readonly number[];
}

/** Every lane gets ten alerts a second, whose timeout begins where that of the lane before it ends. */
function loadOf(alerts: number, perSecond: number): Load {
  const raising = Math.ceil(alerts / perSecond);
  const lanes = Math.max(1, Math.round(perSecond / DUE_PER_SECOND));
  return {
    ...{ alerts, perSecond },
    timeouts: Array.from({ length: lanes }, (_, lane) => SETTLING_S + raising * (lane + 1)),
  };
}
const laneOf = ({ timeouts }: Load, number: number): number => number % timeouts.length;
const policyFor = (load: Load, number: number): string =>
  policyOf(Math.floor(number / load.timeouts.length) % KEYS, laneOf(load, number));

async function preparePolicies(stack: BenchStack, { timeouts }: Load): Promise<void> {
  for (let key = 0; key < KEYS; key++)
    for (const [lane, acknowledgeTimeoutSeconds] of timeouts.entries()) {
      const levels = [
        { targets: [{ kind: 'pagerduty', routingKey: `key-${key}` }], acknowledgeTimeoutSeconds },
        { targets: [{ kind: 'pagerduty', routingKey: `next-${key}` }], acknowledgeTimeoutSeconds: 86_400 },
      ];
      await stack.call('PUT', `/v1/escalation-policies/${policyOf(key, lane)}`, { levels });
    }
}

/** Raises at an even pace, as long as the API keeps up with it. @returns timeouts by the name of the alert */
async function raise(stack: BenchStack, load: Load): Promise<void> {
  const perBatch = Math.max(1, Math.round(load.perSecond / 4));
  const begun = performance.now();
  for (let from = 0; from < load.alerts; from += perBatch) {
    await pause(Math.max(0, (from / load.perSecond - seconds(begun)) * 1000));
    const numbers = Array.from({ length: Math.min(perBatch, load.alerts - from) }, (_, i) => from + i);
    await stack.send(
      '/v1/alertmanager/api/v2/alerts',
      numbers.map((n) => alertNamed(`storm-${n}`, policyFor(load, n))),
    );
  }
}

/** Milliseconds from when a level's time was over, as who gets the pages reckons, until the next one's page was there. */
function latenessOf(emulator: PagerDutyEmulator, load: Load): { late: number[]; perSecond: number } {
  const at = new Map<string, number>();
  const summaries = new Map<string, string>();
  for (const one of emulator.notifications()) {
    at.set(one.dedupKey, Date.parse(one.at));
    summaries.set(one.dedupKey, one.summary);
  }
  const second = [...at].filter(([key]) => key.endsWith('/L2/R0'));
  const late = second.map(([key, paged]) => {
    const number = Number(/storm-(\d+)/.exec(summaries.get(key)!)![1]);
    const first = at.get(key.replace('/L2/', '/L1/'))!;
    return paged - first - load.timeouts[laneOf(load, number)]! * 1000;
  });
  const times = second.map(([, paged]) => paged);
  const spanS = (Math.max(...times) - Math.min(...times)) / 1000;
  return { late, perSecond: times.length / spanS };
}

/** The most events that a history has, of the escalations that were paged furthest. */
async function longestHistory(temporal: Client, alerts: readonly string[]): Promise<number> {
  const lengths: number[] = [];
  await each(alerts.slice(0, SAMPLED_HISTORIES), async (id) => {
    lengths.push((await temporal.workflow.getHandle(`alert/${id}`).describe()).historyLength);
  });
  return Math.max(...lengths);
}

const alertsOf = (emulator: PagerDutyEmulator, level: number): string[] =>
  emulator
    .notifications()
    .filter(({ dedupKey }) => dedupKey.endsWith(`/L${level}/R0`))
    .map(({ dedupKey }) => dedupKey.slice(0, dedupKey.indexOf('/')));

/** As the CLI does: what is answered with "try again" is tried again. */
async function acknowledge(stack: BenchStack, id: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await stack.call('POST', `/v1/alerts/${id}/acknowledge`);
      return;
    } catch (error) {
      if (tries === 10 || !/\b503\b/.test((error as Error).message)) throw error;
      await pause(1_000);
    }
  }
}

async function acknowledgeAll(
  stack: BenchStack,
  emulator: PagerDutyEmulator,
): Promise<{ called: number; all: number }> {
  const begun = performance.now();
  await each(alertsOf(emulator, 1), (id) => acknowledge(stack, id));
  const called = seconds(begun);
  console.error(`acknowledged by API in ${called.toFixed(0)} s`);
  const open = (): number => emulator.incidents().filter(({ status }) => status === 'triggered').length;
  const most = emulator.incidents().length;
  await until('incidents acknowledged', () => emulator.incidents().length - open(), most);
  return { called, all: seconds(begun) };
}

/** The same storm under a policy that groups. */
async function groupStorm(stack: BenchStack, emulator: PagerDutyEmulator, temporal: Client, alerts: number) {
  const policy = 'escalations-group';
  await stack.call('PUT', `/v1/escalation-policies/${policy}`, {
    levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'key-0' }], acknowledgeTimeoutSeconds: 86_400 }],
    group: { by: [], waitSeconds: 5, intervalSeconds: 300 },
  });
  const begun = performance.now();
  for (let from = 0; from < alerts; from += BATCH) {
    const size = Math.min(BATCH, alerts - from);
    const storm = Array.from({ length: size }, (_, i) => alertNamed(`grouped-${from + i}`, policy));
    await stack.send('/v1/alertmanager/api/v2/alerts', storm);
  }
  const raised = seconds(begun);
  const pages = () => emulator.notifications().filter(({ dedupKey }) => dedupKey.startsWith('group~'));
  await until('pages of the group', () => pages().length, 1);
  const paged = (Date.parse(pages()[0]!.at) - (Date.now() - (performance.now() - begun))) / 1000;
  const group = pages()[0]!.dedupKey.split('/')[0]!;
  const acknowledging = performance.now();
  await stack.call('POST', `/v1/alerts/${group}/acknowledge`);
  await until('members acknowledged', async () => ((await isEveryMemberAcknowledged(stack, group)) ? 1 : 0), 1);
  const own = `alert/${group.slice(0, group.lastIndexOf('.'))}`;
  const { count } = await temporal.workflow.count(`WorkflowType = 'escalateAlert' AND WorkflowId = '${own}'`);
  return {
    group_raised_s: rounded(raised, 0),
    group_paged_after_s: rounded(paged, 1),
    group_acknowledged_s: rounded(seconds(acknowledging), 1),
    group_workflows: count,
    group_pages: pages().length,
    group_history_events: (await temporal.workflow.getHandle(own).describe()).historyLength,
  };
}

async function isEveryMemberAcknowledged(stack: BenchStack, group: string): Promise<boolean> {
  const key = encodeURIComponent(group.slice(0, group.lastIndexOf('.')));
  const open = await stack.call<{ items: unknown[] }>('GET', `/v1/alerts?group=${key}&state=open&limit=1`);
  return open.items.length === 0;
}

export const escalations: Benchmark = {
  name: 'escalations',
  about:
    'lateness of the second page of many open escalations, ten due a second, against bare timers; all acknowledged; the same storm as a group (--alerts 10000 --due 3000 --per-second 40)',
  async run(options) {
    const load = loadOf(Number(options['alerts'] ?? 10_000), Number(options['per-second'] ?? 40));
    const due = Number(options['due'] ?? Math.min(3_000, load.alerts));
    const emulator = await startPagerDutyEmulator();
    const keys = Array.from({ length: KEYS }, (_, i) => `key-${i}=${keyOf(i)},next-${i}=${keyOf(KEYS + i)}`);
    const stack = await startBenchStack({
      HOLDFAST_PAGERDUTY_URL: emulator.url,
      HOLDFAST_PAGERDUTY_ROUTING_KEYS: keys.join(','),
    });
    const connection = await Connection.connect({ address: stack.temporalAddress });
    let memory = 0;
    const watching = setInterval(() => (memory = Math.max(memory, stack.memory('worker'))), 500);
    try {
      const temporal = new Client({ connection });
      await preparePolicies(stack, load);
      const begun = performance.now();
      await raise(stack, load);
      const raised = seconds(begun);
      console.error(`raised in ${raised.toFixed(0)} s`);
      await until('first pages', () => alertsOf(emulator, 1).length, load.alerts);
      const openAfter = seconds(begun);
      const dueBefore = alertsOf(emulator, 2).length;
      const timers = await BareTimers.start(temporal, DUE_PER_SECOND, Math.min(300, due));
      await until('second pages', () => alertsOf(emulator, 2).length, due);
      const { late, perSecond } = latenessOf(emulator, load);
      const bare = await timers.lateness();
      const drained = await acknowledgeAll(stack, emulator);
      const history = await longestHistory(temporal, alertsOf(emulator, 2));
      const group = await groupStorm(stack, emulator, temporal, load.alerts);
      const [figure, baseline] = [percentile(late, 0.99), percentile(bare, 0.99)];
      return {
        figure: rounded(figure, 0),
        unit: 'ms p99',
        baseline: rounded(baseline, 0),
        ratio: rounded(figure / baseline, 1),
        target_ms: 3_000,
        ...{ p50: rounded(median(late), 0), slowest: rounded(Math.max(...late), 0) },
        ...{ alerts: load.alerts, routing_keys_a_level: KEYS, due: late.length, due_per_second: rounded(perSecond, 1) },
        ...{
          raised_s: rounded(raised, 0),
          all_open_after_s: rounded(openAfter, 0),
          due_before_all_were_open: dueBefore,
        },
        ...{ acknowledged_s: rounded(drained.called, 0), drained_s: rounded(drained.all, 0), drained_target_s: 600 },
        ...{ worker_memory_mb: rounded(memory / MB, 0), worker_memory_target_mb: 600 },
        ...{ longest_history: history, longest_history_target: 2_000 },
        ...group,
      };
    } finally {
      clearInterval(watching);
      await connection.close();
      await stack.stop();
      await emulator.stop();
    }
  },
};
