export { ClickHouseModule, StoreError } from './clickhouse.module';
export { ClickHouse } from './clickhouse';
export { BULK, typedQuery, type TypedQuery } from './typed-query';
export { micros, uint64 } from './row-types';
export { NativeBlock, type ColumnType, type SeldomColumn } from './native-block';
export { migrate, MigrationError } from './migrations';
