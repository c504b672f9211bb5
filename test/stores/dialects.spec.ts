import { createClient, type ClickHouseClient } from '@clickhouse/client';
import * as fc from 'fast-check';
import type { Connection } from 'mysql2/promise';
import type { Client } from 'pg';
import { LineReader } from '../../libs/domains/comparisons/core/line-reader';
import { planColumns } from '../../libs/domains/comparisons/core/plan';
import { openSources } from '../../libs/domains/comparisons/sources/open';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '../../libs/platform/clickhouse/embedded-engine';
import {
  mysqlClient,
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';
import { mysqlTable, postgresqlTable, runCompare, type Place } from './run-compare';

let pg: StoreServer;
let maria: StoreServer;
let engine: EmbeddedClickHouse;
let inPg: Client;
let inMaria: Connection;
let inEngine: ClickHouseClient;

beforeAll(async () => {
  const places = placesOfStores();
  [pg, maria, engine] = await Promise.all([startPostgresql(places), startMariadb(places), startEmbeddedClickHouse()]);
  inPg = await postgresqlClient(pg.port);
  inMaria = await mysqlClient(maria.port);
  inEngine = createClient({ url: engine.url, username: 'default', password: engine.password, database: 'app' });
  await inMaria.query(
    "create database shop character set utf8mb4; use shop; set sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES', time_zone = '+00:00'",
  );
}, 120_000);
afterAll(async () => {
  await inPg?.end();
  await inMaria?.end();
  await inEngine?.close();
  await Promise.all([pg?.stop(), maria?.stop(), engine?.stop()]);
});

type Stored = string | null;

interface Family {
  readonly name: string;
  /** Types in PostgreSQL, MariaDB and ClickHouse, in which each value is exactly what its text says. */
  readonly types: readonly [string, string, string];
  readonly values: fc.Arbitrary<string>;
  /** Whether equal values have equal bytes, so that digests agree. */
  readonly digests: boolean;
  /** The text as MariaDB takes it, and as ClickHouse does. */
  readonly inMaria?: (text: string) => unknown;
  readonly inEngine?: (text: string) => unknown;
  /** Whether values may be a key. */
  readonly isKey?: false;
}

const digits = (scale: number, most: bigint): fc.Arbitrary<string> =>
  fc.bigInt({ min: -most, max: most }).map((number) => {
    const text = String(number < 0n ? -number : number).padStart(scale + 1, '0');
    return `${number < 0n ? '-' : ''}${scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`}`;
  });
const instant = (least: string, most: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.date({ min: new Date(least), max: new Date(most), noInvalidDate: true }),
      fc.oneof(fc.constant(0), fc.nat(999)),
    )
    .map(([date, micros]) => `${date.toISOString().slice(0, 23).replace('T', ' ')}${String(micros).padStart(3, '0')}`);
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('', ' ', 'a ', "it's", '\\N', 'NULL', 'a\tb\nc\\d\re', '\u00a0', 'ß', 'SS', '\uE000', '\u{10FFFF}'),
  )
  .map((value) => value.replaceAll('\0', '').toWellFormed());

const FAMILIES: readonly Family[] = [
  {
    name: 'bigint',
    types: ['bigint', 'bigint', 'Int64'],
    values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    digests: true,
  },
  {
    name: 'small integers',
    types: ['smallint', 'int', 'Int16'],
    values: fc.integer({ min: -32768, max: 32767 }).map(String),
    digests: true,
  },
  {
    name: 'decimals of one scale',
    types: ['numeric(20,4)', 'decimal(20,4)', 'Decimal(20,4)'],
    values: digits(4, 10n ** 19n),
    digests: true,
  },
  {
    name: 'decimals of several scales',
    types: ['numeric', 'decimal(30,6)', 'Decimal(38,9)'],
    values: digits(3, 10n ** 18n),
    digests: true,
  },
  {
    name: 'whole numbers as decimals',
    types: ['bigint', 'decimal(20,0)', 'Decimal(38,5)'],
    values: digits(0, 10n ** 17n),
    digests: true,
  },
  {
    name: 'doubles',
    types: ['double precision', 'double', 'Float64'],
    values: fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Object.is(value, -0) && (value === 0 || Math.abs(value) > 1e-300))
      .map(String),
    digests: false,
    isKey: false,
  },
  {
    name: 'floats',
    types: ['real', 'float', 'Float32'],
    values: fc
      .float({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Object.is(value, -0) && (value === 0 || Math.abs(value) > 1e-35))
      .map(String),
    digests: false,
    isKey: false,
  },
  {
    name: 'booleans',
    types: ['boolean', 'boolean', 'Bool'],
    values: fc.constantFrom('1', '0'),
    digests: true,
    isKey: false,
    inEngine: (value) => value === '1',
  },
  { name: 'texts', types: ['text', 'text', 'String'], values: text, digests: true },
  {
    name: 'texts of other collations',
    types: [
      'varchar(40) collate "C"',
      'varchar(40) character set utf8mb4 collate utf8mb4_general_ci',
      'LowCardinality(String)',
    ],
    values: text.map((value) => value.replace(/ +$/, '')),
    digests: true,
  },
  {
    name: 'Latin texts',
    types: ['varchar(9)', 'varchar(9) character set latin1', 'FixedString(18)'],
    values: fc.string({ unit: fc.constantFrom('a', 'A', 'z', ' ', 'é', 'É', 'ß', 'ÿ'), maxLength: 9 }),
    digests: true,
  },
  {
    name: 'UUIDs',
    types: ['uuid', 'char(36)', 'UUID'],
    values: fc.uuid(),
    digests: true,
    inMaria: (value) => value.toUpperCase(),
  },
  {
    name: 'UUIDs of MariaDB',
    types: ['uuid', 'uuid', 'String'],
    values: fc.uuid({ version: 4 }),
    digests: true,
    inEngine: (value) => value.toUpperCase(),
  },
  {
    name: 'bytes',
    types: ['bytea', 'varbinary(20)', 'String'],
    values: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    digests: true,
    inMaria: (value) => Buffer.from(value, 'hex'),
  },
  {
    name: 'dates',
    types: ['date', 'date', 'Date32'],
    values: instant('1900-01-01', '2299-12-31').map((value) => value.slice(0, 10)),
    digests: true,
  },
  {
    name: 'times with a zone',
    types: ['timestamptz', 'timestamp(6)', "DateTime64(6, 'Asia/Kolkata')"],
    values: instant('1971-01-01', '2037-12-31'),
    digests: true,
    inEngine: (value) => `${value}Z`,
  },
  {
    name: 'times without one',
    types: ['timestamp', 'datetime(6)', "DateTime64(9, 'UTC')"],
    values: instant('1900-01-01', '2261-12-31'),
    digests: true,
  },
  {
    name: 'whole seconds',
    types: ['timestamp(0)', 'datetime', 'DateTime'],
    values: instant('1971-01-01', '2037-12-31').map((value) => value.slice(0, 19)),
    digests: true,
  },
];

const KINDS = ['postgresql', 'mysql', 'clickhouse'] as const;
const place = (kind: string, table: string): Place => {
  if (kind === 'postgresql') return postgresqlTable(pg.port, table);
  if (kind === 'mysql') return mysqlTable(maria.port, table);
  return {
    dataSet: { kind: 'clickhouse', connection: `ch ${table}`, table },
    connection: { kind: 'clickhouse', url: engine.url, user: 'default', password: engine.password, database: 'app' },
  };
};

/** One table of these values in each store. */
async function store(family: Family, table: string, values: readonly Stored[], nullable = true): Promise<void> {
  const [ofPg, ofMaria, ofEngine] = family.types;
  const ids = values.map((_, at) => at + 1);
  const maybe = (type: string): string =>
    !nullable ? type : type.startsWith('LowCardinality') ? 'LowCardinality(Nullable(String))' : `Nullable(${type})`;
  const isBytes = family.name === 'bytes';
  await inPg.query(
    `drop table if exists ${table}; create table ${table} (id bigint primary key, value ${ofPg} ${nullable ? '' : 'not null'})`,
  );
  await inPg.query(
    `insert into ${table} select id, ${isBytes ? "decode(value, 'hex')" : family.name === 'booleans' ? 'value::int::boolean' : `value::${ofPg.replace(/ collate.*/, '')}`} from unnest($1::bigint[], $2::text[]) as given(id, value)`,
    [ids, values],
  );
  await inMaria.query(
    `drop table if exists ${table}; create table ${table} (id bigint primary key, value ${ofMaria} ${nullable ? 'null default null' : 'not null'})`,
  );
  const rows = values.map((value, at) => [at + 1, value === null ? null : (family.inMaria ?? String)(value)]);
  for (const row of rows) await inMaria.execute(`insert into ${table} values (?, ?)`, row as never);
  await inEngine.command({ query: `drop table if exists ${table}` });
  await inEngine.command({
    query: `create table ${table} (id Int64, value ${maybe(ofEngine)}) engine = MergeTree order by id`,
  });
  await inEngine.insert({
    ...{ table, format: 'JSONEachRow' },
    values: values.map((value, at) => ({
      id: String(at + 1),
      value: value === null ? null : (family.inEngine ?? String)(value),
    })),
    clickhouse_settings: { date_time_input_format: 'best_effort' },
  });
  if (isBytes)
    await inEngine.command({
      query: `alter table ${table} update value = unhex(value) where 1 settings mutations_sync = 1`,
    });
}

async function digestsOf(source: Place, target: Place): Promise<readonly string[]> {
  const all = new Map([source, target].map(({ dataSet, connection }) => [dataSet.connection, connection]));
  const sources = await openSources({ source: source.dataSet, target: target.dataSet }, (name) => all.get(name)!, {
    signal: new AbortController().signal,
    statementSeconds: 60,
  });
  try {
    const described = { source: await sources.source.describe(), target: await sources.target.describe() };
    const columns = planColumns(
      { ...{ source: source.dataSet, target: target.dataSet }, key: [{ name: 'id' }] },
      described,
    );
    return await Promise.all(
      (['source', 'target'] as const).map(async (side) => {
        const plan = {
          ...{ conditions: [], where: undefined, sampleShare: 1 },
          key: columns.key.map((one) => one[side]),
          values: columns.columns.map((one) => one[side]),
        };
        const reader = new LineReader(
          sources[side].digests!(plan, { spans: [{ low: -1_000n, high: 1_000n }] }, { size: 64 }),
        );
        while (await reader.fill());
        return reader.buffer.toString('utf8', reader.at, reader.end);
      }),
    );
  } finally {
    await sources.close();
  }
}

const ROWS = 150;
const seed = Number(process.env['HOLDFAST_SEED'] ?? 20_260_101);

describe.each(FAMILIES)('$name', (family) => {
  const values = fc.sample(fc.option(family.values, { freq: 8 }), { seed, numRuns: ROWS });
  /** Every third value is another one, where the sample has one. */
  const others = fc.sample(family.values, { seed: seed + 1, numRuns: ROWS });
  const changed = values.map((value, at) => (at % 3 === 0 ? (value === others[at] ? null : others[at]!) : value));
  const pairs = KINDS.flatMap((from, at) => KINDS.slice(at).map((to) => [from, to] as const));

  beforeAll(async () => {
    await store(family, 'these', values);
    await store(family, 'those', changed);
  }, 60_000);

  it('are the same in every store', async () => {
    for (const [from, to] of pairs) {
      const { differences, result } = await runCompare(place(from, 'these'), place(to, 'these'), {
        key: [{ name: 'id' }],
        method: 'stream',
      });
      expect([from, to, differences.slice(0, 2), result.counts.same]).toEqual([from, to, [], ROWS]);
    }
  });

  it('are found where they differ, and nowhere else', async () => {
    const expected = values.flatMap((value, at) => (value === changed[at] ? [] : [String(at + 1)]));
    for (const [from, to] of pairs)
      for (const method of ['stream', 'digest', 'join'] as const) {
        if (method === 'join' && !(from === 'postgresql' && to === 'postgresql')) continue;
        const { differences } = await runCompare(place(from, 'these'), place(to, 'those'), {
          key: [{ name: 'id' }],
          method,
          duplicates: 'multiset',
        });
        expect([from, to, method, differences.map(({ key }) => key[0])]).toEqual([from, to, method, expected]);
      }
  });

  it('have digests that agree where they are the same, and only there', async () => {
    for (const [from, to] of pairs) {
      const [ofOne, ofOther] = await digestsOf(place(from, 'these'), place(to, 'these'));
      expect(ofOne!.split('\n')).toHaveLength(4); // three blocks, and the end
      if (family.digests) expect([from, to, ofOther]).toEqual([from, to, ofOne]);
      const [, differing] = await digestsOf(place(from, 'these'), place(to, 'those'));
      for (const [at, block] of differing!.split('\n').slice(0, -1).entries())
        expect(block).not.toBe(ofOne!.split('\n')[at]);
    }
  });

  it('are a key in one order', async () => {
    if (family.isKey === false) return;
    const unique = [...new Set(values.filter((value) => value !== null))];
    await store(family, 'by_value', unique, false);
    for (const [from, to] of pairs) {
      const { differences, result } = await runCompare(place(from, 'by_value'), place(to, 'by_value'), {
        key: [{ name: 'value' }],
        method: 'stream',
      });
      expect([from, to, differences.slice(0, 2), result.counts.same]).toEqual([from, to, [], unique.length]);
    }
  }, 60_000);
});
