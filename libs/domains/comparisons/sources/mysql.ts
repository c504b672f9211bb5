import { createConnection, type Connection, type Query, type RowDataPacket } from 'mysql2';
import type { MysqlConnection } from '../connections';
import type { MysqlDataSet } from '../core/data-set';
import type { LogicalType, TableColumn, TypeKind } from '../core/logical-type';
import { codeOf, failed, isGone, refused, slow, unavailable, unknownTable } from './failures';
import { mysqlDialect } from './mysql-dialect';
import { RowQueue } from './row-queue';
import type { Blocks, KeyRange, OpenOptions, ProfiledTable, RowPlan, Source } from './source';
import type { ReadColumn } from '../core/plan';
import type { Stillness } from '../core/comparison';
import { Statements } from './statement';

const CONNECT_MS = 10_000;
/** A reader that waits for the other side must not be taken for one that has gone. */
const WRITE_SECONDS = 86_400;

/** One transaction with a consistent snapshot that cannot write. Each row is read as the one text that the server makes of it. */
export class MysqlSource implements Source, ProfiledTable {
  readonly kind = 'mysql';
  stillness: Stillness = 'snapshot';
  private connection: Connection | undefined;
  private isReading = false;
  private schema = '';

  private constructor(
    readonly title: string,
    private readonly place: MysqlConnection,
    private readonly dataSet: MysqlDataSet,
    private readonly options: OpenOptions,
  ) {}

  static async open(
    title: string,
    connection: MysqlConnection,
    dataSet: MysqlDataSet,
    options: OpenOptions,
  ): Promise<MysqlSource> {
    const source = new MysqlSource(title, connection, dataSet, options);
    await source.begin();
    return source;
  }

  private connect(): Connection {
    const { host, port = 3306, user, password = '', database, tls } = this.place;
    const connection = createConnection({
      ...{ host, port, user, password, database, connectTimeout: CONNECT_MS, charset: 'utf8mb4' },
      ...(tls === undefined ? {} : { ssl: { rejectUnauthorized: tls === 'verify' } }),
    });
    connection.on('error', () => undefined); // told to whoever reads
    return connection;
  }

  private async begin(): Promise<void> {
    this.connection = this.connect();
    this.schema = this.dataSet.schema ?? this.place.database;
    const { statementSeconds } = this.options;
    try {
      const [{ version }] = (await this.ask<{ version: string }>('select version() as version')) as [
        { version: string },
      ];
      const limit = /mariadb/i.test(version)
        ? `max_statement_time = ${statementSeconds}`
        : `max_execution_time = ${Math.ceil(statementSeconds * 1000)}`;
      await this.ask(
        `set session ${limit}, time_zone = '+00:00', sql_mode = 'ANSI_QUOTES', group_concat_max_len = 1073741824, net_write_timeout = ${WRITE_SECONDS}, max_sort_length = 65536, transaction_isolation = 'REPEATABLE-READ'`.replace(
          'transaction_isolation',
          /mariadb/i.test(version) ? 'tx_isolation' : 'transaction_isolation',
        ),
      );
      await this.ask('start transaction with consistent snapshot, read only');
    } catch (error) {
      this.drop();
      throw this.explain(error);
    }
  }

  /** After a statement that was cut short: a snapshot is its connection's alone. */
  private async beginAgain(): Promise<void> {
    await this.begin();
    this.stillness = 'statement';
  }

  private get statements(): Statements {
    return new Statements(mysqlDialect, `${mysqlDialect.quote(this.schema)}.${mysqlDialect.quote(this.dataSet.table)}`);
  }

  async describe(): Promise<readonly TableColumn[]> {
    const { schema } = this;
    const { table } = this.dataSet;
    const rows = await this.query<Described>(
      `select column_name as name, column_type as native, data_type as base, is_nullable as nullable, numeric_scale as scale
       from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position`,
      [schema, table],
    );
    if (rows.length === 0) throw unknownTable(this.title);
    const [engine] = await this.query<{ engine: string | null }>(
      'select engine from information_schema.tables where table_schema = ? and table_name = ?',
      [schema, table],
    );
    // Other engines take no part in transactions; of a view, what is below decides.
    if (engine?.engine !== 'InnoDB') this.stillness = 'statement';
    return rows.map((row) => ({
      name: row.name,
      native: row.native,
      nullable: row.nullable === 'YES',
      type: typeOf(row),
    }));
  }

  async keysAreUnique(columns: readonly string[]): Promise<boolean> {
    const rows = await this.query<{ name: string; column: string | null; nullable: string; part: number | null }>(
      'select index_name as name, column_name as "column", nullable, sub_part as part from information_schema.statistics where table_schema = ? and table_name = ? and non_unique = 0',
      [this.schema, this.dataSet.table],
    );
    const names = new Set(rows.map(({ name }) => name));
    return [...names].some((index) =>
      rows
        .filter(({ name }) => name === index)
        .every(
          ({ column, nullable, part }) =>
            part === null && nullable !== 'YES' && column !== null && columns.includes(column),
        ),
    );
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
    if (!this.connection) await this.beginAgain();
    const connection = this.connection!;
    const queue = new RowQueue(connection);
    const query: Query = connection.query({ sql: statement, rowsAsArray: true, typeCast: (field) => field.buffer() });
    query.on('result', (row: unknown) => {
      const [line] = row as [Buffer | null];
      if (line === null)
        queue.fail(Object.assign(new Error('a row is wider than max_allowed_packet'), { code: 'ER_ROW_TOO_WIDE' }));
      else queue.push(line);
    });
    query.on('error', (error: Error) => queue.fail(error));
    query.on('end', () => queue.end());
    // A connection that is lost tells itself, and not the query.
    const lost = (error: Error): void => queue.fail(error);
    connection.on('error', lost);
    const aborted = (): void => queue.fail(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    this.isReading = true;
    let isComplete = false;
    try {
      for (let chunk = await queue.next(); chunk; chunk = await queue.next()) yield chunk;
      isComplete = true;
      this.isReading = false;
    } catch (error) {
      throw this.explain(error);
    } finally {
      signal.removeEventListener('abort', aborted);
      connection.off('error', lost);
      // The rest would have to be read before anything else.
      if (!isComplete) this.drop();
    }
  }

  private async query<Row>(statement: string, values: readonly unknown[]): Promise<Row[]> {
    this.options.signal.throwIfAborted();
    try {
      if (!this.connection) await this.beginAgain();
      return await this.ask<Row>(statement, values);
    } catch (error) {
      throw this.explain(error);
    }
  }

  private ask<Row>(statement: string, values: readonly unknown[] = []): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.connection!.query<RowDataPacket[]>(statement, [...values], (error, rows) =>
        error ? reject(error) : resolve(rows as Row[]),
      );
    });
  }

  async refresh(): Promise<void> {
    this.drop();
    await this.begin();
  }

  changedWhileRead(): Promise<boolean | undefined> {
    return Promise.resolve(undefined); // a snapshot does not see it
  }

  close(): Promise<void> {
    this.drop();
    return Promise.resolve();
  }

  /** Ends the connection. A statement that runs there is killed: the server looks for its reader only when it has something to say. */
  private drop(): void {
    const { connection } = this;
    this.connection = undefined;
    if (!connection) return;
    const { threadId } = connection;
    connection.destroy();
    if (!this.isReading || !threadId) return;
    this.isReading = false;
    const killer = this.connect();
    killer.query(`kill query ${threadId}`, () => killer.destroy());
  }

  private explain(error: unknown): unknown {
    if (this.options.signal.aborted) return this.options.signal.reason;
    const code = codeOf(error);
    const { errno } = error as { errno?: number };
    if (code === 'ER_STATEMENT_TIMEOUT' || code === 'ER_QUERY_TIMEOUT' || errno === 1969 || errno === 3024)
      return slow(this.title, error);
    if (/^ER_(ACCESS_DENIED|DBACCESS_DENIED|TABLEACCESS_DENIED|COLUMNACCESS_DENIED|BAD_DB)/.test(code))
      return refused(this.title, code, error);
    if (code === 'ER_NO_SUCH_TABLE') return unknownTable(this.title, error);
    if (isGone(error) || /^ER_(SERVER_SHUTDOWN|CONNECTION_KILLED|CON_COUNT)/.test(code))
      return unavailable(this.title, code, error);
    // Errors in a statement quote it, and no data.
    if (/^ER_(PARSE_ERROR|BAD_FIELD)/.test(code)) return failed(this.title, code, error, (error as Error).message);
    return code === '' ? error : failed(this.title, code, error);
  }
}

interface Described {
  readonly name: string;
  readonly native: string;
  readonly base: string;
  readonly nullable: string;
  readonly scale: number | null;
}

const KINDS: Readonly<Record<string, TypeKind>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  year: 'integer',
  bit: 'integer',
  decimal: 'decimal',
  float: 'float',
  double: 'float',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  enum: 'text',
  set: 'text',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  timestamp: 'timestamp',
  json: 'json',
};

function typeOf({ base, scale }: Described): LogicalType {
  const kind = KINDS[base] ?? 'other';
  return kind === 'decimal' && scale !== null ? { kind, scale } : { kind };
}
