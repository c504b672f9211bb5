import { clusterForm } from './cluster-form';

const REPLICA = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'";

test.each([
  [
    'CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 9',
    `CREATE TABLE IF NOT EXISTS t ON CLUSTER '{cluster}' (a UInt8) ENGINE = ReplicatedMergeTree(${REPLICA}) ORDER BY a SETTINGS replicated_deduplication_window = 9`,
  ],
  [
    'CREATE TABLE IF NOT EXISTS `t` (`engine` UInt8, v UInt8) ENGINE=ReplacingMergeTree(v) ORDER BY `engine`',
    `CREATE TABLE IF NOT EXISTS \`t\` ON CLUSTER '{cluster}' (\`engine\` UInt8, v UInt8) ENGINE=ReplicatedReplacingMergeTree(${REPLICA}, v) ORDER BY \`engine\``,
  ],
  [
    'CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = AggregatingMergeTree() ORDER BY a',
    `CREATE TABLE IF NOT EXISTS t ON CLUSTER '{cluster}' (a UInt8) ENGINE = ReplicatedAggregatingMergeTree(${REPLICA}) ORDER BY a`,
  ],
  [
    'CREATE MATERIALIZED VIEW IF NOT EXISTS v TO t AS SELECT 1',
    "CREATE MATERIALIZED VIEW IF NOT EXISTS v ON CLUSTER '{cluster}' TO t AS SELECT 1",
  ],
  [
    'ALTER TABLE t MODIFY SETTING non_replicated_deduplication_window = 1',
    "ALTER TABLE t ON CLUSTER '{cluster}' MODIFY SETTING replicated_deduplication_window = 1",
  ],
  ['DROP TABLE IF EXISTS t', "DROP TABLE IF EXISTS t ON CLUSTER '{cluster}'"],
  ['RENAME TABLE IF EXISTS t TO u', "RENAME TABLE IF EXISTS t TO u ON CLUSTER '{cluster}'"],
  ['INSERT INTO t SELECT 1', 'INSERT INTO t SELECT 1'],
])('%s', (embedded, cluster) => {
  expect(clusterForm(embedded)).toBe(cluster);
});

it('an engine that has no replicated form is refused by name', () => {
  expect(() => clusterForm('CREATE TABLE t (a UInt8) ENGINE = Memory')).toThrow('Memory has no replicated form');
});
