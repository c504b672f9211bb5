import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { HoldService } from '@holdfast/domains/alerting/hold.service';
import { Evaluator } from '@holdfast/domains/rules/evaluator';
import { RuleStateService } from '@holdfast/domains/rules/rule-state.service';
import { Teller } from '@holdfast/domains/rules/teller';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { type Answer, HOUR, MINUTE, startStage, type Stage } from '../workflow/stage';

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
const SECOND: Micros = 1_000_000;
const STEP = 15 * SECOND;
const WEEK = 168 * HOUR;
let temporal: TemporalServer;
let stage: Stage;
let records = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  for (const id of ['orders', 'billing'])
    await made('PUT', `/v1/processes/${id}`, {
      stages: [
        { id: 'shop', role: 'source', system: 'web' },
        { id: 'hub', role: 'integration' },
        { id: 'erp', role: 'target' },
      ],
      fields: [{ name: 'amount' }],
      graceSeconds: 60,
    });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

async function made(method: 'PUT' | 'POST', path: string, body: object, headers = {}): Promise<any> {
  const answer = await stage.call(method, path, { body, headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const get = async (path: string): Promise<any> => (await stage.call('GET', path)).body;
const problem = ({ status, body }: Answer): unknown[] => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ field, reason }: { field: string; reason: string }) => `${field}: ${reason}`),
];

/** Past the last whole hour of some days ago, so that tests of different rules do not meet. */
const NOW = Math.floor((Date.now() * 1000) / HOUR) * HOUR;
interface Event {
  readonly at: Micros;
  readonly process?: string;
  readonly stage?: string;
  readonly source?: string;
  readonly type?: string;
  readonly key?: string;
  readonly status?: string;
  readonly outcome?: string;
  readonly occurred?: Micros;
  readonly data?: object;
  readonly sign?: number;
}
/** Records as intake stores them, received at their times. */
async function received(events: readonly Event[]): Promise<void> {
  await stage.sql.insert({
    table: 'tracking_records',
    format: 'JSONEachRow',
    values: events.map((one) => ({
      ...{ process: one.process ?? 'orders', key: one.key ?? `key-${(records += 1)}`, stage: one.stage ?? 'shop' },
      ...{ source: one.source ?? 'web-1', id: `id-${(records += 1)}`, attempt: 1, type: one.type ?? 'order' },
      ...{ outcome: one.outcome ?? 'stored', status: one.status ?? 'ok' },
      sign: one.sign ?? (one.outcome === undefined ? 1 : 0),
      occurred_at: formatInstant(one.occurred ?? one.at),
      origin_at: formatInstant(one.at),
      received_at: formatInstant(one.at),
      data: one.data === undefined ? '' : JSON.stringify(one.data),
      ...{ identity: '0123456789abcdef', payload_hash: '1', digest: '1', definition: 1, origin_from: 'own' },
    })),
    clickhouse_settings: { date_time_input_format: 'best_effort' },
  });
}
/** So many of each, one second behind another. */
const many = (count: number, from: Micros, event: Omit<Event, 'at'> = {}): Event[] =>
  Array.from({ length: count }, (_, i) => ({ ...event, at: from + i * 1_000 }));

const rule = (metric: object, over: object = {}): object => ({
  metric,
  windowSeconds: 60,
  when: { kind: 'threshold', is: 'above', bands: [{ severity: 'warning', at: 5 }] },
  ...over,
});
const evaluate = (at: Micros) => stage.worker.get(Evaluator, { strict: false }).evaluate(at, STEP);
const above = (at: number, over: object = {}): object => ({
  when: { kind: 'threshold', is: 'above', bands: [{ severity: 'critical', at }], ...over },
});
async function backtest(body: object, from: Micros, to: Micros, over: object = {}): Promise<any> {
  return made('POST', '/v1/alert-rules/backtest', {
    rule: body,
    from: formatInstant(from),
    to: formatInstant(to),
    ...over,
  });
}

describe('metrics', () => {
  const at = NOW - 10 * HOUR;
  /** What a rule would have measured at one instant: the least threshold that does not fire says the value. */
  async function fires(metric: object, threshold: object, over: object = {}): Promise<string[]> {
    const { firings } = await backtest(rule(metric, { ...over, ...threshold }), at, at + 1, { stepSeconds: 15 });
    return firings.map(({ series, cause }: any) => [...Object.values(series), cause].join(' ')).sort();
  }
  /** The value is between these. */
  async function isBetween(least: number, most: number, metric: object, over: object = {}): Promise<void> {
    expect([await fires(metric, above(least), over), await fires(metric, above(most), over)]).toEqual([['value'], []]);
  }

  beforeAll(async () => {
    await received([
      ...many(6, at - 30 * SECOND),
      ...many(2, at - 30 * SECOND, { status: 'failed', type: 'refund' }),
      ...many(3, at - 30 * SECOND, { outcome: 'rejected' }),
      ...many(4, at - 90 * SECOND, { type: 'order' }),
      ...many(20, at - 30 * SECOND, { process: 'billing', source: 'b', stage: 'erp' }),
      // Corrections, tests, and what is not received yet, count nowhere.
      ...many(5, at - 30 * SECOND, { outcome: 'retraction', sign: -1 }),
      ...many(50, at + STEP),
    ]);
  });

  test('rates count what a selection means, in the window before the instant', async () => {
    await isBetween(7, 8, { kind: 'rate', events: { process: 'orders' } });
    await isBetween(1, 2, { kind: 'rate', events: { process: 'orders', status: 'failed' } });
    await isBetween(2, 3, { kind: 'rate', events: { process: 'orders', outcome: 'rejected' } });
    await isBetween(7, 8, { kind: 'rate', events: { system: 'web', process: 'orders' } });
    await isBetween(11, 12, { kind: 'rate', events: { process: 'orders' } }, { windowSeconds: 120 });
  });

  test('a series for each value', async () => {
    const by = ['process', 'source'];
    expect(await fires({ kind: 'rate', by }, above(7))).toEqual(['billing b value', 'orders web-1 value']);
    expect(await fires({ kind: 'rate', by }, above(8))).toEqual(['billing b value']);
    expect(await fires({ kind: 'rate', by: ['system'] }, above(7))).toEqual(['erp value', 'web value']);
  });

  test('ratios and changes; nothing of nothing is absent, something of nothing is an error', async () => {
    const process = 'orders';
    await isBetween(0.24, 0.25, { kind: 'ratio', events: { process, status: 'failed' }, of: { process } });
    await isBetween(0.99, 1, { kind: 'change', events: { process } });
    const absent = { absent: { policy: 'alert', afterSeconds: 0 } };
    expect(await fires({ kind: 'ratio', events: { type: 'no' }, of: { type: 'no' } }, above(0), absent)).toEqual([
      'absent',
    ]);
    expect(await fires({ kind: 'ratio', events: { process }, of: { type: 'no' } }, above(9))).toEqual(['error']);
    expect(await fires({ kind: 'change', events: { type: 'refund' } }, above(9))).toEqual(['error']);
  });

  test('freshness is the age of the newest', async () => {
    const over = { windowSeconds: 600 };
    await isBetween(29.9, 30, { kind: 'freshness', events: { process: 'orders' } }, over);
    await isBetween(29.9, 30, { kind: 'freshness', events: { process: 'orders', status: 'failed' } }, over);
  });

  test('percentiles of numbers, also where they stand as texts; what is no number is an error', async () => {
    const from = at - 20 * SECOND;
    await received([
      ...Array.from({ length: 100 }, (_, i) => ({
        ...{ at: from, type: 'priced' },
        data: { total: { amount: i % 2 === 0 ? i + 1 : String(i + 1) } },
      })),
      ...many(3, from, { type: 'named', data: { total: { amount: 'much' } } }),
    ]);
    const metric = { kind: 'percentile', field: 'total.amount', percentile: 95, events: { type: 'priced' } };
    await isBetween(94, 96.5, metric);
    await isBetween(49, 52, { ...metric, percentile: 50 });
    expect(await fires({ ...metric, by: ['process'] }, above(94))).toEqual(['orders value']);
    expect(await fires({ ...metric, events: { type: 'named' } }, above(1))).toEqual(['error']);
    expect(await fires({ ...metric, field: 'total.tax' }, above(1))).toEqual([]);
  });

  test('backlog counts keys that wait, duration tells how long the others took', async () => {
    const keys = Array.from({ length: 10 }, (_, i) => `moved-${i}`);
    const came = at - 300 * SECOND;
    await received([
      ...keys.map((key) => ({ key, at: came, process: 'billing' })),
      ...keys.slice(0, 6).map((key, i) => ({
        ...{ key, process: 'billing', stage: 'hub', at: at - 40 * SECOND, occurred: came + (i + 1) * 10 * SECOND },
      })),
      // Too late for the instant.
      { key: keys[6]!, process: 'billing', stage: 'hub', at: at + STEP, occurred: came },
    ]);
    const between = { process: 'billing', from: 'shop', to: 'hub' };
    await isBetween(3, 4, { kind: 'backlog', ...between }, { windowSeconds: 600 });
    await isBetween(3, 4, { kind: 'backlog', ...between, olderThanSeconds: 285 }, { windowSeconds: 600 });
    expect(
      await fires({ kind: 'backlog', ...between, olderThanSeconds: 330 }, above(0), { windowSeconds: 600 }),
    ).toEqual([]);
    expect(await fires({ kind: 'backlog', ...between }, above(0), { windowSeconds: 240 })).toEqual([]);
    await isBetween(54, 61, { kind: 'duration', ...between, percentile: 95 });
    await isBetween(29, 41, { kind: 'duration', ...between, percentile: 50 });
  });

  test('verdicts, findings and error budgets', async () => {
    const insert = (table: string, values: object[]) =>
      stage.sql.insert({
        ...{ table, values, format: 'JSONEachRow' as const },
        clickhouse_settings: { date_time_input_format: 'best_effort' },
      });
    const time = (behind: Micros): string => formatInstant(at + behind);
    const window = (id: string, process: string, to: Micros) => ({
      ...{ reconciliation: id, process, window_from: time(to - HOUR), window_to: time(to) },
      ...{ opened_by: '', opened_at: time(to), scheduled: true },
    });
    await insert('windows', [
      window('w1', 'orders', -20 * MINUTE),
      window('w2', 'billing', -20 * MINUTE),
      window('w3', 'orders', -9 * HOUR),
    ]);
    const verdict = (reconciliation: string, revision: number, open: number, judged: Micros) => ({
      ...{ reconciliation, revision, judgement: `${reconciliation}/${revision}`, open, judged_at: time(judged) },
    });
    await insert('verdicts', [
      verdict('w1', 1, 9, -10 * MINUTE),
      verdict('w1', 2, 4, -5 * MINUTE),
      verdict('w1', 3, 0, 5 * MINUTE),
      verdict('w2', 1, 2, -5 * MINUTE),
      verdict('w3', 1, 50, -8 * HOUR),
    ]);
    const long = { windowSeconds: 7_200 };
    await isBetween(5, 6, { kind: 'verdict' }, long);
    await isBetween(1, 2, { kind: 'verdict', counts: 'windows' }, long);
    await isBetween(3, 4, { kind: 'verdict', process: 'orders' }, long);
    expect(await fires({ kind: 'verdict', by: ['process'] }, above(3), long)).toEqual(['orders value']);
    expect(await fires({ kind: 'verdict' }, above(0), { windowSeconds: 600 })).toEqual([]);

    const found = ['f1', 'f2', 'f3'].map((finding) => ({
      ...{ finding, kind: 'lull', process: finding === 'f3' ? 'billing' : 'orders', severity: 'critical' },
      ...{ from_at: time(0), to_at: time(0), found_at: time(0), observed_to: time(0) },
    }));
    await insert('findings', found);
    const did = (finding: string, step: string, behind: Micros) => ({ finding, step, at: time(behind) });
    await insert('finding_steps', [
      did('f1', 'found', -HOUR),
      did('f2', 'found', -HOUR),
      did('f2', 'fixed', -MINUTE),
      did('f3', 'found', -MINUTE),
      did('f3', 'fixed', MINUTE),
    ]);
    await isBetween(1, 2, { kind: 'findings' });
    await isBetween(1, 2, { kind: 'findings', finding: 'lull' });
    expect(await fires({ kind: 'findings', finding: 'clock_skew' }, above(0))).toEqual([]);
    expect(await fires({ kind: 'findings', by: ['process'] }, above(0))).toEqual(['billing value', 'orders value']);

    await made('PUT', '/v1/objectives/fresh', {
      ...{ process: 'orders', promised: { kind: 'completeness', withinSeconds: 60 }, target: 0.9 },
      ...{ period: { kind: 'rolling', days: 7 }, owner: 'team', minimumObservations: 1, enabled: false },
    });
    await insert('objective_evaluations', [
      { objective: 'fresh', evaluated_at: time(-2 * MINUTE), burn_rate: 4, budget_left: 0.5 },
      { objective: 'fresh', evaluated_at: time(-MINUTE), burn_rate: 3, budget_left: 0.25 },
      { objective: 'fresh', evaluated_at: time(MINUTE), burn_rate: 30, budget_left: -1 },
    ]);
    const short = { windowSeconds: 300 };
    await isBetween(2.9, 3, { kind: 'budget', objective: 'fresh' }, short);
    await isBetween(0.2, 0.25, { kind: 'budget', objective: 'fresh', shows: 'left' }, short);
    expect(await fires({ kind: 'budget', objective: 'fresh' }, above(0), { windowSeconds: 30 })).toEqual([]);
  });
});

test('a backtest says what would have fired, when, for how long, and how that agrees with incidents', async () => {
  const from = NOW - 30 * HOUR;
  // Twice ten a minute for ten minutes; one of which somebody knows, and an incident that leaves no trace.
  await received([
    ...Array.from({ length: 10 }, (_, i) => many(10, from + 20 * MINUTE + i * MINUTE, { type: 'burst' })).flat(),
    ...Array.from({ length: 10 }, (_, i) => many(10, from + 60 * MINUTE + i * MINUTE, { type: 'burst' })).flat(),
  ]);
  const burst = rule({ kind: 'rate', events: { type: 'burst' } }, { forSeconds: 120, keepFiringSeconds: 60 });
  const incident = (name: string, begin: number, end: number) => ({
    ...{ name, from: formatInstant(from + begin * MINUTE), to: formatInstant(from + end * MINUTE) },
  });
  const told = await backtest(burst, from, from + 2 * HOUR, {
    stepSeconds: 15,
    incidents: [incident('seen', 19, 31), incident('silent', 100, 110)],
  });
  expect(told).toMatchObject({ stepSeconds: 15, instants: 481, series: 1, precision: 0.5, recall: 0.5 });
  expect(told.firings.map(({ from: at, to, seconds }: any) => [at, to, seconds])).toEqual(
    [20, 60].map((begin) => {
      // Seen with the first instant behind the first record, fires two minutes later; the last record is in windows for a minute, and a minute is kept.
      const [since, to] = [from + begin * MINUTE + STEP + 2 * MINUTE, from + (begin + 9) * MINUTE + STEP + 2 * MINUTE];
      return [formatInstant(since), formatInstant(to), (to - since) / SECOND];
    }),
  );
  expect(told.incidents).toMatchObject([
    { name: 'seen', delaySeconds: 195 },
    { name: 'silent', firedAt: null, delaySeconds: null },
  ]);
});

test('a baseline fires on what is far from the same hour of past weeks, and learns before', async () => {
  const hour = NOW - 50 * HOUR;
  for (let week = 1; week <= 4; week++)
    await received(
      Array.from({ length: 60 }, (_, minute) =>
        many(week === 2 ? 200 : 20, hour - week * WEEK + minute * MINUTE, { type: 'seasonal' }),
      ).flat(),
    );
  await received(
    Array.from({ length: 30 }, (_, minute) => many(20, hour + minute * MINUTE, { type: 'seasonal' })).flat(),
  );
  await received(many(300, hour + 40 * MINUTE, { type: 'seasonal' }));
  const when = {
    kind: 'baseline',
    is: 'above',
    bands: [{ severity: 'error', at: 4 }],
    historyWeeks: 4,
    minimumWeeks: 3,
  };
  const seasonal = (over: object) =>
    rule({ kind: 'rate', events: { type: 'seasonal' } }, { when: { ...when, ...over } });
  const at = (minute: number) => hour + minute * MINUTE;
  const told = await backtest(seasonal({}), at(1), at(50));
  expect(told.firings.map((one: any) => [one.from, one.severity])).toEqual([[formatInstant(at(40) + STEP), 'error']]);
  const below = await backtest(seasonal({ is: 'below' }), at(1), at(39));
  expect(below.firings).toHaveLength(1);
  const learning = await backtest(seasonal({ historyWeeks: 8, minimumWeeks: 5 }), at(1), at(50));
  expect(learning.firings).toEqual([]);
});

describe('rounds', () => {
  const state = async (id: string): Promise<any> => get(`/v1/alert-rules/${id}/state`);
  const begin = NOW - 5 * HOUR;

  test('a rule fires after `for`, ends after it was well, and no instant counts twice', async () => {
    await made('PUT', '/v1/alert-rules/loud', {
      ...rule({ kind: 'rate', events: { type: 'loud' }, by: ['stage'] }),
      ...{ forSeconds: 30, keepFiringSeconds: 30 },
    });
    await received([...many(9, begin, { type: 'loud' }), ...many(2, begin, { type: 'loud', stage: 'hub' })]);
    const states: unknown[] = [];
    for (let i = 1; i <= 8; i++) {
      const round = await evaluate(begin + i * STEP);
      expect(round).toMatchObject({ isNew: true });
      const again = await evaluate(begin + i * STEP);
      expect(again).toMatchObject({ isNew: false, firing: round.firing });
      const { items, evaluatedAt } = await state('loud');
      expect(evaluatedAt).toBe(formatInstant(begin + i * STEP));
      states.push(items.map((one: any) => `${one.series.stage} ${one.state} ${one.value}`).join(', '));
    }
    expect(states).toEqual([
      'hub ok 2, shop pending 9',
      'hub ok 2, shop pending 9',
      'hub ok 2, shop firing 9',
      'hub ok 2, shop firing 9',
      'hub ok 0, shop resolving 0',
      'hub ok 0, shop resolving 0',
      'hub ok 0, shop ok 0',
      'hub ok 0, shop ok 0',
    ]);
  });

  test('rules of one query do not tell series of one another apart', async () => {
    const at = begin + 15 * STEP;
    const metric = { kind: 'percentile', field: 'size', percentile: 50, events: { type: 'sized' } };
    await made('PUT', '/v1/alert-rules/size', rule(metric));
    await made('PUT', '/v1/alert-rules/size-by-stage', rule({ ...metric, by: ['stage'] }));
    await made(
      'PUT',
      '/v1/alert-rules/rate-by-stage',
      rule({ kind: 'rate', events: { type: 'sized' }, by: ['stage'] }),
    );
    await made('PUT', '/v1/alert-rules/rate', rule({ kind: 'rate', events: { type: 'sized' } }));
    await received([
      ...many(9, at - 20 * SECOND, { type: 'sized', data: { size: 1 } }),
      ...many(5, at - 20 * SECOND, { type: 'sized', stage: 'hub', data: { size: 100 } }),
    ]);
    await evaluate(at);
    const valuesOf = async (id: string): Promise<number[]> => (await state(id)).items.map(({ value }: any) => value);
    expect(await Promise.all(['size', 'size-by-stage', 'rate', 'rate-by-stage'].map(valuesOf))).toEqual([
      [1],
      [100, 1],
      [14],
      [5, 9],
    ]);
  });

  test('two workers at once make one round', async () => {
    const at = begin + 20 * STEP;
    const both = await Promise.allSettled([evaluate(at), evaluate(at)]);
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
    const marks = await stage.sql.query({
      query: "SELECT count() AS marks, uniqExact(round) AS rounds FROM rule_states WHERE rule = ''",
      format: 'JSONEachRow',
    });
    const [{ marks: written, rounds }] = await marks.json<any>();
    expect([written, rounds]).toEqual([10, 10]);
  });

  test('a clock that was put back is followed, and what was evaluated before is not again', async () => {
    const far = begin + 1_000 * STEP;
    expect(await evaluate(far)).toMatchObject({ isNew: true });
    expect(await evaluate(far - STEP)).toMatchObject({ isNew: false });
    expect(await evaluate(begin + 20 * STEP)).toMatchObject({ isNew: false });
    expect(await evaluate(begin + 30 * STEP)).toMatchObject({ isNew: true });
    expect(await evaluate(begin + 31 * STEP)).toMatchObject({ isNew: true });
  });

  test('how late rounds are is told, by the last one and by the one that has not come', async () => {
    const late = async (now: Micros) =>
      (await stage.api.app.get(RuleStateService, { strict: false }).state('loud', now)).late;
    const every = stage.configuration.HOLDFAST_RULES_EVERY_SECONDS * SECOND;
    const last = begin + 31 * STEP;
    expect(await late(last + every)).toBe(0);
    expect(await late(last + 2 * every - 1)).toBe(0);
    expect(await late(last + 7 * every)).toBe(6 * every);
    const next = last + 20 * every;
    await evaluate(next);
    expect(await late(next + every)).toBe(19 * every);
    // By the clock of the API that round has not been yet.
    expect(await state('loud')).toMatchObject({ lateSeconds: (19 * every) / SECOND });
    await evaluate(next + every);
    expect(await late(next + every)).toBe(0);
  });

  test('slow rounds keep what was held from one to the next', async () => {
    const slow = begin + 100 * STEP;
    await made('PUT', '/v1/alert-rules/slow', {
      ...rule({ kind: 'rate', events: { type: 'slow' } }, { windowSeconds: 3_600 }),
      ...{ forSeconds: 60, keepFiringSeconds: 0 },
    });
    await received(many(9, slow - STEP, { type: 'slow' }));
    const names: string[] = [];
    for (let i = 0; i < 3; i++) {
      await evaluate(slow + i * 5 * STEP);
      names.push((await state('slow')).items[0].state);
    }
    expect(names).toEqual(['pending', 'pending', 'firing']);
  });

  test('an incident that gets worse is raised once; flapping is what comes again', async () => {
    const levels = [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 3_600 }];
    await made('PUT', '/v1/escalation-policies/worse', { levels, repeats: 0 });
    await made('PUT', '/v1/flapping-rules/worse', {
      matchers: [{ label: 'policy', value: 'worse' }],
      ...{ raises: 2, withinSeconds: 3_600, calmSeconds: 3_600 },
    });
    const bands = [
      { severity: 'warning', at: 5 },
      { severity: 'error', at: 10 },
      { severity: 'critical', at: 20 },
    ];
    await made('PUT', '/v1/alert-rules/worse', {
      ...rule({ kind: 'rate', events: { type: 'worse' } }),
      ...{ when: { kind: 'threshold', is: 'above', bands }, escalationPolicy: 'worse' },
      ...{ forSeconds: 0, keepFiringSeconds: 0 },
    });
    const from = begin + 200 * STEP;
    await received([0, 1, 2, 20].flatMap((i) => many(8, from + i * STEP, { type: 'worse' })));
    /** The alert that fires, and what keeps it quiet. */
    async function round(i: number): Promise<[string, string, string | undefined] | undefined> {
      await evaluate(from + i * STEP);
      await stage.worker.get(Teller, { strict: false }).settle(Date.now() * 1000);
      const { alert } = (await state('worse')).items[0];
      if (!alert) return undefined;
      const { raisedAt } = await get(`/v1/alerts/${alert.id}`);
      const at = Date.parse(raisedAt) * 1000;
      const hold = await stage.api.app.get(HoldService, { strict: false }).hold(
        {
          ...{ alertId: alert.id, fingerprint: alert.id.slice(0, alert.id.lastIndexOf('.')), process: '' },
          ...{ subject: { kind: 'rule', id: 'worse' }, severity: alert.severity, policy: 'worse', labels: {} },
          facts: { open: 1, revision: 0 },
        },
        undefined,
        ...([at, at + SECOND] as const),
      );
      return [alert.id, alert.severity, hold?.reason];
    }
    const first = (await round(1))!;
    const [second, third] = [(await round(2))!, (await round(3))!];
    expect([first, second, third].map(([, ...rest]) => rest)).toEqual([
      ['warning', undefined],
      ['error', undefined],
      ['critical', undefined],
    ]);
    expect([second, third].map(([id]) => id.split('~')[0])).toEqual([first[0], first[0]]);
    expect(await round(4)).toEqual(third);
    expect(await round(15)).toBeUndefined();
    expect((await round(21))!.slice(1)).toEqual(['warning', 'flapping']);
  });
});

test('what makes no sense is refused with the field and the reason, and nothing is stored', async () => {
  const put = async (body: object): Promise<unknown[]> =>
    problem(await stage.call('PUT', '/v1/alert-rules/wrong', { body }));
  expect(await put(rule({ kind: 'speed' }))).toMatchObject([
    400,
    'invalid_request',
    expect.stringMatching(/^metric\.kind: /),
  ]);
  expect(await put(rule({ kind: 'rate' }, { windowSeconds: 20 }))).toEqual([
    400,
    'invalid_request',
    'windowSeconds: must be a multiple of 15',
  ]);
  expect(await put(rule({ kind: 'rate', events: { process: 'none' } }, { escalationPolicy: 'none' }))).toEqual([
    400,
    'unknown_in_rule',
    'metric.events.process: does not exist; PUT it first',
    'escalationPolicy: does not exist; PUT it first',
  ]);
  expect(await put(rule({ kind: 'backlog', process: 'orders', from: 'shop', to: 'no' }))).toEqual([
    400,
    'unknown_in_rule',
    'metric.to: is no stage of the process',
  ]);
  expect((await put(rule({ kind: 'freshness' }, above(60)))).at(-1)).toMatch(/^when\.bands\.0\.at: must be below/);
  const bands = [
    { severity: 'critical', at: 1 },
    { severity: 'warning', at: 2 },
  ];
  expect((await put(rule({ kind: 'rate' }, { when: { kind: 'threshold', is: 'above', bands } }))).at(-1)).toBe(
    'when.bands: a worse severity must be further away',
  );
  expect((await put(rule({ kind: 'rate' }, above(5, { clear: 6 })))).at(-1)).toBe(
    'when.clear: must not be beyond the first band',
  );
  expect((await put(rule({ kind: 'rate' }, { runbook: 'http://x.example/' }))).at(-1)).toBe(
    'runbook: must be an https address',
  );
  expect((await stage.call('GET', '/v1/alert-rules/wrong')).status).toBe(404);
  const future = await stage.call('POST', '/v1/alert-rules/backtest', {
    body: { rule: rule({ kind: 'rate' }), from: formatInstant(NOW), to: '2100-01-01T00:00:00Z' },
  });
  expect(future.status).toBe(400);
});

test('check says what a rule makes of this moment, and stores nothing', async () => {
  const at = Date.now() * 1000 - 20 * SECOND;
  await received(many(7, at - 30 * SECOND, { type: 'fresh' }));
  const { items } = await made('POST', '/v1/alert-rules/check', {
    rule: rule({ kind: 'rate', events: { type: 'fresh' }, by: ['stage'] }, { windowSeconds: 600 }),
  });
  expect(items).toEqual([
    {
      series: { stage: 'shop' },
      ...{ state: 'firing', value: 7, expected: null, fault: null, severity: 'warning' },
    },
  ]);
});

test('on the command line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  const { port } = stage.api.app.getHttpServer().address() as AddressInfo;
  const key = readFileSync(stage.configuration.HOLDFAST_ADMIN_KEY_FILE!, 'utf8').trim();
  const run = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, HOLDFAST_URL: `http://127.0.0.1:${port}`, HOLDFAST_KEY: key };
    return (await promisify(execFile)(process.execPath, [MAIN, ...args], { env })).stdout;
  };
  try {
    const file = join(folder, 'rule.yaml');
    writeFileSync(
      file,
      `id: noisy
metric: { kind: rate, events: { type: noisy }, by: [stage] }
windowSeconds: 60
when: { kind: threshold, is: above, bands: [{ severity: warning, at: 5 }] }
owner: orders-team
`,
    );
    const begin = NOW - 20 * HOUR;
    await received(many(9, begin, { type: 'noisy' }));
    const [from, to] = [formatInstant(begin - 5 * MINUTE), formatInstant(begin + 5 * MINUTE)];
    writeFileSync(join(folder, 'incidents.yaml'), `- { name: known, from: ${from}, to: ${to} }\n`);
    const told = await run(
      ...['rules', 'backtest', file, '--from', from, '--to', to],
      ...['--incidents', join(folder, 'incidents.yaml')],
    );
    expect(told).toMatch(/stage=shop +\S+Z +\S+Z +60 +warning +value/);
    expect(told).toMatch(/precision +100\.0%\nrecall +100\.0%/);
    expect(await run('rules', 'check', file)).toMatch(/: no series\n$/);
    expect(await run('rules', 'apply', file)).toMatch(/alert-rule +noisy +1 +created/);
    expect(await run('rules', 'list')).toMatch(/noisy +1 +rate +60 s +warning 5 +orders-team/);
    expect(await run('rules', 'show', 'noisy')).toContain('kind: alert-rule');
    await evaluate(begin + STEP);
    await expect(run('rules', 'state', 'noisy')).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/stage=shop +firing +9 .*warning \(value\) rule-noisy-/),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
