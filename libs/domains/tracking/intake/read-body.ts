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
  const encoding = request.headers['content-encoding'] ?? 'identity';
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
  const stream = encoding === 'gzip' ? request.pipe(createGunzip()) : request;
  if (stream !== request)
    request.on('error', (error) => stream.destroy(error)).on('aborted', () => stream.destroy(new Error('aborted')));
  try {
    for await (const chunk of (stream as Readable).iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      read += chunk.length;
      if (read > MOST_BYTES) throw new BrokenBody('the body is larger than 4 GB');
      if (read > RATIO_FROM && read > sent * MOST_RATIO)
        throw new BrokenBody('the body grows too much in decompression');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof BrokenBody) throw error;
    throw new BrokenBody(
      encoding === 'gzip' && !request.errored
        ? 'the gzip stream is damaged or ends too early'
        : 'the body ended too early',
    );
  } finally {
    // Reading may stop early, at an error. What is left of the body has to be read all the same: the next request of the connection waits behind it.
    if (stream !== request) {
      request.unpipe();
      stream.destroy();
    }
    request.resume();
  }
}
