import { randomBytes } from 'node:crypto';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { DeletionGuardService, type HoldsNow } from '@holdfast/domains/holds/deletion-guard.service';
import { HeldRowStore } from '@holdfast/domains/holds/held-row.store';
import { HoldEnforcer } from '@holdfast/domains/holds/hold-enforcer';
import { HoldStore } from '@holdfast/domains/holds/hold.store';
import { IntentStore } from '@holdfast/domains/holds/intent.store';
import { type HeldRows, PartitionPurgeService } from '@holdfast/domains/holds/partition-purge.service';
import type { HoldVersion } from '@holdfast/domains/holds/core/hold';
import { kindOf, namesIn, type HoldScope } from '@holdfast/domains/holds/core/scope';
import { ClickHouse, migrate, Partitions } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { type Benchmark, median, percentile, rounded, timed } from './benchmark';
import { loadMonth, PROCESSES } from './month-of-records';

const [NAMED, ASKED] = [9_900, 100] as const;
const MONTH = '2019-05';
const PARTITION = { id: '1-201905', class: 'standard' };
/** What is due of the partition: a record in a hundred, scattered. */
const NOT_DUE = 'sipHash64(id) % 100 != 0';

const DAY = 86_400_000_000;
const MAY = Date.UTC(2019, 4, 1) * 1000;
/** Of ten holds by query four of a type in some days, three of a stage and a source, three of customers. */
function askedScope(i: number): HoldScope {
  const processes = [`process-${i % PROCESSES}`];
  if (i % 10 < 4) return { processes, types: ['refund'], from: MAY + (i % 28) * DAY, to: MAY + ((i % 28) + 2) * DAY };
  if (i % 10 < 7)
    return {
      processes,
      stages: ['erp'],
      sources: ['shop'],
      from: MAY + (i % 28) * DAY,
      to: MAY + ((i % 28) + 1) * DAY,
    };
  return { processes, fields: [{ path: 'customer.id', in: [`c-${i * 7}`, `c-${i * 11}`] }] };
}
const namedScope = (i: number): HoldScope =>
  i % 10 === 0
    ? { subject: { aliases: [`person-${i}`, `trace-${i * 13}`, `trace-${i * 17}`] } }
    : { processes: [`process-${i % PROCESSES}`], keys: [`ORD-${String(i * 20 + (i % PROCESSES)).padStart(9, '0')}`] };

const versionOf = (hold: string, scope: HoldScope): HoldVersion => ({
  ...{ hold, version: 1, state: 'in_force', proposal: hold, reason: 'a benchmark', by: 'bench', at: Date.now() * 1000 },
  terms: { matter: 'a benchmark', counsel: 'bench', scope, custodians: [], remindEveryDays: 3, reviewEveryDays: 90 },
});

/** As HoldStore writes them, but all at once. */
async function seed(client: ClickHouseClient): Promise<void> {
  const scopes = [
    ...Array.from({ length: NAMED }, (_, i) => namedScope(i)),
    ...Array.from({ length: ASKED }, (_, i) => askedScope(i)),
  ];
  const all = scopes.map((scope, i) => versionOf(`seed-${i}`, scope));
  const names = all.flatMap(({ hold, version, terms }) =>
    namesIn(terms.scope).map((one) => ({ ...one, hold, version })),
  );
  await client.insert({ table: 'hold_names', format: 'JSONEachRow', values: names });
  const values = all.map(({ hold, version, state, terms, proposal, reason, by }) => ({
    ...{ hold, version, state, kind: kindOf(terms.scope), processes: [], matter: '', counsel: '', proposal, reason },
    ...{ terms: JSON.stringify(terms), changed_by: by, changed_at: '2026-01-01 00:00:00' },
  }));
  await client.insert({ table: 'holds', format: 'JSONEachRow', values });
}

/** Everything that the benchmark measures with, on one engine. */
function partsOn(clickhouse: ClickHouse, client: ClickHouseClient) {
  const [holds, intents, rows] = [new HoldStore(clickhouse), new IntentStore(clickhouse), new HeldRowStore(clickhouse)];
  const guard = new DeletionGuardService(clickhouse, holds, intents);
  const purger = new PartitionPurgeService(clickhouse, rows, holds, guard);
  const enforcer = new HoldEnforcer(clickhouse, holds, intents);
  const partitions = new Partitions(clickhouse);
  const keep = (stage: string, held = ''): Promise<unknown> =>
    client.command({
      query: `INSERT INTO ${stage} SELECT * FROM tracking_records WHERE _partition_id = '${PARTITION.id}' AND ${NOT_DUE} ${held}`,
    });
  return {
    find: () => purger.find(PARTITION),
    /** The same purge without asking any hold. */
    async bare(): Promise<void> {
      const stage = `deletion_${randomBytes(16).toString('hex')}`;
      await partitions.makeLike(stage, 'tracking_records');
      await keep(stage);
      await partitions.replace('tracking_records', PARTITION.id, stage);
      await partitions.drop(stage);
    },
    async guarded(): Promise<void> {
      await purger.purge(PARTITION, async (stage: string, { finding }: HeldRows) => {
        await keep(
          stage,
          `AND (process, key) NOT IN (SELECT process, key FROM held_keys WHERE finding = '${finding}')`,
        );
      });
    },
    /** @returns how long each took, in milliseconds */
    async place(count: number, name: string): Promise<number[]> {
      const took: number[] = [];
      for (let i = 0; i < count; i++) {
        const scope = i % 10 === 0 ? askedScope(i) : namedScope(1_000_000 + i);
        took.push(await timed(() => enforcer.enforce(versionOf(`${name}-${i}`, scope))));
      }
      return took;
    },
    /** Deletions that delete nothing, one after the other. @returns what ends them */
    deletions(): () => Promise<void> {
      const over = new AbortController();
      const deletion = { table: 'tracking_records', partition: '1-201801', class: 'standard', seconds: 2 };
      const going = (async () => {
        while (!over.signal.aborted) {
          const known = { versions: await holds.standing(), byId: new Map<string, number>() };
          const remove = async (now: HoldsNow) => {
            await now.mustStillBe(known, 'standard');
            return { rows: 0 };
          };
          await guard.run({ ...guard.newIntent(), ...deletion }, remove).catch(() => undefined);
        }
      })();
      return () => {
        over.abort();
        return going;
      };
    },
  };
}

export const hold: Benchmark = {
  name: 'hold',
  about:
    'placing a hold beside 10,000 others and deletions, ms at p99, against none of either; what the hold check costs a purge (--rows 2000000)',
  async run(options) {
    const rows = Number(options['rows'] ?? 2_000_000);
    const rounds = Number(options['rounds'] ?? 5);
    const engine = await startEmbeddedClickHouse();
    const address = { url: engine.url, database: 'app', username: 'default', password: engine.password };
    const clickhouse = new ClickHouse(address);
    const client = createClient({ ...address, request_timeout: 600_000 });
    try {
      await migrate(clickhouse, () => undefined);
      await loadMonth(client, MONTH, rows);
      console.error(`${rows.toLocaleString('en')} records loaded`);
      const parts = partsOn(clickhouse, client);
      const alone = await parts.place(200, 'alone');
      for (const table of ['holds', 'hold_names']) await client.command({ query: `TRUNCATE TABLE ${table}` });
      await seed(client);
      const took = { bare: [] as number[], guarded: [] as number[], find: [] as number[] };
      for (let round = 0; round < rounds; round++) {
        for (const name of ['bare', 'guarded', 'find'] as const) took[name].push(await timed(parts[name]));
        console.error(
          `round ${round + 1}: purge, with the check, finding alone: ${Object.values(took)
            .map((all) => `${rounded(all.at(-1)!, 0)} ms`)
            .join(', ')}`,
        );
      }
      const end = parts.deletions();
      const beside = await parts.place(200, 'beside');
      await end();
      const [figure, baseline] = [percentile(beside, 0.99), percentile(alone, 0.99)];
      return {
        ...{
          figure: rounded(figure),
          unit: 'ms at p99',
          baseline: rounded(baseline),
          ratio: rounded(figure / baseline),
        },
        ...{ target: 2_000, median_ms: rounded(median(beside)), rows },
        purge_ms: rounded(median(took.bare), 0),
        purge_with_check_ms: rounded(median(took.guarded), 0),
        check_costs: rounded(median(took.guarded) / median(took.bare) - 1, 3),
        check_costs_target: 0.1,
        finding_held_rows_ms: rounded(median(took.find), 0),
      };
    } finally {
      await Promise.all([client.close(), clickhouse.close()]);
      await engine.stop();
    }
  },
};
