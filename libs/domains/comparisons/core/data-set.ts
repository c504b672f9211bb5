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

/** Files of a commit: a row each, with path, blob, mode, size, and members of what is YAML or JSON. */
export interface GitDataSet {
  readonly kind: 'git';
  /** Name of a configured repository. */
  readonly connection: string;
  /** A branch, a tag or a commit. */
  readonly ref: string;
  /** The whole tree where it is not given. */
  readonly folder?: string;
  /** Of paths below the folder: `*` within a name, `**` over folders, `?` one character. */
  readonly pattern?: string;
  /** Top-level members of YAML and JSON files that become columns, in the files' own words. */
  readonly members?: readonly string[];
}

/** Stores whose tables have profiles. */
export const PROFILED_STORES = ['postgresql', 'mysql', 'clickhouse'] as const;

/** What the columns of a table hold, made in the store: a row for each column. */
export interface ProfileDataSet extends TableIn {
  readonly kind: 'profile';
  readonly store: (typeof PROFILED_STORES)[number];
  /** All of them where it is not given. */
  readonly columns?: readonly string[];
  /** Distinct values are counted up to this many, and exactly; 100,000 where it is not given. */
  readonly distinctUpTo?: number;
}

/** Rows of Parquet or NDJSON, of one file or of a folder, with a manifest that says which files, rows and bytes there are. */
export interface ArchiveDataSet {
  readonly kind: 'archive';
  /** Name of a configured folder. */
  readonly connection: string;
  /** A file, or a folder, below it. */
  readonly path: string;
  /** Beside what it describes where it is not given: `manifest.json` in a folder, `NAME.manifest.json` of a file. */
  readonly manifest?: string;
}

/** Rows with columns in some store, to be compared where they lie. */
export type DataSet =
  | PostgresqlDataSet
  | MysqlDataSet
  | ClickhouseDataSet
  | FileDataSet
  | HttpDataSet
  | GitDataSet
  | ProfileDataSet
  | ArchiveDataSet;
export type DataSetKind = DataSet['kind'];

export type Side = 'source' | 'target';
export const SIDES: readonly Side[] = ['source', 'target'];
