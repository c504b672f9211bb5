import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DomainError } from '@holdfast/kernel';
import { BrokenBody, type Piece, splitJson, splitLines } from './split-records';

/** Most bytes of one body after decompression. */
const MOST_BYTES = 4_000_000_000;
/** Beyond this many bytes, a body that grew by more than the ratio in decompression is taken for an attack. */
const RATIO_FROM = 64_000_000;
const MOST_RATIO = 400;

/**
 * The records of a request's body, as they arrive.
 * @throws DomainError `unsupported_media_type`
 * @throws BrokenBody where it ends early, is damaged, or grows beyond all bounds
 */
export function readBody(request: IncomingMessage): AsyncGenerator<Piece[]> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const bytes = decoded(request);
  return type === 'application/x-ndjson' ? splitLines(bytes) : splitJson(bytes);
}

async function* decoded(request: IncomingMessage): AsyncGenerator<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new DomainError(
      'unsupported_media_type',
      'unsupported_encoding',
      'the content encoding must be gzip or none',
      { extra: { accepts: ['gzip'] } },
    );
  }
  let sent = 0;
  let read = 0;
  request.on('data', (chunk: Buffer) => (sent += chunk.length));
  request.pause();
  const gunzip = encoding === 'gzip' ? request.pipe(createGunzip()) : undefined;
  if (gunzip)
    request.on('error', (error) => gunzip.destroy(error)).on('aborted', () => gunzip.destroy(new Error('aborted')));
  try {
    for await (const chunk of chunksOf(gunzip ?? request)) {
      read += chunk.length;
      if (read > MOST_BYTES) throw new BrokenBody('the body is larger than 4 GB');
      if (read > RATIO_FROM && read > sent * MOST_RATIO)
        throw new BrokenBody('the body grows too much in decompression');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof BrokenBody) throw error;
    throw new BrokenBody(
      gunzip && !request.errored ? 'the gzip stream is damaged or ends too early' : 'the body ended too early',
    );
  } finally {
    if (gunzip) request.unpipe(gunzip);
    gunzip?.destroy();
    request.resume(); // what is left is read to its end: a client that still sends would not see the answer
  }
}

/** Leaving the loop leaves the request open: destroying it would close the connection before the answer is out. */
const chunksOf = (stream: Readable): AsyncIterable<Buffer> =>
  stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
