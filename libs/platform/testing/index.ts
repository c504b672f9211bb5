export {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
} from '@holdfast/platform/clickhouse/embedded-engine';
