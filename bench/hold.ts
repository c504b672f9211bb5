import { randomBytes } from 'node:crypto';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { DeletionGuardService } from '@holdfast/domains/holds/deletion-guard.service';
import { HeldRowStore } from '@holdfast/domains/holds/held-row.store';
import { HoldEnforcer } from '@holdfast/domains/holds/hold-enforcer';
import { HoldStore } from '@holdfast/domains/holds/hold.store';
import { IntentStore } from '@holdfast/domains/holds/intent.store';
import { type HeldRows, PartitionPurgeService } from '@holdfast/domains/holds/partition-purge.service';
import type { HoldVersion } from '@holdfast/domains/holds/core/hold';
import { kindOf, namesIn, type HoldScope } from '@holdfast/domains/holds/core/scope';
import { ClickHouse, migrate, Partitions } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { type Benchmark, median, percentile, rounded } from './benchmark';

const PROCESSES = 20;
const [NAMED, ASKED] = [9_900, 100] as const;
const CHUNK = 1_000_000;
const PARTITION = { id: '1-201905', class: 'standard' };
/** What is due of the partition: a record in a hundred, scattered. */
const NOT_DUE = 'sipHash64(id) % 100 != 0';

/** A month of records, each key at two stages. */
async function load(client: ClickHouseClient, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += CHUNK)
    await client.command({
      query: `
INSERT INTO tracking_records (process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, origin_at, origin_from, received_at, class,
    correlation_id, identity, payload_hash, sign, digest, definition, data)
SELECT concat('process-', toString(intDiv(n, 2) % ${PROCESSES})), concat('ORD-', leftPad(toString(intDiv(n, 2)), 9, '0')), if(n % 2 = 0, 'shop', 'erp'), 'shop',
    concat('id-', toString(n)), 1, ['order', 'refund', 'change'][n % 3 + 1], 'stored', '', '', at, at, 'event', at, 'standard',
    concat('trace-', toString(intDiv(n, 2))), sipHash128(n), sipHash64(n), 1, 1, 1,
    concat('{"amount":', toString(n % 1000), ',"customer":{"id":"c-', toString(n % 5000), '"},"note":"', hex(sipHash128(n, 7)), '"}')
FROM (SELECT number AS n, toDateTime64('2019-05-01 00:00:00', 6, 'UTC') + toIntervalSecond(intDiv(n * 2600000, ${rows})) AS at
      FROM numbers(${from}, ${Math.min(CHUNK, rows - from)}))`,
    });
}

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

export const hold: Benchmark = {
  name: 'hold',
  about:
    'placing a hold beside 10,000 others and purges, ms at p99, against none of either; cost of the hold check to a purge (--rows 2000000)',
  async run(options) {
    const rows = Number(options['rows'] ?? 2_000_000);
    const rounds = Number(options['rounds'] ?? 5);
    const engine = await startEmbeddedClickHouse();
    const address = { url: engine.url, database: 'app', username: 'default', password: engine.password };
    const clickhouse = new ClickHouse(address);
    const client = createClient({ ...address, request_timeout: 600_000 });
    try {
      await migrate(clickhouse, () => undefined);
      await load(client, rows);
      console.error(`${rows.toLocaleString('en')} records loaded`);
      const [holds, intents, store] = [
        new HoldStore(clickhouse),
        new IntentStore(clickhouse),
        new HeldRowStore(clickhouse),
      ];
      const guard = new DeletionGuardService(clickhouse, holds, intents);
      const purger = new PartitionPurgeService(clickhouse, store, holds, guard);
      const enforcer = new HoldEnforcer(clickhouse, holds, intents);
      const partitions = new Partitions(clickhouse);
      const placing = async (count: number, name: string): Promise<number[]> => {
        const took: number[] = [];
        for (let i = 0; i < count; i++) {
          const begun = performance.now();
          await enforcer.enforce(versionOf(`${name}-${i}`, i % 10 === 0 ? askedScope(i) : namedScope(1_000_000 + i)));
          took.push(performance.now() - begun);
        }
        return took;
      };
      const keeping = (finding: string | undefined) => (stage: string) =>
        client.command({
          query: `INSERT INTO ${stage} SELECT * FROM tracking_records WHERE _partition_id = '${PARTITION.id}' AND ${NOT_DUE}${
            finding === undefined
              ? ''
              : ` AND (process, key) NOT IN (SELECT process, key FROM held_keys WHERE finding = '${finding}')`
          }`,
        });
      const bare = async (): Promise<number> => {
        const begun = performance.now();
        const stage = `deletion_${randomBytes(16).toString('hex')}`;
        await partitions.makeLike(stage, 'tracking_records');
        await keeping(undefined)(stage);
        await partitions.replace('tracking_records', PARTITION.id, stage);
        await partitions.drop(stage);
        return performance.now() - begun;
      };
      const guarded = async (): Promise<number> => {
        const begun = performance.now();
        await purger.purge(PARTITION, async (stage: string, held: HeldRows) => {
          await keeping(held.finding)(stage);
        });
        return performance.now() - begun;
      };
      const alone = await placing(200, 'alone');
      await client.command({ query: 'TRUNCATE TABLE holds' });
      await client.command({ query: 'TRUNCATE TABLE hold_names' });
      await seed(client);
      const [without, withHolds, finds]: [number[], number[], number[]] = [[], [], []];
      for (let round = 0; round < rounds; round++) {
        without.push(await bare());
        withHolds.push(await guarded());
        const begun = performance.now();
        await purger.find(PARTITION);
        finds.push(performance.now() - begun);
        console.error(`purge ${rounded(without.at(-1)!, 0)} ms, with the check ${rounded(withHolds.at(-1)!, 0)} ms`);
      }
      let isOver = false;
      const beside = (async () => {
        for (; !isOver;)
          await guard.run(
            { ...guard.newIntent(), table: 'tracking_records', partition: '1-201801', class: 'standard', seconds: 2 },
            async (now) => {
              await now
                .mustStillBe({ versions: await holds.standing(), byId: new Map() }, 'standard')
                .catch(() => undefined);
              return { rows: 0 };
            },
          );
      })();
      const placed = await placing(200, 'beside');
      isOver = true;
      await beside;
      return {
        figure: rounded(percentile(placed, 0.99)),
        unit: 'ms at p99',
        baseline: rounded(percentile(alone, 0.99)),
        ratio: rounded(percentile(placed, 0.99) / percentile(alone, 0.99)),
        target: 2_000,
        median_ms: rounded(median(placed)),
        rows,
        purge_ms: rounded(median(without), 0),
        purge_with_check_ms: rounded(median(withHolds), 0),
        check_costs: rounded(median(withHolds) / median(without) - 1, 3),
        check_costs_target: 0.1,
        finding_held_rows_ms: rounded(median(finds), 0),
      };
    } finally {
      await Promise.all([client.close(), clickhouse.close()]);
      await engine.stop();
    }
  },
};
