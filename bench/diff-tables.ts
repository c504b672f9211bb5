import { mysqlClient, postgresqlClient } from '@holdfast/platform/testing/store-servers';

/** Shares of rows that differ, in percent. */
export const SHARES = [0, 0.01, 1, 10] as const;
export const nameOf = (prefix: string, share: number): string => `${prefix}_${String(share).replace('.', '_')}`;

export type Shape = 'narrow' | 'wide' | 'long';

/** Columns beside the key by shape, as both stores write them: `n` is the number of the row. */
const COLUMNS: Readonly<Record<Shape, readonly (readonly [name: string, type: string, value: string])[]>> = {
  narrow: [
    ['amount', 'decimal(12,2)', 'n * 1.25'],
    ['name', 'varchar(60)', "concat('customer ', md5(concat('', n)))"],
    ['seen', 'timestamp', ''],
  ],
  wide: Array.from({ length: 16 }, (_, at) =>
    at % 2 === 0
      ? ([`number_${at}`, 'bigint', `n * ${at + 1}`] as const)
      : ([`text_${at}`, 'varchar(40)', `concat('value ', n % ${1000 + at})`] as const),
  ),
  long: [['body', 'text', "repeat(md5(concat('', n)), 128)"]],
};

/** What is compared of a shape, without the key. */
export const columnsOf = (shape: Shape): string[] => COLUMNS[shape].map(([name]) => name);

/** Statements that make a table of so many rows, and change a share of them. */
function statementsFor(
  store: 'postgresql' | 'mysql',
  shape: Shape,
  name: string,
  rows: number,
  share: number,
): string[] {
  const isPostgresql = store === 'postgresql';
  const seen = isPostgresql
    ? "'2026-01-01'::timestamp + n * interval '1.000123 s'"
    : "timestampadd(microsecond, n * 1000123, '2026-01-01')";
  const columns = COLUMNS[shape].map(([column, type, value]) => ({
    definition: `${column} ${column === 'seen' && !isPostgresql ? 'datetime(6)' : type}`,
    value: column === 'seen' ? seen : value,
  }));
  const numbers = isPostgresql
    ? `generate_series(1::bigint, ${rows}) n`
    : `(select seq as n from seq_1_to_${rows}) numbers`;
  const changed = shape === 'long' ? "body = concat('x', body)" : shape === 'wide' ? 'number_8 = -1' : 'amount = -1';
  // Spread evenly.
  const every = share === 0 ? 0 : Math.round(100 / share);
  return [
    `create table ${name} (id bigint primary key, ${columns.map(({ definition }) => definition).join(', ')})`,
    `insert into ${name} select n, ${columns.map(({ value }) => value).join(', ')} from ${numbers}`,
    ...(every === 0 ? [] : [`update ${name} set ${changed} where id % ${every} = 0`]),
    isPostgresql ? `vacuum analyze ${name}` : `analyze table ${name}`,
  ];
}

export interface TableToMake {
  /** Of PostgreSQL. */
  readonly database: string;
  readonly shape: Shape;
  readonly name: string;
  readonly rows: number;
  readonly share: number;
}

export async function makeInPostgresql(
  port: number,
  { database, shape, name, rows, share }: TableToMake,
): Promise<void> {
  const client = await postgresqlClient(port, database);
  for (const statement of statementsFor('postgresql', shape, name, rows, share)) await client.query(statement);
  await client.end();
}

export async function makeInMariadb(port: number, { shape, name, rows, share }: TableToMake): Promise<void> {
  const client = await mysqlClient(port);
  await client.query(
    "create database if not exists bench character set utf8mb4; use bench; set sql_mode = '', time_zone = '+00:00'",
  );
  for (const statement of statementsFor('mysql', shape, name, rows, share)) await client.query(statement);
  await client.end();
}
