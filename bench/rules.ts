import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { FindingStatisticsService } from '@holdfast/domains/findings/finding-statistics.service';
import { FindingsStore } from '@holdfast/domains/findings/findings.store';
import { BudgetService } from '@holdfast/domains/quality/budget.service';
import { ObjectiveStore } from '@holdfast/domains/quality/objective.store';
import { WindowStatisticsService } from '@holdfast/domains/reconciliation/window-statistics.service';
import { WindowStatisticsStore } from '@holdfast/domains/reconciliation/window-statistics.store';
import { RegisterService } from '@holdfast/domains/register/register.service';
import { RegisterStore } from '@holdfast/domains/register/register.store';
import { Baselines } from '@holdfast/domains/rules/baselines';
import { GRAIN, grainAt, type Metric } from '@holdfast/domains/rules/core/rule';
import { Evaluator } from '@holdfast/domains/rules/evaluator';
import { Measuring } from '@holdfast/domains/rules/measuring';
import { RecordsStore } from '@holdfast/domains/rules/records.store';
import { RuleSchema } from '@holdfast/domains/rules/rule.schemas';
import { type EnabledRule, RuleService } from '@holdfast/domains/rules/rule.service';
import { RulesStore } from '@holdfast/domains/rules/rules.store';
import { Standings } from '@holdfast/domains/rules/standings';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { Client } from '@temporalio/client';
import { type Benchmark, median, rounded } from './benchmark';
import { orderToCash, startBenchStack } from './stack';
import { settled, timed } from './windows';

const PROCESSES = 20;
const STAGES = ['shop', 'erp'] as const;
const CHUNK = 1_000_000;
const ROUNDS = 5;
/** Rules that the baseline evaluates one by one; it is taken to take as long for each of the others. */
const ALONE = 40;

/** Events of the last hour before an instant, spread evenly: half of them at each stage, one key in a hundred not at the second. */
async function load(client: ClickHouseClient, events: number, at: number): Promise<void> {
  const keys = Math.floor(events / STAGES.length);
  for (const [place, stage] of STAGES.entries())
    for (let from = 0; from < keys; from += CHUNK) {
      await client.command({
        query: `
INSERT INTO tracking_records (process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, origin_at, origin_from, received_at, status, class,
    identity, payload_hash, sign, digest, definition, data)
SELECT concat('process-', toString(n % ${PROCESSES})), concat('ORD-', leftPad(toString(n), 9, '0')), '${stage}', concat('${stage}-', toString(n % 5)), concat('${stage}', toString(n)), 1,
    ['order', 'refund', 'change'][n % 3 + 1], 'stored', '', '', received, received, 'own',
    fromUnixTimestamp64Micro(toInt64(${at} - 3600000000 + intDiv(n * 3590000000, ${keys}) + ${place * 5_000_000}), 'UTC') AS received,
    if(n % 50 = 0, 'failed', 'ok'), 'standard', sipHash128(n, '${stage}'), sipHash64(n), 1, 1, 1,
    concat('{"amount":', toString(n % 1000), ',"currency":"EUR","note":"', hex(sipHash128(n, 7)), '"}')
FROM (SELECT number AS n FROM numbers(${from}, ${Math.min(CHUNK, keys - from)}))
WHERE '${stage}' = 'shop' OR n % 100 != 0`,
      });
      console.error(`${stage}: ${Math.min(keys, from + CHUNK).toLocaleString('en')} events loaded`);
    }
}

/** Of each ten rules four rates, a ratio, a change, a freshness, a backlog, and by turns a duration or a percentile, and verdicts or findings. */
function ruleOf(i: number): EnabledRule {
  const process = `process-${Math.floor(i / 10) % PROCESSES}`;
  const stage = STAGES[Math.floor(i / 10 / PROCESSES) % 2]!;
  const events = { process, stage, ...(i % 4 === 0 && { type: 'refund' }) };
  const between = { process, from: 'shop', to: 'erp' };
  const turn = Math.floor(i / 10 / PROCESSES) % 2 === 0;
  const metrics: Metric[] = [
    ...[{}, { status: 'failed' as const }, { source: `${stage}-${i % 5}` }, {}].map((over): Metric => ({
      ...{ kind: 'rate', events: { ...events, ...over }, by: [] },
    })),
    { kind: 'ratio', events: { ...events, status: 'failed' }, of: events, by: [] },
    { kind: 'change', events, by: ['source'] },
    { kind: 'freshness', events, by: ['type'] },
    { kind: 'backlog', ...between, olderThanSeconds: 60 },
    turn
      ? { kind: 'duration', ...between, percentile: 95, withinSeconds: 1_800 }
      : { kind: 'percentile', field: 'amount', percentile: 99, events, by: [] },
    turn ? { kind: 'verdict', counts: 'windows', by: ['process'] } : { kind: 'findings', by: [] },
  ];
  const windowSeconds = [120, 300, 900, 1_800][Math.floor(i / 10 / PROCESSES / 2) % 4]!;
  const when = { kind: 'threshold', is: 'above', bands: [{ severity: 'warning', at: (i % 7) + 1 }] };
  const body = RuleSchema.parse({ metric: metrics[i % 10], windowSeconds, when });
  return { id: `rule-${i}`, version: 1, body, changedBy: '', changedAt: 0 };
}

export const rules: Benchmark = {
  name: 'rules',
  about:
    'one round of 1,000 alert rules over 10,000,000 recent events, against a query for each rule, ms (--events, --rules)',
  async run(options) {
    const [events, count] = [Number(options['events'] ?? 10_000_000), Number(options['rules'] ?? 1_000)];
    const stack = await startBenchStack({ HOLDFAST_RULES_EVERY_SECONDS: '3600' });
    const client = createClient({ ...stack.clickhouse, request_timeout: 3_600_000 });
    const clickhouse = new ClickHouse(stack.clickhouse);
    try {
      const at = grainAt(Date.now() * 1000);
      await load(client, events, at);
      await settled(client);
      for (let i = 0; i < PROCESSES; i++) await stack.call('PUT', `/v1/processes/process-${i}`, orderToCash);
      const register = new RegisterService(new RegisterStore(clickhouse), undefined as unknown as Client);
      const catalog = new CatalogService(register);
      const standings = new Standings(
        new WindowStatisticsService(new WindowStatisticsStore(clickhouse)),
        new FindingStatisticsService(new FindingsStore(clickhouse)),
        new BudgetService(new ObjectiveStore(clickhouse)),
      );
      const store = new RulesStore(clickhouse);
      const measuring = new Measuring(new RecordsStore(clickhouse), standings, catalog);
      const baselines = new Baselines(measuring, store);
      let own: EnabledRule[] = [];
      class TheseRules extends RuleService {
        override enabled = (): Promise<EnabledRule[]> => Promise.resolve(own);
      }
      const evaluator = new Evaluator(new TheseRules(register, catalog), measuring, baselines, store);
      let instant = at;
      const round = async (size: number): Promise<number> => {
        own = Array.from({ length: size }, (_, i) => ruleOf(i));
        const took = await timed(() => evaluator.evaluate(instant, GRAIN));
        instant += GRAIN;
        console.error(`${size} rules: ${took.toFixed(0)} ms`);
        return took;
      };
      await round(count);
      const few: number[] = [];
      const all: number[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        few.push(await round(Math.ceil(count / 10)));
        all.push(await round(count));
      }
      const took: Record<string, number> = {};
      for (const kind of [['rate', 'ratio', 'change', 'freshness'], ['percentile'], ['duration', 'backlog']]) {
        const asked = own.filter(({ body }) => kind.includes(body.metric.kind));
        const all = asked.map(({ body }) => ({ metric: body.metric, window: body.windowSeconds * 1_000_000 }));
        const name = `${kind.at(-1)!}_ms`;
        took[name] = rounded(await timed(() => measuring.measure(all, { first: at, step: GRAIN, count: 1 })), 0);
      }
      const alone = await timed(async () => {
        for (let i = 0; i < ALONE; i++) {
          const { body } = ruleOf(i);
          const asked = { metric: body.metric, window: body.windowSeconds * 1_000_000 };
          await measuring.measure([asked], { first: at, step: GRAIN, count: 1 });
        }
      });
      const [figure, baseline] = [median(all), (alone / ALONE) * count];
      const last = await store.lastRound(0);
      return {
        figure: rounded(figure, 0),
        unit: 'ms',
        baseline: rounded(baseline, 0),
        ratio: rounded(figure / baseline, 4),
        target: 5_000,
        ...{ events, rules: count },
        a_tenth_of_the_rules_ms: rounded(median(few), 0),
        ...took,
        series: last ? (await store.states(last)).length : 0,
      };
    } finally {
      await clickhouse.close();
      await client.close();
      await stack.stop();
    }
  },
};
