import { DomainError } from '@holdfast/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { parseStrictJson } from './strict-json';

/** Bytes of a JSON body, unless the route reads its body itself. */
export const BODY_LIMIT = 1_048_576;
/** How long such a body may take to arrive, in ms. */
const LONGEST_MS = 300_000;

/**
 * JSON is the one content type that is parsed. A route with `@UnparsedBody(...)` gets its body untouched in `request.raw`, when the content
 * type is one that it names, or it names them all by `*\/*`; it then reads, limits and decodes it itself. Everything else is refused with 415.
 */
export function parseBodies(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', (request, payload, done) => {
    if (request.routeOptions.config.terms?.unparsedBody) leaveUnread(request, done);
    else readJson(payload, BODY_LIMIT, done);
  });
  instance.addContentTypeParser('*', (request, _payload, done) => leaveUnread(request, done));
}

type Done = (error: Error | null, body?: unknown) => void;

function leaveUnread(request: FastifyRequest, done: Done): void {
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const taken = request.routeOptions.config.terms?.unparsedBody;
  if (taken?.includes(mediaType) || taken?.includes('*/*')) done(null, undefined);
  else done(unsupported(taken ?? ['application/json']));
}

const unsupported = (taken: readonly string[]) =>
  new DomainError('unsupported_media_type', 'unsupported_media_type', `the route takes ${taken.join(', ')}`, {
    extra: { accepts: taken },
  });

function readJson(payload: IncomingMessage, limit: number, done: Done): void {
  const tooLarge = (): void =>
    done(
      new DomainError('too_large', 'body_too_large', `the body is larger than ${limit} bytes`, {
        extra: { limitBytes: limit },
      }),
    );
  if (payload.headers['content-encoding'] !== undefined && payload.headers['content-encoding'] !== 'identity') {
    done(new DomainError('unsupported_media_type', 'unsupported_encoding', 'the route takes no content encoding'));
    return;
  }
  if (Number(payload.headers['content-length'] ?? 0) > limit) {
    tooLarge();
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = (): void => {
    clearTimeout(late);
    payload.off('data', onData).off('end', onEnd).off('error', onError);
  };
  const onData = (chunk: Buffer): void => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= limit) return;
    stop();
    payload.resume(); // to its end, or the answer may get lost
    tooLarge();
  };
  const onError = (): void => {
    stop();
    done(new DomainError('invalid', 'incomplete_body', 'the body ended before it was whole'));
  };
  const onEnd = (): void => {
    stop();
    let body: unknown;
    try {
      body = parseStrictJson(Buffer.concat(chunks, length));
    } catch (error) {
      done(error as Error);
      return;
    }
    done(null, body);
  };
  const late = setTimeout(() => {
    stop();
    payload.resume();
    done(new DomainError('invalid', 'incomplete_body', 'the body took too long to arrive'));
  }, LONGEST_MS);
  payload.on('data', onData).on('end', onEnd).on('error', onError);
}
