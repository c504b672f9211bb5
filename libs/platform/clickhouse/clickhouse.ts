import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { z } from 'zod';
import { isConnectionError, unavailableOr } from './failures';
import type { TypedQuery } from './typed-query';

export interface ClickHouseAddress {
  readonly url: string;
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

/** The one way to ClickHouse: typed queries in, checked rows out. */
export class ClickHouse {
  private readonly client: ClickHouseClient;
  /** Hears before each insert which columns of which table it writes. */
  onInsert: ((table: string, columns: readonly string[]) => void) | undefined;

  constructor(private readonly address: ClickHouseAddress) {
    this.client = createClient({
      ...address,
      request_timeout: 3_600_000, // for streams; the others have a deadline each
      max_open_connections: 32,
      keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
      use_multipart_params_auto: true, // parameters too long for an address go in the body
      // A name in a query is the column's, whatever an alias of the same name holds.
      clickhouse_settings: {
        output_format_json_quote_64bit_integers: 1,
        date_time_input_format: 'best_effort',
        prefer_column_name_to_alias: 1,
      },
      log: { level: ClickHouseLogLevel.OFF }, // its lines quote queries and data; errors reach the caller anyway
    });
  }

  /**
   * Runs a query that answers with few rows. Rows are checked: a drifted column fails here, by name, and not in a page.
   * @throws DomainError `unavailable` when the engine is down, busy or full
   */
  async rows<P extends Record<string, unknown>, R>(query: TypedQuery<P, R>, params: NoInfer<P>): Promise<R[]> {
    const abort_signal = within(query.limits.seconds + SLACK_SECONDS); // of both tries together
    return this.guardRead(async () => {
      abort_signal.throwIfAborted();
      const answer = await this.client.query({
        ...this.statement(query, params),
        format: 'JSONEachRow',
        abort_signal,
      });
      return z.array(query.row).parse(await answer.json());
    });
  }

  /** The first row, or undefined. */
  async row<P extends Record<string, unknown>, R>(query: TypedQuery<P, R>, params: NoInfer<P>): Promise<R | undefined> {
    return (await this.rows(query, params))[0];
  }

  /** Streams a query of any size in batches as they arrive, holding one batch in memory. Leaving the loop or aborting cancels the query. */
  async *stream<P extends Record<string, unknown>, R>(
    query: TypedQuery<P, R>,
    params: NoInfer<P>,
    signal?: AbortSignal,
  ): AsyncGenerator<R[]> {
    const answer = await this.guard(() =>
      this.client.query({
        ...this.statement(query, params),
        format: 'JSONEachRow',
        ...(signal && { abort_signal: signal }),
      }),
    );
    const stream = answer.stream();
    try {
      for await (const batch of stream as AsyncIterable<{ json(): unknown }[]>)
        yield batch.map((row) => query.row.parse(row.json()));
    } catch (error) {
      throw unavailableOr(error);
    } finally {
      stream.destroy();
    }
  }

  /**
   * Inserts rows in one block. A repeat stores them again: tables that are written so keep one of equal rows. Where the table remembers tokens, one that came
   * before stores nothing, whatever the rows: it names what is to be there once.
   * @param row checks each row before anything is sent
   * @param signal breaks it off; whether it has taken effect is unknown then
   * @param everywhere acknowledged by a majority of the replicas, where there are some: a query with `select_sequential_consistency` sees it on each of them
   */
  async insert<R>(
    table: string,
    row: z.ZodType<R>,
    rows: readonly NoInfer<R>[],
    { signal, token, everywhere }: { signal?: AbortSignal; token?: string; everywhere?: true } = {},
  ): Promise<void> {
    if (rows.length === 0) return;
    const values = z.array(row).parse(rows);
    this.onInsert?.(table, Object.keys(values[0] as object));
    const abort_signal = within(INSERT_SECONDS, signal);
    await this.guard(() => {
      abort_signal.throwIfAborted(); // the client looks for what happens from now on
      return this.client.insert({
        table,
        format: 'JSONEachRow',
        values,
        abort_signal,
        clickhouse_settings: { ...inserting(token), ...(everywhere && QUORUM) },
      });
    });
  }

  /**
   * Inserts one block that is already in the Native format. The same token again stores nothing: it must contain a hash of the block.
   * @param signal breaks it off; whether it has taken effect is unknown then, as it is after {@link NATIVE_INSERT_SECONDS}
   */
  async insertNative(
    table: string,
    columns: readonly string[],
    block: Buffer,
    token: string,
    signal?: AbortSignal,
  ): Promise<void> {
    this.onInsert?.(table, columns);
    const query = `INSERT INTO ${table} (${columns.join(', ')}) FORMAT Native`;
    const abort_signal = within(NATIVE_INSERT_SECONDS, signal);
    await this.guard(async () => {
      abort_signal.throwIfAborted();
      const { stream } = await this.client.exec({
        query,
        abort_signal,
        values: Readable.from([block], { objectMode: false }),
        clickhouse_settings: inserting(token),
      });
      stream.resume();
    });
  }

  /** Streams a query that has a binary format of its own, in chunks of whole records of `width` bytes. */
  async *binary<P extends Record<string, unknown>, R>(
    query: TypedQuery<P, R>,
    params: NoInfer<P>,
    width: number,
  ): AsyncGenerator<Buffer> {
    const { stream } = await this.guard(() => this.client.exec(this.statement(query, params)));
    let rest = Buffer.alloc(0);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      const whole = bytes.length - (bytes.length % width);
      if (whole > 0) yield bytes.subarray(0, whole);
      rest = Buffer.from(bytes.subarray(whole));
    }
  }

  /**
   * Streams the answer of a query that names its format itself, as bytes. What the engine says in the middle of it is part of them: whoever reads them checks that
   * they are whole, by the format.
   */
  async *bytes<P extends Record<string, unknown>, R>(
    query: TypedQuery<P, R>,
    params: NoInfer<P>,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const terms = { ...this.statement(query, params), ...(signal && { abort_signal: signal }) };
    const { stream } = await this.guard(() => this.client.exec(terms));
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw unavailableOr(error);
    } finally {
      stream.destroy();
    }
  }

  /** Runs an insert whose rows come as bytes in the format that it names. @throws ClickHouseError when they are not of that format */
  async insertBytes<P extends Record<string, unknown>, R>(
    query: TypedQuery<P, R>,
    params: NoInfer<P>,
    rows: AsyncIterable<Buffer>,
    signal?: AbortSignal,
  ): Promise<void> {
    const values = Readable.from(rows, { objectMode: false });
    const terms = { ...this.statement(query, params), values, ...(signal && { abort_signal: signal }) };
    await this.guard(async () => {
      const { stream } = await this.client.exec(terms);
      for await (const _ of stream);
    });
  }

  /** Runs a query file that changes data and answers nothing. */
  async run<P extends Record<string, unknown>, R>(query: TypedQuery<P, R>, params: NoInfer<P>): Promise<void> {
    const abort_signal = within(query.limits.seconds + SLACK_SECONDS);
    await this.guard(() => this.client.command({ ...this.statement(query, params), abort_signal }));
  }

  /** For statements of migrations and of upkeep. */
  async command(statement: string, settings: ClickHouseSettings = {}): Promise<void> {
    await this.guard(() => this.client.command({ query: statement, clickhouse_settings: settings }));
  }

  /** Forgets the rows of a partition. A repeat does nothing. @param partition its id, as the virtual column `_partition_id` has it */
  async dropPartition(table: string, partition: string): Promise<void> {
    const query = 'ALTER TABLE {table:Identifier} DROP PARTITION ID {partition:String}';
    await this.guard(() => this.client.command({ query, query_params: { table, partition } }));
  }

  /** Makes one part of a partition; nothing where it is one. Takes as long as it takes to write it again. @param partition as in `dropPartition` */
  async mergePartition(table: string, partition: string): Promise<void> {
    const query = 'OPTIMIZE TABLE {table:Identifier} PARTITION ID {partition:String} FINAL';
    const clickhouse_settings = { optimize_skip_merged_partitions: 1 } as const;
    await this.guard(() => this.client.command({ query, query_params: { table, partition }, clickhouse_settings }));
  }

  /** Hides rows at once, those whose columns have these values: a lightweight delete. A repeat does nothing. No query file: the engine cannot explain one. */
  async deleteRows(table: string, equal: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(equal);
    const where = pairs.map((_, index) => `{column${index}:Identifier} = {value${index}:String}`).join(' AND ');
    const params = pairs.flatMap(([column, value], index) => [
      [`column${index}`, column],
      [`value${index}`, value],
    ]);
    const query = `DELETE FROM {table:Identifier} WHERE ${where}`;
    const query_params = { table, ...(Object.fromEntries(params) as Record<string, string>) };
    await this.guard(() => this.client.command({ query, query_params }));
  }

  /** Has the engine work out how it would run a query, and nothing more. @throws ClickHouseError when it could not */
  async explain(sql: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    // Rows that would come with the request are none here: a table of the same structure takes their place.
    const query = /\binput\(/.test(sql) ? sql.replace(/\binput\(/, 'null(').replace(/\nFORMAT \w+\s*$/, '') : sql;
    await this.guard(() => this.client.command({ query: `EXPLAIN PIPELINE ${query}`, query_params: params }));
  }

  get database(): string {
    return this.address.database;
  }

  /** Another database of the same server, over connections of its own: to be closed like this one. */
  inDatabase(database: string): ClickHouse {
    return new ClickHouse({ ...this.address, database });
  }

  /** @throws DomainError `unavailable` */
  async ping(): Promise<void> {
    const answer = await this.client.ping({ select: true });
    if (!answer.success) throw unavailableOr(answer.error);
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private statement<P extends Record<string, unknown>, R>(query: TypedQuery<P, R>, params: P) {
    const { seconds, memory, threads } = query.limits;
    return {
      query: query.sql,
      query_params: query.params.parse(params) as Record<string, unknown>,
      clickhouse_settings: {
        log_comment: query.name,
        max_execution_time: seconds,
        max_memory_usage: String(memory),
        ...(threads !== undefined && { max_threads: threads }),
      } satisfies ClickHouseSettings,
    };
  }

  /** A read is repeated once when its connection broke: the engine may have closed it just as it was used, or have come back from a crash. */
  private async guardRead<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!isConnectionError(error)) throw unavailableOr(error);
      return this.guard(read);
    }
  }

  private async guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw unavailableOr(error);
    }
  }
}

const inserting = (token: string | undefined): ClickHouseSettings => ({
  input_format_skip_unknown_fields: 0,
  async_insert: 0,
  ...(token !== undefined && { insert_deduplication_token: token }),
});

const QUORUM: ClickHouseSettings = { insert_quorum: 'auto', insert_quorum_parallel: 0 };

/** An insert of a block is given up after this long, in seconds: its caller repeats it under its token. */
export const NATIVE_INSERT_SECONDS = 20;
/** An insert of rows is given up after this long, in seconds. */
const INSERT_SECONDS = 30;
/** What the engine may take beyond a query's own limit until the call is given up. */
const SLACK_SECONDS = 5;

function within(seconds: number, signal?: AbortSignal): AbortSignal {
  const deadline = AbortSignal.timeout(seconds * 1000);
  return signal ? AbortSignal.any([signal, deadline]) : deadline;
}
