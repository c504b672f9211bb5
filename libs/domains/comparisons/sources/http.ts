import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError, invalid } from '@holdfast/kernel';
import type { HttpConnection } from '../connections';
import type { FileFormat, HttpDataSet } from '../core/data-set';
import { leavesItsAddress } from '../core/http-path';
import { isPrivate, PrivateAddressError, publicLookup } from './address-guard';
import type { FileEngine } from './engine';
import { codeOf, isGone, refused, slow, unavailable } from './failures';
import { ENDINGS, openLocalFile } from './file';
import type { OpenOptions, Source } from './source';

const MAX_BYTES = 1024 ** 3;
/** Milliseconds in which nothing comes before it is too slow. */
const SILENCE_MS = 30_000;

const TYPES: Readonly<Record<string, FileFormat>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
};

/** Gets a body once, and reads it as the file that it becomes. @throws DomainError */
export async function openHttp(
  title: string,
  connection: HttpConnection,
  { path, format }: HttpDataSet,
  engine: FileEngine,
  options: OpenOptions,
): Promise<Source> {
  const url = addressOf(title, connection.url, path);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-http-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'body');
    const type = await download(title, url, connection, file, options);
    const known = format ?? connection.format ?? TYPES[type] ?? ENDINGS[extname(url.pathname).toLowerCase()];
    const source = await openLocalFile(title, { kind: 'http', path: file, format: known }, engine, options);
    const close = source.close.bind(source);
    source.close = async () => {
      await close();
      await remove();
    };
    return source;
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Below the address of the connection. @throws DomainError `comparison_invalid` for a path that leads elsewhere */
function addressOf(title: string, base: string, path: string | undefined): URL {
  const url = new URL(base);
  if (path === undefined) return url;
  const below = `${url.pathname.replace(/\/$/, '')}/`;
  url.pathname = below + path.replace(/^\//, '');
  const reason =
    leavesItsAddress(path) ??
    (url.pathname.startsWith(below) ? undefined : 'must stay below the address of its connection');
  if (reason !== undefined)
    throw invalid('comparison_invalid', `${title}: its path ${reason}`, [{ field: 'path', reason }]);
  return url;
}

/** @returns the content type, without parameters */
async function download(
  title: string,
  url: URL,
  { token, allowPrivate = false, maxBytes = MAX_BYTES }: HttpConnection,
  file: string,
  { signal, statementSeconds }: OpenOptions,
): Promise<string> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // An address that is written out is not looked up.
  if (!allowPrivate && isIP(host) !== 0 && isPrivate(host)) throw addressRefused(title);
  const deadline = AbortSignal.timeout(Math.min(2 ** 31 - 1, statementSeconds * 1000));
  try {
    const answer = await request(url, token, allowPrivate, AbortSignal.any([signal, deadline]));
    const { statusCode = 0, headers } = answer;
    if (statusCode !== 200) {
      answer.destroy();
      // A redirection is not followed: it could lead anywhere, with the credentials.
      if (statusCode === 401 || statusCode === 403) throw refused(title, String(statusCode), undefined);
      throw unavailable(title, `HTTP ${statusCode}`, undefined);
    }
    await pipeline(answer, limited(title, maxBytes), createWriteStream(file, { mode: 0o600 }));
    const length = Number(headers['content-length'] ?? NaN);
    if (!answer.complete || (!Number.isNaN(length) && length > maxBytes))
      throw unavailable(title, 'the body was cut off', undefined);
    return (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof PrivateAddressError) throw addressRefused(title);
    if (error instanceof DomainError) throw error;
    if (deadline.aborted || codeOf(error) === 'SILENCE') throw slow(title, error);
    throw isGone(error) ? unavailable(title, codeOf(error), error) : unavailable(title, 'no answer', error);
  }
}

function request(
  url: URL,
  token: string | undefined,
  allowPrivate: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? getHttps : getHttp)(url, {
      ...{ signal, timeout: SILENCE_MS, agent: false },
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(allowPrivate ? {} : { lookup: publicLookup }),
    });
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('silence'), { code: 'SILENCE' })));
  });
}

function limited(title: string, maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) done(null, chunk);
      else done(new DomainError('too_large', 'source_too_large', `${title} answers more than ${maxBytes} bytes`));
    },
  });
}

const addressRefused = (title: string): DomainError =>
  invalid('address_refused', `${title} is in a private network, which is not allowed for it`);
