import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { exception } from '../engine/exception';

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The body of a request, read as far as it is asked for: what nobody asks for stays in the socket. */
export interface BodyReader {
  /** The next piece, or undefined at the end. @throws ClickHouseException TOO_MANY_BYTES past the bound */
  next(): Promise<Buffer | undefined>;
}

const tooLarge = (maxBytes: number): Error =>
  exception('TOO_MANY_BYTES', `The request body is larger than the limit of ${maxBytes} bytes.`);

/** The value of Content-Encoding, or undefined when the body is plain. */
export function encodingOf(req: IncomingMessage): string | undefined {
  const encoding = req.headers['content-encoding']?.trim().toLowerCase();
  return encoding === undefined || encoding === '' || encoding === 'identity' ? undefined : encoding;
}

/** Reads the body as it is on the wire. */
export function readRaw(req: IncomingMessage, maxBytes: number): BodyReader {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return bounded(req, maxBytes);
}

/** Reads the body decoded; the bound holds before and after decoding. @throws ClickHouseException when the encoding is not known */
export function readDecoded(req: IncomingMessage, maxBytes: number): BodyReader {
  const encoding = encodingOf(req);
  if (encoding === undefined) return readRaw(req, maxBytes);
  const create = DECODERS[encoding];
  if (!create)
    throw exception(
      'NOT_IMPLEMENTED',
      `A statement cannot be read from a body encoded as ${JSON.stringify(encoding)}.`,
    );
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const decoder = create();
  req.once('close', () => {
    if (!req.complete) decoder.destroy(new Error('the client left'));
  });
  req.pipe(decoder);
  const reader = bounded(decoder, maxBytes);
  return {
    next: async () => {
      try {
        return await reader.next();
      } catch (error) {
        req.unpipe(decoder);
        if (!isZlibError(error)) throw error;
        throw exception('ZLIB_INFLATE_FAILED', `The request body is not valid ${encoding}: ${error.message}.`);
      }
    },
  };
}

const isZlibError = (error: unknown): error is Error => error instanceof Error && 'errno' in error && 'code' in error;

/** Never ends the iteration early: that would destroy the stream, and with it the socket that still has to carry the answer. */
function bounded(stream: Readable, maxBytes: number): BodyReader {
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
  let bytes = 0;
  return {
    next: async () => {
      const { value } = await chunks.next();
      bytes += value?.length ?? 0;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      return value;
    },
  };
}

/** Lets the rest of a body run out unread: otherwise it would be taken for the connection's next request. */
export function discardRest(req: IncomingMessage): void {
  req.unpipe();
  req.removeAllListeners('readable'); // an iteration given up halfway; the stream does not flow while one listens
  req.resume();
}

/**
 * Reads on until the end or at least `enough` bytes.
 * @returns what was read, and whether that was all
 */
export async function collect(reader: BodyReader, enough: number): Promise<{ bytes: Buffer; ended: boolean }> {
  const pieces: Buffer[] = [];
  let size = 0;
  while (size < enough) {
    const piece = await reader.next();
    if (!piece) return { bytes: joined(pieces), ended: true };
    pieces.push(piece);
    size += piece.length;
  }
  return { bytes: joined(pieces), ended: false };
}

const joined = (pieces: readonly Buffer[]): Buffer => (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
