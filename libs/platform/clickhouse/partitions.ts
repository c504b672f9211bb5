import type { ClickHouse } from './clickhouse';

const NAME = /^[a-z_][a-z0-9_]*$/;
const PARTITION = /^[A-Za-z0-9_-]{1,64}$/;

function checked(pattern: RegExp, text: string): string {
  if (!pattern.test(text)) throw new TypeError('not a name of a table or a partition');
  return text;
}

/** Tables made for one deletion, and the swap of a partition for what such a table holds of it. */
export class Partitions {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Makes an empty table in the shape of another one. @throws where there is one of the name */
  makeLike(table: string, like: string): Promise<void> {
    return this.clickhouse.command(`CREATE TABLE ${checked(NAME, table)} AS ${checked(NAME, like)}`);
  }

  /** Takes a table away, and waits until nothing uses it any more. A repeat does nothing. */
  drop(table: string): Promise<void> {
    return this.clickhouse.command(`DROP TABLE IF EXISTS ${checked(NAME, table)} SYNC`);
  }

  /**
   * Has the engine remove the files of a table at once that it needs no more and would remove within minutes: dropping a partition does that for all of them, also one that is not there.
   * @param absent a partition that is never there
   */
  removeLeftovers(table: string, absent: string): Promise<void> {
    return this.clickhouse.command(
      `ALTER TABLE ${checked(NAME, table)} DROP PARTITION ID '${checked(PARTITION, absent)}'`,
    );
  }

  /**
   * Swaps the rows of a partition for those that another table of the same shape has of it, none included: all at once, so that rows of both are there at any time.
   * @throws where there is no such table; then nothing has changed
   */
  replace(table: string, partition: string, from: string): Promise<void> {
    const [into, source] = [checked(NAME, table), checked(NAME, from)];
    return this.clickhouse.command(
      `ALTER TABLE ${into} REPLACE PARTITION ID '${checked(PARTITION, partition)}' FROM ${source}`,
      { allow_replace_partition_from_empty_source: 1 },
    );
  }
}
