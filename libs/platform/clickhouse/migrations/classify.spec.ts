import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { classify } from './classify';
import { readMigrations, statementsOf, type Phase } from './files';
import { review } from './review';
import { withDatabase } from './words';

const file = (phase: Phase, ...texts: string[]) => ({
  version: 1,
  name: '0001_some_change.sql',
  phase,
  checksum: '',
  statements: statementsOf(texts.join(';\n')),
});
const refusals = (phase: Phase, ...texts: string[]): readonly string[] => review([file(phase, ...texts)])[0]!.refusals;

describe('a statement', () => {
  test.each([
    ['CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = MergeTree ORDER BY a', 'create table', 'expand', false],
    ['create table if not exists `t` (a UInt8) engine = MergeTree order by a', 'create table', 'expand', false],
    ['CREATE MATERIALIZED VIEW IF NOT EXISTS t TO u AS SELECT 1 AS a', 'create materialized view', 'expand', false],
    ['CREATE OR REPLACE VIEW t AS SELECT 1', 'replace view', 'contract', false],
    ['DROP TABLE IF EXISTS t', 'drop table', 'contract', false],
    ['RENAME TABLE IF EXISTS t TO u', 'rename table', 'contract', false],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a UInt8 DEFAULT 1', 'add column', 'expand', false],
    ['ALTER TABLE t /* DROP COLUMN */ ADD INDEX IF NOT EXISTS i a TYPE minmax', 'add index', 'expand', false],
    [
      "ALTER TABLE t ADD COLUMN IF NOT EXISTS a Enum8('x' = 1, 'y' = 2), MATERIALIZE COLUMN a",
      'add column, materialize column',
      'expand',
      true,
    ],
    [
      'ALTER TABLE t ADD COLUMN IF NOT EXISTS a UInt8, DROP COLUMN IF EXISTS b',
      'add column, drop column',
      'contract',
      true,
    ],
    ['ALTER TABLE t MODIFY COLUMN a UInt16', 'modify column', 'contract', true],
    ['ALTER TABLE t MODIFY SETTING a = 1, b = 2', 'modify setting', 'expand', false],
    ['ALTER TABLE t MODIFY TTL a + INTERVAL 1 DAY', 'modify ttl', 'contract', true],
    ["ALTER TABLE t UPDATE a = 1, b = concat(c, ', DROP COLUMN d') WHERE a = 0", 'update', 'contract', true],
    ['ALTER TABLE t DELETE WHERE a = 1', 'delete', 'contract', true],
    ['INSERT INTO t SELECT 1 WHERE 1 NOT IN (SELECT a FROM t)', 'insert select', 'contract', true],
    ['INSERT INTO t (a) VALUES (1)', 'insert values', 'contract', false],
  ])('%s', (sql, kind, phase, rewrites) => {
    expect(classify(sql)).toMatchObject({ kind, table: 't', phase, rewrites });
    expect(classify(sql).refusal).toBeUndefined();
  });

  test.each([
    ['CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a', 'IF NOT EXISTS'],
    ['CREATE TABLE IF NOT EXISTS t ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a', 'fills'],
    ['CREATE TABLE IF NOT EXISTS t CLONE AS u', 'fills'],
    ['CREATE MATERIALIZED VIEW IF NOT EXISTS t ENGINE = MergeTree ORDER BY a POPULATE AS SELECT 1 AS a', 'fills'],
    ['CREATE MATERIALIZED VIEW IF NOT EXISTS t TO other.u AS SELECT 1 AS a', 'names a database'],
    ['CREATE OR REPLACE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a', 'replaces what holds rows'],
    ['CREATE USER somebody', 'is not among'],
    ['DROP TABLE t', 'IF EXISTS'],
    ['DROP DATABASE app', 'is not among'],
    ['RENAME TABLE t TO u', 'IF EXISTS'],
    ['RENAME TABLE IF EXISTS t TO u, v TO w', 'a statement of its own'],
    ['RENAME TABLE IF EXISTS t TO other.t', 'another database'],
    ['EXCHANGE TABLES t AND u', 'undoes itself'],
    ['ALTER TABLE app.t ADD COLUMN IF NOT EXISTS a UInt8', 'names a database'],
    ['ALTER TABLE t ADD COLUMN a UInt8', 'ADD COLUMN IF NOT EXISTS'],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a UInt8, DROP COLUMN b', 'DROP COLUMN IF EXISTS'],
    ['ALTER TABLE t RENAME COLUMN a TO b', 'RENAME COLUMN IF EXISTS'],
    ['ALTER TABLE t UPDATE a = a + 1 WHERE 1', 'would change a again'],
    ['ALTER TABLE t UPDATE a = b, `b` = 1 WHERE 1', 'would change b again'],
    ["ALTER TABLE t ATTACH PARTITION '2026'", 'is not among'],
    ["ALTER TABLE t ON CLUSTER 'c' ADD COLUMN IF NOT EXISTS a UInt8", 'is not among'],
    ["DROP TABLE IF EXISTS t ON CLUSTER 'c'", 'ON CLUSTER'],
    ['INSERT INTO FUNCTION file(x) SELECT 1', 'is not among'],
    ['INSERT INTO app.t SELECT 1', 'names a database'],
    ['TRUNCATE TABLE t', 'is not among'],
    ['DELETE FROM t WHERE 1', 'is not among'],
    ['SELECT 1', 'is not among'],
    ['SYSTEM STOP MERGES', 'is not among'],
    ["'CREATE'", 'is not among'],
  ])('%s is refused', (sql, reason) => {
    expect(classify(sql).refusal).toContain(reason);
  });
});

describe('a file', () => {
  const ADD = 'ALTER TABLE t ADD COLUMN IF NOT EXISTS a UInt8';

  it('does no more than its phase says', () => {
    expect(refusals('expand', ADD)).toEqual([]);
    expect(refusals('expand', ADD, 'ALTER TABLE t DROP COLUMN IF EXISTS b')).toEqual([
      expect.stringMatching(/^0001_some_change\.sql, statement 2 \(drop column\): .*-- phase: contract/),
    ]);
    expect(refusals('contract', ADD, 'ALTER TABLE t DROP COLUMN IF EXISTS b')).toEqual([]);
  });

  it('may fill what it adds itself, and nothing else', () => {
    expect(refusals('expand', ADD, 'ALTER TABLE t UPDATE a = b WHERE 1')).toEqual([]);
    expect(refusals('expand', ADD, 'ALTER TABLE t UPDATE c = b WHERE 1')).toHaveLength(1);
    expect(refusals('expand', 'ALTER TABLE t UPDATE a = b WHERE 1', ADD)).toHaveLength(1);
    const create = (engine: string): string => `CREATE TABLE IF NOT EXISTS u (a UInt8) ENGINE = ${engine} ORDER BY a`;
    expect(refusals('expand', create('ReplacingMergeTree'), 'INSERT INTO u SELECT a FROM t')).toEqual([]);
    expect(refusals('expand', create('MergeTree'), 'INSERT INTO u SELECT a FROM t')).toEqual([
      expect.stringContaining('would insert again'),
    ]);
    expect(
      refusals('expand', create('MergeTree'), 'INSERT INTO u SELECT a FROM t WHERE a NOT IN (SELECT a FROM u)'),
    ).toEqual([]);
    expect(
      refusals(
        'expand',
        create('MergeTree'),
        'INSERT INTO u SELECT a FROM t WHERE a NOT IN (SELECT a FROM v) AND 1 IN (SELECT a FROM u)',
      ),
    ).toHaveLength(1);
  });

  it('is cut at semicolons that end a statement, and without what stands before it', () => {
    const cut = statementsOf("-- one; two\nSELECT ';' -- ;\n, 1 ; ;\n/* ; */ SELECT 2 -- end\n");
    expect(cut.map(({ number, sql }) => [number, sql])).toEqual([
      [1, "SELECT ';' -- ;\n, 1"],
      [2, 'SELECT 2'],
    ]);
  });
});

it('every migration of this release may be applied', () => {
  const folder = join(__dirname, '../../../../clickhouse/migrations');
  const reviewed = review(readMigrations(folder));
  expect(reviewed).toHaveLength(readdirSync(folder).length);
  expect(reviewed.flatMap((migration) => migration.refusals)).toEqual([]);
});

it('a database is replaced where it names one, and nowhere else', () => {
  expect(withDatabase("CREATE VIEW app.v AS SELECT app, t.app.x, 'app.t' FROM app.t -- app.t", 'app', 'copy')).toBe(
    "CREATE VIEW copy.v AS SELECT app, t.app.x, 'app.t' FROM copy.t -- app.t",
  );
});
