import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { DeletionGuardService } from '@holdfast/domains/holds/deletion-guard.service';
import { HeldRowStore } from '@holdfast/domains/holds/held-row.store';
import { HoldStore } from '@holdfast/domains/holds/hold.store';
import { IntentStore } from '@holdfast/domains/holds/intent.store';
import { PartitionPurgeService } from '@holdfast/domains/holds/partition-purge.service';
import { ClickHouse, migrate, Partitions } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { type Benchmark, median, rounded, timed } from './benchmark';
import { loadMonth } from './month-of-records';

const MONTHS = ['2015-01', '2015-02', '2015-03', '2015-04', '2015-05'];
const idOf = (month: string): string => `1-${month.replace('-', '')}`;
/** A record in a hundred, scattered. */
const DUE = 'sipHash64(id) % 100 = 0';

/** Until the engine has no file any more with rows that were deleted. */
async function untilGone(client: ClickHouseClient, partitions: Partitions): Promise<void> {
  for (;;) {
    await partitions.removeLeftovers('tracking_records', '1-190001');
    const answer = await client.query({
      query: `SELECT count() AS parts FROM system.parts WHERE table = 'tracking_records' AND NOT active AND rows > 0`,
      format: 'JSONEachRow',
    });
    const [left] = await answer.json<{ parts: string }>();
    if (Number(left!.parts) === 0) return;
  }
}

export const purge: Benchmark = {
  name: 'purge',
  about:
    'deleting 10 M due records in whole partitions until their bytes are gone, against DROP PARTITION; 1 % scattered, against the mutation of the engine (--rows 10000000)',
  async run(options) {
    const rows = Number(options['rows'] ?? 10_000_000);
    const rounds = Number(options['rounds'] ?? 3);
    const engine = await startEmbeddedClickHouse();
    const address = { url: engine.url, database: 'app', username: 'default', password: engine.password };
    const clickhouse = new ClickHouse(address);
    const client = createClient({ ...address, request_timeout: 600_000 });
    try {
      await migrate(clickhouse, () => undefined);
      const holds = new HoldStore(clickhouse);
      const guard = new DeletionGuardService(clickhouse, holds, new IntentStore(clickhouse));
      const purger = new PartitionPurgeService(clickhouse, new HeldRowStore(clickhouse), holds, guard);
      const partitions = new Partitions(clickhouse);
      const load = async (): Promise<void> => {
        for (const month of MONTHS) await loadMonth(client, month, rows / MONTHS.length);
        await untilGone(client, partitions);
      };
      const each = async (run: (partition: string) => Promise<unknown>): Promise<void> => {
        for (const month of MONTHS) await run(idOf(month));
        await untilGone(client, partitions);
      };
      const ways = {
        purge: () => each((id) => purger.purge({ id, class: 'standard' })),
        drop: () => each((id) => clickhouse.command(`ALTER TABLE tracking_records DROP PARTITION ID '${id}'`)),
        purgeScattered: () =>
          each((id) =>
            purger.purge({ id, class: 'standard' }, async (stage) => {
              await client.command({
                query: `INSERT INTO ${stage} SELECT * FROM tracking_records WHERE _partition_id = '${id}' AND NOT (${DUE})`,
                clickhouse_settings: { deduplicate_insert_select: 'disable' },
              });
            }),
          ),
        mutation: () =>
          each((id) =>
            client.command({
              query: `ALTER TABLE tracking_records DELETE IN PARTITION ID '${id}' WHERE ${DUE}`,
              clickhouse_settings: { mutations_sync: '1' },
            }),
          ),
      };
      const took: Record<keyof typeof ways, number[]> = { purge: [], drop: [], purgeScattered: [], mutation: [] };
      for (let round = 0; round < rounds; round++)
        for (const name of Object.keys(ways) as (keyof typeof ways)[]) {
          await client.command({ query: 'TRUNCATE TABLE tracking_records' });
          await load();
          took[name].push(await timed(ways[name]));
          console.error(`round ${round + 1}: ${name} ${rounded(took[name].at(-1)!, 0)} ms`);
        }
      const [figure, baseline] = [median(took.purge), median(took.drop)];
      return {
        ...{ figure: rounded(figure, 0), unit: 'ms', baseline: rounded(baseline, 0), target: 5_000, rows },
        ratio: rounded(figure / baseline),
        scattered_ms: rounded(median(took.purgeScattered), 0),
        mutation_ms: rounded(median(took.mutation), 0),
        scattered_ratio: rounded(median(took.purgeScattered) / median(took.mutation)),
        scattered_target: 1.5,
      };
    } finally {
      await Promise.all([client.close(), clickhouse.close()]);
      await engine.stop();
    }
  },
};
