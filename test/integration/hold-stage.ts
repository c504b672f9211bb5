import { randomUUID } from 'node:crypto';
import { CustodyStore } from '@holdfast/domains/holds/custody.store';
import { DeletionGuardService } from '@holdfast/domains/holds/deletion-guard.service';
import { HeldRowStore } from '@holdfast/domains/holds/held-row.store';
import { HoldEnforcer } from '@holdfast/domains/holds/hold-enforcer';
import { HoldStore } from '@holdfast/domains/holds/hold.store';
import { IntentStore } from '@holdfast/domains/holds/intent.store';
import { PartitionPurgeService } from '@holdfast/domains/holds/partition-purge.service';
import type { HoldState, HoldVersion } from '@holdfast/domains/holds/core/hold';
import type { HoldScope } from '@holdfast/domains/holds/core/scope';
import { ClickHouse, migrate } from '@holdfast/platform/clickhouse';
import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { createClient } from '@clickhouse/client';

/** A record, as far as holds look at it. */
export interface PlainRecord {
  readonly id: string;
  readonly process: string;
  readonly key: string;
  readonly type?: string;
  readonly stage?: string;
  readonly correlation?: string;
  readonly class?: string;
  /** Day of receipt, and of the business fact. */
  readonly on: string;
  readonly data?: object;
  readonly attributes?: object;
  readonly categories?: string;
}

/** Sends nothing of a swap until it is woken: its process sleeps. */
export class SleepyClickHouse extends ClickHouse {
  private arrived = (): void => undefined;
  wake = (): void => undefined;
  readonly isThere = new Promise<void>((resolve) => (this.arrived = resolve));
  private readonly door = new Promise<void>((resolve) => (this.wake = resolve));

  override async command(...args: Parameters<ClickHouse['command']>): Promise<void> {
    if (args[0].includes('REPLACE PARTITION')) {
      this.arrived();
      await this.door;
    }
    return super.command(...args);
  }
}

/** Dies before or behind one of its statements: nothing is sent any more, and nobody hears of what was. */
export class MortalClickHouse extends ClickHouse {
  private left = Infinity;
  /** @param statements that still take effect; of the last one nobody hears the answer */
  dieAfter(statements: number): void {
    this.left = statements;
  }
  private async live<T>(run: () => Promise<T>): Promise<T> {
    if (this.left <= 0) throw new Error('the process has died');
    this.left -= 1;
    const answer = await run();
    if (this.left <= 0) throw new Error('the process has died');
    return answer;
  }
  override rows = ((...args: Parameters<ClickHouse['rows']>) =>
    this.live(() => ClickHouse.prototype.rows.apply(this, args))) as ClickHouse['rows'];
  override insert = ((...args: Parameters<ClickHouse['insert']>) =>
    this.live(() => ClickHouse.prototype.insert.apply(this, args))) as ClickHouse['insert'];
  override run = ((...args: Parameters<ClickHouse['run']>) =>
    this.live(() => ClickHouse.prototype.run.apply(this, args))) as ClickHouse['run'];
  override command = (...args: Parameters<ClickHouse['command']>): Promise<void> =>
    this.live(() => ClickHouse.prototype.command.apply(this, args));
}

/** The half that deletes and the half that holds, each over a connection of its own. */
export function partsOn(clickhouse: ClickHouse) {
  const [holds, intents, rows] = [new HoldStore(clickhouse), new IntentStore(clickhouse), new HeldRowStore(clickhouse)];
  const guard = new DeletionGuardService(clickhouse, holds, intents);
  const purger = new PartitionPurgeService(clickhouse, rows, holds, guard);
  const enforcer = new HoldEnforcer(clickhouse, holds, intents);
  return { holds, intents, rows, guard, purger, enforcer, custody: new CustodyStore(clickhouse) };
}

export const versionOf = (hold: string, scope: HoldScope, state: HoldState = 'in_force', version = 1): HoldVersion => ({
  ...{
    hold,
    version,
    state,
    proposal: `${hold}/${version}`,
    reason: 'a claim',
    by: 'counsel-a',
    at: Date.now() * 1000,
  },
  terms: { matter: 'a claim', counsel: 'counsel-a', scope, custodians: [], remindEveryDays: 3, reviewEveryDays: 90 },
});

/** An engine with the tables of Holdfast, and words for what the tests need. */
export async function startHoldStage() {
  const engine = await startEmbeddedClickHouse();
  const address = { url: engine.url, database: 'app', username: 'default', password: engine.password };
  const clickhouse = new ClickHouse(address);
  await migrate(clickhouse, () => undefined);
  const sql = createClient(address);
  const rowsOf = async <T>(query: string): Promise<T[]> =>
    (await sql.query({ query, format: 'JSONEachRow' })).json<T>();
  return {
    engine,
    address,
    clickhouse,
    sql,
    rowsOf,
    async insert(records: readonly PlainRecord[]): Promise<void> {
      const values = records.map((one) => ({
        ...{ process: one.process, key: one.key, stage: one.stage ?? 'shop', source: 'shop', id: one.id, attempt: 1 },
        ...{ type: one.type ?? 'order', outcome: 'stored', origin_from: 'event', sign: 1, digest: 0, definition: 0 },
        ...{ occurred_at: `${one.on} 12:00:00`, origin_at: `${one.on} 12:00:00`, received_at: `${one.on} 12:00:00` },
        ...{
          correlation_id: one.correlation ?? '',
          class: one.class ?? 'standard',
          identity: one.id.padEnd(16, '-').slice(0, 16),
        },
        ...{ payload_hash: 1, agreed: '[]', data: JSON.stringify(one.data ?? {}), categories: one.categories ?? '' },
        attributes: one.attributes ? JSON.stringify(one.attributes) : '',
      }));
      if (values.length > 0)
        await sql.insert({
          table: 'tracking_records',
          values,
          format: 'JSONEachRow',
          clickhouse_settings: { insert_deduplication_token: randomUUID() },
        });
    },
    async ids(): Promise<string[]> {
      return (await rowsOf<{ id: string }>('SELECT id FROM tracking_records ORDER BY id')).map(({ id }) => id);
    },
    async fences(): Promise<string[]> {
      const query =
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'deletion\\_%' AND name != 'deletion_intents'";
      return (await rowsOf<{ name: string }>(query)).map(({ name }) => name);
    },
    async clear(): Promise<void> {
      for (const table of ['tracking_records', 'holds', 'hold_names', 'deletion_intents', 'held_keys'])
        await sql.command({ query: `TRUNCATE TABLE ${table}` });
    },
    async stop(): Promise<void> {
      await Promise.all([sql.close(), clickhouse.close()]);
      await engine.stop();
    },
  };
}
export type HoldStage = Awaited<ReturnType<typeof startHoldStage>>;
