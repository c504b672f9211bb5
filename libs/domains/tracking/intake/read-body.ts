import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DomainError } from '@holdfast/kernel';
import type { BodyMapper } from '@holdfast/domains/mapping/core/mapped';
import { BODY_TYPES_OF, type MappingDefinition } from '@holdfast/domains/mapping/core/mapping';
import { traceIdOf } from '../core/trace-context';
import { readMapped } from './mapped-body';
import { isBinaryMode, readBinaryMode } from './binary-mode';
import type { RecordForm } from './read-record';
import { BrokenBody, type Piece, splitJson, splitLines } from './split-records';
import { unzstd, ZstdError } from './zstd';

/** Beyond this many bytes, a body that grew by more than the ratio in decompression is taken for an attack. */
const RATIO_FROM = 64_000_000;
const MOST_RATIO = 400;

/** A body, cut into records. */
export interface Body {
  readonly form: RecordForm;
  /** The trace that the request belongs to; undefined when it names none. */
  readonly traceId: string | undefined;
  /** As they arrive. @throws BrokenBody where the body ends early, is damaged, or grows beyond all bounds */
  readonly pieces: AsyncGenerator<Piece[]>;
}

type Split = (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Piece[]>;
const FORMS: Readonly<Record<string, readonly [RecordForm, Split]>> = {
  'application/json': ['event', splitJson],
  'application/x-ndjson': ['event', splitLines],
  'application/cloudevents+json': ['cloud-event', splitJson],
  'application/cloudevents-batch+json': ['cloud-event', splitJson],
};
export const BODY_TYPES = Object.keys(FORMS);

/** A mapping that a body is to be read by. */
export interface Mapping {
  readonly definition: MappingDefinition;
  readonly mapper: BodyMapper;
}

/**
 * The records of a request's body: by a mapping, by its content type, or one CloudEvent whose attributes are in the headers.
 * @throws DomainError `unsupported_media_type`
 */
export function readBody(request: IncomingMessage, mapping?: Mapping): Body {
  const type = mediaTypeOf(request);
  const known = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
  const { traceparent } = request.headers;
  const traceId = typeof traceparent === 'string' ? traceIdOf(traceparent) : undefined;
  if (mapping) return { form: 'event', traceId, pieces: readByMapping(mapping, type, decoded(request)) };
  if (isBinaryMode(request.headers) && !type.startsWith('application/cloudevents'))
    return { form: 'cloud-event', traceId, pieces: readBinaryMode(request.headers, decoded(request)) };
  if (!known) throw unsupported(BODY_TYPES, `${BODY_TYPES.join(', ')}, and a CloudEvent of any type in binary mode`);
  const [form, split] = known;
  return { form, traceId, pieces: split(decoded(request)) };
}

const mediaTypeOf = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();

const unsupported = (accepts: readonly string[], taken: string): DomainError =>
  new DomainError('unsupported_media_type', 'unsupported_media_type', `the route takes ${taken}`, {
    extra: { accepts },
  });

/**
 * The records of a body as a mapping makes events of them.
 * @param type of the body: one of those that its format has
 * @throws DomainError `unsupported_media_type`
 */
export function readByMapping(
  { definition, mapper }: Mapping,
  type: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Piece[]> {
  const { format, event } = definition;
  const types = BODY_TYPES_OF[format.kind];
  if (!types.includes(type)) throw unsupported(types, `${types.join(' or ')} with this mapping`);
  const source = event.source && 'value' in event.source ? String(event.source.value) : '';
  return readMapped(mapper, chunks, type === 'application/json' ? splitJson : splitLines, source);
}

/** Each holds a window of up to 8 MB for as long as it is open. */
const MOST_ZSTD = 32;
let openZstd = 0;

async function* oneOfFew(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (openZstd >= MOST_ZSTD)
    throw new DomainError('too_many_requests', 'intake_full', 'too many zstd bodies are open', {
      retryAfterSeconds: 2,
    });
  openZstd++;
  try {
    yield* chunks;
  } finally {
    openZstd--;
  }
}

const ENCODINGS = new Set(['identity', 'gzip', 'zstd']);

async function* decoded(request: IncomingMessage): AsyncGenerator<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (!ENCODINGS.has(encoding)) {
    const detail = 'the content encoding must be gzip, zstd or none';
    throw new DomainError('unsupported_media_type', 'unsupported_encoding', detail, {
      extra: { accepts: ['gzip', 'zstd'] },
    });
  }
  let sent = 0;
  let read = 0;
  request.on('data', (chunk: Buffer) => (sent += chunk.length));
  request.pause();
  const gunzip = encoding === 'gzip' ? request.pipe(createGunzip()) : undefined;
  if (gunzip)
    request.on('error', (error) => gunzip.destroy(error)).on('aborted', () => gunzip.destroy(new Error('aborted')));
  try {
    const sentChunks = chunksOf(gunzip ?? request);
    for await (const chunk of encoding === 'zstd' ? oneOfFew(unzstd(sentChunks)) : sentChunks) {
      read += chunk.length;
      if (read > RATIO_FROM && read > sent * MOST_RATIO)
        throw new BrokenBody('the body grows too much in decompression');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof BrokenBody || error instanceof DomainError) throw error;
    if (error instanceof ZstdError) throw new BrokenBody(`the zstd stream ${error.message}`);
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
