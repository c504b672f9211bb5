import {
  ClickHouseLogLevel,
  createClient,
  ClickHouseError,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import type { ClickhouseConnection } from '../connections';
import type { Stillness } from '../core/comparison';
import type { ClickhouseDataSet, DataSetKind } from '../core/data-set';
import type { LogicalType, TableColumn, TypeKind } from '../core/logical-type';
import { clickhouseDialect, innerType } from './clickhouse-dialect';
import { codeOf, failed, isGone, refused, slow, unavailable, unknownTable } from './failures';
import type { Blocks, KeyRange, OpenOptions, ProfiledTable, RowPlan, Source } from './source';
import type { ReadColumn } from '../core/plan';
import { Statements } from './statement';

/** Where a sort or a grouping goes to disk, in bytes. */
const TO_DISK_BYTES = 256 * 1024 * 1024;
/** An exception in the middle of an answer is at its end; its text may be this long. */
const TAIL = 65_536;

/** How a table is named in a statement, and how it is read; what differs for a file. */
export interface ClickhouseTable {
  readonly kind: DataSetKind;
  readonly expression: string;
  readonly stillness: Stillness;
  readonly settings: ClickHouseSettings;
  /** Instead of what the store says of the columns. */
  readonly columns?: readonly TableColumn[];
  readonly changed: () => Promise<boolean | undefined>;
}

/** A table over the HTTP interface. Each statement sees the parts that were there when it began. */
export class ClickhouseSource implements Source, ProfiledTable {
  private readonly client: ClickHouseClient;
  private readonly statements: Statements;

  constructor(
    readonly title: string,
    { url, user, password = '', database }: ClickhouseConnection,
    readonly table: ClickhouseTable,
    private readonly options: OpenOptions,
  ) {
    this.statements = new Statements(clickhouseDialect, table.expression);
    this.client = createClient({
      ...{ url, username: user, password, database, request_timeout: (options.statementSeconds + 10) * 1000 },
      application: 'holdfast-diff',
      log: { level: ClickHouseLogLevel.OFF }, // its lines quote queries and data; errors reach the caller anyway
      // A merge takes from both sides in turn: a connection that waits is not idle.
      keep_alive: { enabled: false },
      clickhouse_settings: {
        max_execution_time: Math.ceil(options.statementSeconds),
        max_bytes_before_external_sort: String(TO_DISK_BYTES),
        max_bytes_before_external_group_by: String(TO_DISK_BYTES),
        // What is still coming after a timeout would be taken for the end.
        timeout_overflow_mode: 'throw',
        session_timezone: 'UTC',
        output_format_decimal_trailing_zeros: 0,
        ...table.settings,
      },
    });
  }

  static async open(
    title: string,
    connection: ClickhouseConnection,
    { schema, table }: ClickhouseDataSet,
    options: OpenOptions,
  ): Promise<ClickhouseSource> {
    const { quote } = clickhouseDialect;
    const source = new ClickhouseSource(
      title,
      connection,
      {
        ...{ kind: 'clickhouse', stillness: 'statement', settings: {} },
        expression: `${schema === undefined ? '' : `${quote(schema)}.`}${quote(table)}`,
        changed: () => Promise.resolve(undefined),
      },
      options,
    );
    try {
      await source.describe();
    } catch (error) {
      await source.close();
      throw error;
    }
    return source;
  }

  get kind(): DataSetKind {
    return this.table.kind;
  }
  get stillness(): Stillness {
    return this.table.stillness;
  }

  async describe(): Promise<readonly TableColumn[]> {
    if (this.table.columns) return this.table.columns;
    const rows = await this.ask<{ name: string; type: string }>(`describe table ${this.table.expression}`);
    return rows.map(({ name, type }) => ({
      ...{ name, native: type, type: typeOf(innerType(type)) },
      nullable: /Nullable\(/.test(type),
    }));
  }

  keysAreUnique(): Promise<boolean> {
    return Promise.resolve(false); // a primary key of ClickHouse is an order
  }

  read(plan: RowPlan, range: KeyRange): AsyncIterator<Buffer> {
    return this.lines(this.statements.rows(plan, range));
  }

  digests(plan: RowPlan, range: KeyRange, blocks: Blocks): AsyncIterator<Buffer> {
    return this.lines(this.statements.digests(plan, range, blocks));
  }

  profile(column: ReadColumn, bound: number): AsyncIterator<Buffer> {
    return this.lines(this.statements.profile(column, bound));
  }

  private async *lines(statement: string): AsyncGenerator<Buffer> {
    const { signal } = this.options;
    signal.throwIfAborted();
    const stopping = new AbortController();
    try {
      const { stream } = await this.client.exec({
        query: `${statement} format TSV`,
        abort_signal: AbortSignal.any([signal, stopping.signal]),
      });
      let tail: Buffer = Buffer.alloc(0);
      for await (const part of stream) {
        const chunk = part as Buffer;
        tail = chunk.length >= TAIL ? chunk.subarray(-TAIL) : Buffer.concat([tail, chunk]).subarray(-TAIL);
        yield chunk;
      }
      const thrown = exceptionIn(tail.toString('utf8'));
      if (thrown) throw thrown;
    } catch (error) {
      throw this.explain(error);
    } finally {
      stopping.abort(); // the server ends a query whose reader has gone
    }
  }

  async ask<Row>(query: string): Promise<Row[]> {
    this.options.signal.throwIfAborted();
    try {
      const answer = await this.client.query({ query, format: 'JSONEachRow', abort_signal: this.options.signal });
      return await answer.json<Row>();
    } catch (error) {
      throw this.explain(error);
    }
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  changedWhileRead(): Promise<boolean | undefined> {
    return this.table.changed();
  }

  close(): Promise<void> {
    return this.client.close();
  }

  protected explain(error: unknown): unknown {
    if (this.options.signal.aborted) return this.options.signal.reason;
    if (error instanceof ClickHouseError) {
      const name = error.type ?? error.code;
      if (/^(TIMEOUT_EXCEEDED|TOO_SLOW)$/.test(name)) return slow(this.title, error);
      if (
        /^(AUTHENTICATION_FAILED|REQUIRED_PASSWORD|WRONG_PASSWORD|UNKNOWN_USER|ACCESS_DENIED|UNKNOWN_DATABASE)$/.test(
          name,
        )
      )
        return refused(this.title, name, error);
      if (name === 'UNKNOWN_TABLE') return unknownTable(this.title, error);
      return failed(this.title, name, error);
    }
    if (isGone(error) || /timeout|aborted|socket|terminated/i.test((error as Error).message))
      return unavailable(this.title, codeOf(error) || 'the connection ended', error);
    return error;
  }
}

/** What went wrong after the answer had begun. Rows have no line that begins so: carriage returns are escaped there. */
function exceptionIn(tail: string): ClickHouseError | undefined {
  const match = /(?:__exception__\r\n\S+\r\n|(?:^|\n))Code: (\d+)\. (?:DB::Exception: .*\(([A-Z_]+)\))?/s.exec(tail);
  if (!match || !/__exception__|DB::Exception/.test(tail)) return undefined;
  return new ClickHouseError({
    message: 'an exception in the middle of the answer',
    code: match[1]!,
    type: match[2] ?? 'unknown',
  });
}

function typeOf(inner: string): LogicalType {
  const decimal = /^Decimal\(\d+, (\d+)\)$/.exec(inner);
  if (decimal) return { kind: 'decimal', scale: Number(decimal[1]) };
  if (/^(Fixed)?String/.test(inner)) return { kind: 'text', mayBeBytes: true };
  if (/^U?Int\d+$/.test(inner)) return { kind: 'integer' };
  if (/^Enum/.test(inner)) return { kind: 'text' };
  if (/^DateTime/.test(inner)) return { kind: 'timestamp' };
  return { kind: KINDS[inner] ?? 'other' };
}

const KINDS: Readonly<Record<string, TypeKind>> = {
  Float32: 'float',
  Float64: 'float',
  Bool: 'boolean',
  UUID: 'uuid',
  Date: 'date',
  Date32: 'date',
};
