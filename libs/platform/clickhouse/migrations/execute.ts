import { setTimeout as pause } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import { z } from 'zod';
import type { ClickHouse } from '../clickhouse';
import { typedQuery } from '../typed-query';
import type { Migration } from './files';
import { MigrationError } from './migration-error';
import type { ReviewedStatement } from './review';

const listMutations = typedQuery(
  'platform/list_mutations',
  z.object({ table: z.string(), statement: z.string(), before: z.array(z.string()) }),
  z.object({
    id: z.string(),
    parts: z.coerce.number(),
    done: z.coerce.boolean(),
    failure: z.string(),
    asked: z.coerce.boolean(),
  }),
);
const countRunning = typedQuery(
  'platform/count_running_statements',
  z.object({ mark: z.string() }),
  z.object({ running: z.coerce.number() }),
);

const POLL_MS = { least: 20, most: 1_000 } as const;
const TELL_EVERY_MS = 5_000;

/** Runs statements, and waits for what the engine does with them in the background. */
export class Executor {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly log: (line: string) => void,
  ) {}

  /** Ids of all mutations that the statement's table has. */
  async mutationsOf({ table, mutates, sql }: ReviewedStatement): Promise<string[]> {
    if (!mutates) return [];
    const found = await this.clickhouse.rows(listMutations, { table, statement: sql, before: [] });
    return found.map(({ id }) => id);
  }

  /**
   * Runs a statement once, or again where its outcome is unknown: what the engine is still at is waited for, a mutation that was taken is not asked for again,
   * and everything else may be repeated (review.ts refuses what may not).
   * @param before mutations that its table had when it was begun
   * @throws MigrationError naming file and statement
   */
  async run(
    migration: Migration,
    statement: ReviewedStatement,
    before: readonly string[],
    isRepeat: boolean,
  ): Promise<void> {
    const mark = `${migration.name} ${statement.number}`;
    try {
      if (isRepeat) await this.until(mark, () => this.stillAt(mark));
      if (!(isRepeat && (await this.isTaken(statement, before))))
        await this.clickhouse.command(statement.sql, {
          log_comment: mark,
          ...(statement.mutates && { mutations_sync: '0', alter_sync: '0' }),
        });
      if (statement.mutates) await this.settle(mark, statement, before);
    } catch (error) {
      throw new MigrationError(
        `${migration.name}: statement ${statement.number} failed (${reasonOf(error)}); statements before it are applied and are not repeated: ` +
          'see to the reason or mend the statement, and start again',
        { cause: error },
      );
    }
  }

  private async stillAt(mark: string): Promise<string | undefined> {
    const [found] = await this.clickhouse.rows(countRunning, { mark });
    return found?.running ? 'the engine is still at it' : undefined;
  }

  private async isTaken({ mutates, table, sql }: ReviewedStatement, before: readonly string[]): Promise<boolean> {
    if (!mutates) return false;
    const found = await this.clickhouse.rows(listMutations, { table, statement: sql, before: [...before] });
    return found.some(({ asked }) => asked);
  }

  /**
   * Waits until every mutation that came since is worked off. One that only writes values and fails is taken back: it would hold up every later one of its
   * table. One that belongs to a change of columns stays, since the change is made.
   */
  private async settle(
    mark: string,
    { table, sql, kind }: ReviewedStatement,
    before: readonly string[],
  ): Promise<void> {
    await this.until(mark, async () => {
      const found = await this.clickhouse.rows(listMutations, { table, statement: sql, before: [...before] });
      const failed = found.find(({ done, failure }) => !done && failure !== '');
      if (failed) {
        if (failed.asked && /^(update|delete|materialize)/.test(kind))
          await this.clickhouse.command(
            `KILL MUTATION WHERE database = currentDatabase() AND table = '${table}' AND mutation_id = '${failed.id}'`,
          );
        throw new Error('the mutation failed', { cause: nameIn(failed.failure) });
      }
      const open = found.filter(({ done }) => !done);
      return open.length === 0
        ? undefined
        : `${open.reduce((sum, { parts }) => sum + parts, 0)} parts of ${table} to do`;
    });
  }

  /** @param look says what is still awaited, or undefined when it is over */
  private async until(mark: string, look: () => Promise<string | undefined>): Promise<void> {
    let toldAt = Date.now();
    for (let wait: number = POLL_MS.least; ; wait = Math.min(wait * 2, POLL_MS.most)) {
      const awaited = await look();
      if (awaited === undefined) return;
      if (Date.now() - toldAt > TELL_EVERY_MS) {
        toldAt = Date.now();
        this.log(`${mark}: ${awaited}`);
      }
      await pause(wait);
    }
  }
}

/** The engine's name of what went wrong: its texts quote data. */
const nameIn = (text: string): string => /\(([A-Z][A-Z0-9_]+)\)/.exec(text)?.[1] ?? 'unknown';

function reasonOf(error: unknown): string {
  if (error instanceof ClickHouseError) return error.type ?? error.code;
  if (error instanceof Error && typeof error.cause === 'string') return `${error.message}: ${error.cause}`;
  return (error as { code?: string }).code ?? 'no connection';
}
