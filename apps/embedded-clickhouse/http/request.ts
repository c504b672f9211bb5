import type { IncomingMessage } from 'node:http';
import { exception } from '../engine/exception';
import { quoteString } from '@holdfast/platform/sql/literals';

/** Keys of a request that speak to the HTTP interface. Everything else is a setting or, after `param_`, a parameter. */
const HTTP_KEYS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'role',
  'quota_key',
  'session_id',
  'session_timeout',
  'session_check',
  'wait_end_of_query',
  'buffer_size',
  'compress',
  'decompress',
  'stacktrace',
  'client_protocol_version',
  'close_session',
  // Settings of a server's HTTP handler; the engine has no use for them.
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_wait_end_of_query',
  'http_write_exception_in_output_format',
  'http_response_buffer_size',
  'http_response_headers',
  'cancel_http_readonly_queries_on_client_close',
  'add_http_cors_header',
]);
/** It becomes part of a statement. */
const FORMAT_NAME = /^[A-Za-z][A-Za-z0-9]*$/;
const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;
/** A SET longer than this may not fit the engine's default `max_query_size` of 256 KiB. */
const LONG_SET = 128 * 1024;

/** What a request asks for beside its statement and its data. */
export interface RequestOptions {
  readonly queryId: string | undefined;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  readonly waitEndOfQuery: boolean;
  readonly compressAnswer: boolean;
  /** In the order in which they are to be set. */
  readonly settings: readonly (readonly [name: string, value: string])[];
}

/** What a request is addressed to. Parsed by hand: a path that makes no URL is a client's mistake, not an exception here. */
export function targetOf(req: IncomingMessage): { path: string; fields: URLSearchParams } {
  const [path = '', ...rest] = (req.url ?? '').split('?');
  return { path, fields: new URLSearchParams(rest.join('?')) };
}

const header = (req: IncomingMessage, name: string): string | undefined => {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** @throws ClickHouseException when a key cannot be a setting, or asks for what this process does not do */
export function readOptions(req: IncomingMessage, fields: URLSearchParams): RequestOptions {
  if (fields.get('session_id'))
    throw exception('NOT_IMPLEMENTED', 'Sessions are not supported: every request stands alone.');
  if (isOn(fields.get('compress')) || isOn(fields.get('decompress'))) {
    throw exception('NOT_IMPLEMENTED', "ClickHouse's own compression is not supported: use HTTP's.");
  }
  const defaultFormat = fields.get('default_format') ?? header(req, 'x-clickhouse-format') ?? 'TabSeparated';
  if (!FORMAT_NAME.test(defaultFormat)) throw exception('UNKNOWN_FORMAT', 'The default format is no name of a format.');
  const settings = new Map<string, string>();
  for (const [name, value] of fields) {
    if (HTTP_KEYS.has(name)) continue;
    if (!SETTING_NAME.test(name)) throw exception('BAD_ARGUMENTS', 'A key of the request is no name of a setting.');
    settings.set(name, value);
  }
  // As on a server, a GET changes nothing. Last, because nothing can be set after it.
  const readonly = settings.get('readonly') ?? (req.method === 'GET' ? '2' : undefined);
  settings.delete('readonly');
  if (readonly !== undefined) settings.set('readonly', readonly);
  return {
    queryId: fields.get('query_id') ?? undefined,
    database: fields.get('database') ?? header(req, 'x-clickhouse-database'),
    defaultFormat,
    waitEndOfQuery: isOn(fields.get('wait_end_of_query')) || isOn(fields.get('http_wait_end_of_query')),
    compressAnswer: isOn(fields.get('enable_http_compression')),
    settings: [...settings],
  };
}

const isOn = (value: string | null): boolean => value === '1' || value === 'true';

/** The statements that give a fresh connection its settings and parameters. */
export function setStatements(settings: RequestOptions['settings']): string[] {
  const assign = (chosen: RequestOptions['settings']): string[] =>
    chosen.length === 0 ? [] : [`SET ${chosen.map(([name, value]) => `${name}=${quoteString(value)}`).join(', ')}`];
  const size = settings.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size < LONG_SET) return assign(settings);
  const isParameter = (name: string): boolean => name.startsWith('param_');
  return [
    `SET max_query_size=${4 * size + LONG_SET}`,
    ...assign(settings.filter(([name]) => isParameter(name))),
    'SET max_query_size=DEFAULT',
    ...assign(settings.filter(([name]) => !isParameter(name))),
  ];
}
