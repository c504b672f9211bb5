import type { DataSetKind, FileFormat } from './core/data-set';

interface ServerConnection {
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
}

export interface PostgresqlConnection extends ServerConnection {
  readonly kind: 'postgresql';
  /** `verify`: encrypted, and the certificate is checked; `require`: encrypted. */
  readonly tls?: 'verify' | 'require';
}

export interface MysqlConnection extends ServerConnection {
  readonly kind: 'mysql';
  readonly tls?: 'verify' | 'require';
}

export interface ClickhouseConnection {
  readonly kind: 'clickhouse';
  /** Of the HTTP interface, without credentials. */
  readonly url: string;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
}

export interface FileConnection {
  readonly kind: 'file';
  /** Paths of data sets are below it. */
  readonly folder: string;
}

export interface HttpConnection {
  readonly kind: 'http';
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** Addresses of private networks, and of this machine, are refused unless this is set. */
  readonly allowPrivate?: boolean;
  /** A larger body is refused; 1 GiB where it is not given. */
  readonly maxBytes?: number;
  readonly format?: FileFormat;
}

export interface GitConnection {
  readonly kind: 'git';
  /** Path of a repository on this machine, bare or with its files. */
  readonly repository: string;
}

/** Where a data set lies, and the credentials for it. Never part of a definition, an error or a history. */
export type Connection =
  PostgresqlConnection | MysqlConnection | ClickhouseConnection | FileConnection | HttpConnection | GitConnection;

/** Looks up what an operator (or a command line) configured. @throws DomainError `connection_unknown` */
export type Connections = (name: string, kind: DataSetKind) => Connection;
