import { Client, type ClientConfig } from 'pg';
import type { PostgresqlConnection } from '../connections';
import type { PostgresqlDataSet, Side } from '../core/data-set';
import type { LogicalType, TableColumn, TypeKind } from '../core/logical-type';
import { CopyRows } from './copy-rows';
import { codeOf, failed, isGone, refused, slow, unavailable, unknownTable } from './failures';
import { postgresqlDialect } from './postgresql-dialect';
import type { Blocks, KeyRange, OpenOptions, ProfiledTable, RowPlan, Source } from './source';
import type { ReadColumn } from '../core/plan';
import { Statements } from './statement';

const CONNECT_MS = 10_000;

/** One transaction that sees one state throughout and cannot write. COPY is read: it is the cheapest form of rows. */
export class PostgresqlSource implements Source, ProfiledTable {
  readonly kind = 'postgresql';
  readonly stillness = 'snapshot';
  private keeper: Client | undefined;
  private reader: Client | undefined;
  private snapshot: string | undefined;
  private isUtf8 = true;

  private constructor(
    readonly title: string,
    private readonly connection: PostgresqlConnection,
    private readonly dataSet: PostgresqlDataSet,
    private readonly options: OpenOptions,
  ) {}

  static async open(
    title: string,
    connection: PostgresqlConnection,
    dataSet: PostgresqlDataSet,
    options: OpenOptions,
  ): Promise<PostgresqlSource> {
    const source = new PostgresqlSource(title, connection, dataSet, options);
    await source.begin();
    return source;
  }

  /** Two connections see one state: what keeps it, and what reads, which is ended when its reader has seen enough. */
  private async begin(): Promise<void> {
    try {
      this.keeper = await this.connect();
      const [row] = await this.query<Server>(
        "select current_setting('server_encoding') as encoding, pg_export_snapshot() as snapshot",
        [],
      );
      this.isUtf8 = row!.encoding === 'UTF8';
      this.snapshot = row!.snapshot;
    } catch (error) {
      await this.close();
      throw this.explain(error);
    }
  }

  private async connect(snapshot?: string): Promise<Client> {
    const { host, port = 5432, user, password, database, tls } = this.connection;
    const config: ClientConfig = {
      ...{ host, port, user, database, connectionTimeoutMillis: CONNECT_MS, application_name: 'holdfast diff' },
      // Undefined would have PGPASSWORD looked up, which belongs to somebody else.
      password: password ?? '',
      ...(tls === undefined ? {} : { ssl: { rejectUnauthorized: tls === 'verify' } }),
    };
    const client = new Client(config);
    client.on('error', () => undefined); // told to whoever reads
    try {
      await client.connect();
      for (const statement of this.session()) await client.query(statement);
      if (snapshot !== undefined) await client.query(`set transaction snapshot ${client.escapeLiteral(snapshot)}`);
      return client;
    } catch (error) {
      await end(client);
      throw error;
    }
  }

  private session(): readonly string[] {
    const { statementSeconds } = this.options;
    return [
      `set statement_timeout = ${Math.ceil(statementSeconds * 1000)}`,
      'set idle_in_transaction_session_timeout = 0',
      "set timezone = 'UTC'",
      "set datestyle = 'ISO, YMD'",
      "set intervalstyle = 'iso_8601'",
      'set extra_float_digits = 1',
      "set client_encoding = 'UTF8'",
      'set standard_conforming_strings = on',
      // Ends a statement whose reader has gone, also while it has nothing to say.
      'set client_connection_check_interval = 1000',
      'begin isolation level repeatable read read only',
    ];
  }

  private get table(): string {
    const { quote } = postgresqlDialect(true);
    const { schema, table } = this.dataSet;
    return schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;
  }

  private get statements(): Statements {
    return new Statements(postgresqlDialect(this.isUtf8), this.table);
  }

  async describe(): Promise<readonly TableColumn[]> {
    const rows = await this.query<Described>(
      `select attname as name, format_type(atttypid, null) as native, atttypmod as modifier, attnotnull as filled, typtype as class
       from pg_attribute join pg_type on pg_type.oid = atttypid
       where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
      [this.table],
    );
    if (rows.length === 0) throw unknownTable(this.title);
    return rows.map((row) => ({
      ...{ name: row.name, native: row.native, nullable: !row.filled },
      type: typeOf(row),
    }));
  }

  /** A key of a table holds for its partitions, and not for tables that inherit from it. */
  async keysAreUnique(columns: readonly string[]): Promise<boolean> {
    const rows = await this.query<{ columns: readonly string[] }>(
      `select array_agg(attname::text) as columns from pg_index
       join pg_attribute on attrelid = indrelid and attnum = any(indkey[0:indnkeyatts - 1])
       join pg_class on pg_class.oid = indrelid
       where indrelid = to_regclass($1) and (relkind = 'p' or not relhassubclass) and indisunique and indisvalid and indpred is null and indexprs is null and attnotnull
       group by indexrelid, indnkeyatts having count(*) = indnkeyatts`,
      [this.table],
    );
    return rows.some((index) => index.columns.every((column) => columns.includes(column)));
  }

  read(plan: RowPlan, range: KeyRange): AsyncIterator<Buffer> {
    return this.copy(this.statements.rows(plan, range));
  }

  digests(plan: RowPlan, range: KeyRange, blocks: Blocks): AsyncIterator<Buffer> {
    return this.copy(this.statements.digests(plan, range, blocks));
  }

  profile(column: ReadColumn, bound: number): AsyncIterator<Buffer> {
    return this.copy(this.statements.profile(column, bound));
  }

  canJoin(target: Source): boolean {
    if (!(target instanceof PostgresqlSource)) return false;
    const a = this.connection;
    const b = target.connection;
    return a.host === b.host && a.port === b.port && a.database === b.database && a.user === b.user;
  }

  join(target: Source, plans: Readonly<Record<Side, RowPlan>>, range: KeyRange): AsyncIterator<Buffer> {
    if (!(target instanceof PostgresqlSource)) throw new TypeError('canJoin was not asked');
    return this.copy(this.statements.join(target.statements, plans, range));
  }

  async count(plan: RowPlan, range: KeyRange): Promise<number> {
    let text = '';
    for await (const chunk of this.copy(this.statements.count(plan, range))) text += chunk.toString('latin1');
    return Number(text);
  }

  async rowBytes(): Promise<number | undefined> {
    const [row] = await this.query<{ bytes: number | null }>(
      'select case when reltuples > 0 then pg_table_size(oid) / reltuples end as bytes from pg_class where oid = to_regclass($1)',
      [this.table],
    );
    return row?.bytes ?? undefined;
  }

  private async *copy(statement: string): AsyncGenerator<Buffer> {
    const { signal } = this.options;
    signal.throwIfAborted();
    let isComplete = false;
    let client: Client | undefined;
    const rows = new CopyRows(`copy (${statement}) to stdout`);
    // A connection that ends takes its streams with it, and tells nobody.
    const gone = (): void => rows.fail(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    const aborted = (): void => rows.fail(signal.reason as Error);
    try {
      client = this.reader ?? (await this.connect(this.snapshot));
      this.reader = client;
      client.query(rows);
      client.once('end', gone);
      signal.addEventListener('abort', aborted, { once: true });
      for (let chunk = await rows.next(); chunk; chunk = await rows.next()) yield chunk;
      isComplete = true;
    } catch (error) {
      throw this.explain(error);
    } finally {
      client?.off('end', gone);
      signal.removeEventListener('abort', aborted);
      // The rest would have to be read before anything else; and what failed has ended its transaction.
      if (!isComplete && client) {
        if (this.reader === client) this.reader = undefined;
        await end(client);
      }
    }
  }

  private async query<Row extends object>(statement: string, values: readonly unknown[]): Promise<Row[]> {
    this.options.signal.throwIfAborted();
    try {
      return (await this.keeper!.query<Row>(statement, [...values])).rows;
    } catch (error) {
      throw this.explain(error);
    }
  }

  async refresh(): Promise<void> {
    await this.close();
    await this.begin();
  }

  changedWhileRead(): Promise<boolean | undefined> {
    return Promise.resolve(undefined); // a snapshot does not see it
  }

  async close(): Promise<void> {
    const { keeper, reader } = this;
    this.keeper = this.reader = undefined;
    if (reader) await end(reader);
    if (keeper) await end(keeper);
  }

  private explain(error: unknown): unknown {
    if (this.options.signal.aborted) return this.options.signal.reason;
    const code = codeOf(error);
    if (code === '57014') return slow(this.title, error);
    if (/^(28|3D|42501)/.test(code)) return refused(this.title, code, error);
    if (code === '42P01' || code === '3F000') return unknownTable(this.title, error);
    // Errors in a statement quote it, and no data.
    if (code.startsWith('42')) return failed(this.title, code, error, (error as Error).message);
    if (isGone(error) || /^(08|57P)/.test(code)) return unavailable(this.title, code, error);
    if (code === '' && /timeout|terminated|ended|closed/i.test((error as Error).message))
      return unavailable(this.title, 'the connection ended', error);
    return code === '' ? error : failed(this.title, code, error);
  }
}

/** Ends a connection at once, whatever runs there. */
async function end(client: Client): Promise<void> {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await client.end().catch(() => undefined);
}

interface Server {
  readonly encoding: string;
  readonly snapshot: string;
}

interface Described {
  readonly name: string;
  readonly native: string;
  readonly modifier: number;
  readonly filled: boolean;
  readonly class: string;
}

const KINDS: Readonly<Record<string, TypeKind>> = {
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  oid: 'integer',
  numeric: 'decimal',
  real: 'float',
  'double precision': 'float',
  boolean: 'boolean',
  text: 'text',
  'character varying': 'text',
  character: 'text',
  name: 'text',
  citext: 'text',
  bytea: 'bytes',
  uuid: 'uuid',
  date: 'date',
  'time without time zone': 'time',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamp',
  json: 'json',
  jsonb: 'json',
};

function typeOf({ native, modifier, class: typeClass }: Described): LogicalType {
  if (typeClass === 'e') return { kind: 'text' };
  const kind = KINDS[native] ?? 'other';
  // The modifier of numeric(p,s) holds both, behind a header of four bytes; a scale below 0 is in eleven bits.
  const scale = modifier < 4 ? undefined : (modifier - 4) & 0x7ff;
  return kind === 'decimal' && scale !== undefined && scale < 1024 ? { kind, scale } : { kind };
}
