export { ClickHouseModule } from './clickhouse.module';
export { StoreError } from './connect';
export { ClickHouse, NATIVE_INSERT_SECONDS } from './clickhouse';
export { outcomeUnknown, tooMuch } from './failures';
export { BACKGROUND, BULK, typedQuery, type TypedQuery } from './typed-query';
export { micros, uint64 } from './row-types';
export { NativeBlock, type ColumnType, type SeldomColumn } from './native-block';
export { MigrationError } from './migrations/migration-error';
export { migrate } from './migrations/run';
