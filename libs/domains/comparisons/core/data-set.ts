/** A table of a store that an operator configured a connection to. */
interface TableIn {
  /** Name of the connection: addresses and credentials never stand in a definition. */
  readonly connection: string;
  /** Schema (PostgreSQL) or database (MySQL, ClickHouse); the connection's own where it is not given. */
  readonly schema?: string;
  readonly table: string;
}

export interface PostgresqlDataSet extends TableIn {
  readonly kind: 'postgresql';
}

/** MySQL and MariaDB. */
export interface MysqlDataSet extends TableIn {
  readonly kind: 'mysql';
}

export interface ClickhouseDataSet extends TableIn {
  readonly kind: 'clickhouse';
}

export const FILE_FORMATS = ['csv', 'tsv', 'ndjson', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export interface FileDataSet {
  readonly kind: 'file';
  /** Name of a configured folder. */
  readonly connection: string;
  /** Below the folder; never above it. */
  readonly path: string;
  /** By the ending of the name where it is not given. */
  readonly format?: FileFormat;
}

/** A body that is got once, kept in a file that nobody else sees while it is compared, and read as one. */
export interface HttpDataSet {
  readonly kind: 'http';
  /** Name of a configured address, with the credentials for it. */
  readonly connection: string;
  /** Appended to the address. */
  readonly path?: string;
  /** By the answer's content type where it is not given. */
  readonly format?: FileFormat;
}

/** Rows with columns in some store, to be compared where they lie. */
export type DataSet = PostgresqlDataSet | MysqlDataSet | ClickhouseDataSet | FileDataSet | HttpDataSet;
export type DataSetKind = DataSet['kind'];

export type Side = 'source' | 'target';
export const SIDES: readonly Side[] = ['source', 'target'];
