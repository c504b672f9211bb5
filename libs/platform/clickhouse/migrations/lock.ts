import { setTimeout as pause } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import { DomainError, newId } from '@holdfast/kernel';
import { z } from 'zod';
import type { ClickHouse } from '../clickhouse';
import { typedQuery } from '../typed-query';

const TABLE_EXISTS = '57';

/** How often the holder of the lock shows that it lives, and how long it may not before it is taken for dead. Milliseconds. */
export interface LockPatience {
  readonly heartbeatMs: number;
  readonly staleAfterMs: number;
}
const PATIENCE: LockPatience = { heartbeatMs: 1_000, staleAfterMs: 10_000 };

/** The statement that takes the lock. */
export const lockTable = (owner: string): string =>
  `CREATE TABLE migration_lock (owner String) ENGINE = MergeTree ORDER BY owner COMMENT '${owner}'`;

const heartbeats = typedQuery('platform/count_lock_heartbeats', z.object({}), z.object({ beats: z.coerce.number() }));
const findLock = typedQuery('platform/find_lock', z.object({}), z.object({ owner: z.string() }));
const Heartbeat = z.object({ owner: z.string() });

/**
 * Runs one migration runner at a time. ClickHouse has no compare-and-set, but creating a table is atomic: who creates `migration_lock` holds it.
 * The holder adds a row a second; a lock whose rows stop growing was left by a crash and is taken over by renaming it away, which one waiter wins.
 * @param run hears whether the lock is still its own: a holder that was stopped for a while may have lost it, and must not go on
 */
export async function withMigrationLock<T>(
  clickhouse: ClickHouse,
  log: (line: string) => void,
  run: (isOurs: () => Promise<boolean>) => Promise<T>,
  patience = PATIENCE,
): Promise<T> {
  const owner = newId();
  const isOurs = async (): Promise<boolean> => (await clickhouse.row(findLock, {}))?.owner === owner;
  await take(clickhouse, owner, log, patience);
  const beating = setInterval(
    () => void clickhouse.insert('migration_lock', Heartbeat, [{ owner }]).catch(() => undefined),
    patience.heartbeatMs,
  );
  try {
    return await run(isOurs);
  } finally {
    clearInterval(beating);
    await letGo(clickhouse, isOurs);
  }
}

/** A store that does not answer now keeps the lock, which the next runner takes over; what went wrong before is what the caller has to hear. */
async function letGo(clickhouse: ClickHouse, isOurs: () => Promise<boolean>): Promise<void> {
  try {
    if (await isOurs()) await clickhouse.command('DROP TABLE IF EXISTS migration_lock');
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
}

async function take(
  clickhouse: ClickHouse,
  owner: string,
  log: (line: string) => void,
  { heartbeatMs, staleAfterMs }: LockPatience,
): Promise<void> {
  let seen = -1;
  let changedAt = Date.now();
  for (;;) {
    try {
      await clickhouse.command(lockTable(owner));
      return;
    } catch (error) {
      if (!(error instanceof ClickHouseError && error.code === TABLE_EXISTS)) throw error;
    }
    const beats = await clickhouse.rows(heartbeats, {}).then(
      (found) => found[0]?.beats ?? 0,
      () => -1,
    );
    if (beats !== seen) [seen, changedAt] = [beats, Date.now()];
    else if (Date.now() - changedAt > staleAfterMs) {
      log('taking over a migration lock that a crash left');
      const grave = `migration_lock_${newId().replace(/\W/g, '_')}`;
      await clickhouse.command(`RENAME TABLE migration_lock TO ${grave}`).then(
        () => clickhouse.command(`DROP TABLE ${grave}`),
        () => undefined,
      );
    }
    await pause(heartbeatMs / 4);
  }
}
