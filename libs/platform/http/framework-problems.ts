import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from '@holdfast/kernel';

type Known = readonly [ErrorKind, code: string, detail: string];

/** What Fastify refuses before a handler runs, by its code. Its own texts may quote the request and are not repeated. */
const FASTIFY: Readonly<Record<string, Known>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'body_too_large', 'the body is larger than this route takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported_media_type',
    'unsupported_media_type',
    'the route does not take this content type',
  ],
  FST_ERR_CTP_EMPTY_TYPE: ['unsupported_media_type', 'unsupported_media_type', 'a content type is needed'],
  FST_ERR_CTP_INVALID_TYPE: ['unsupported_media_type', 'unsupported_media_type', 'the content type is malformed'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid', 'malformed_json', 'the body is empty, and its content type is JSON'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid', 'malformed_json', 'the body is not JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'invalid',
    'invalid_content_length',
    'the body is not as long as Content-Length says',
  ],
  FST_ERR_BAD_URL: ['invalid', 'malformed_url', 'the address is not well formed'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid', 'malformed_url', 'a part of the path is too long'],
  FST_ERR_ROUTE_NOT_FOUND: ['not_found', 'no_such_route', 'there is no such route'],
  FST_ERR_NOT_FOUND: ['not_found', 'no_such_route', 'there is no such route'],
};

/** What Nest raises by itself, by status. */
const NEST: Readonly<Record<number, Known>> = {
  400: ['invalid', 'bad_request', 'the request is not well formed'],
  404: ['not_found', 'no_such_route', 'there is no such route'],
  413: ['too_large', 'body_too_large', 'the body is larger than this route takes'],
  415: ['unsupported_media_type', 'unsupported_media_type', 'the route does not take this content type'],
};

/** @returns undefined when the error is no fault of the request */
export function frameworkProblem(error: Error): DomainError | undefined {
  const known = FASTIFY[codeOf(error)] ?? (error instanceof HttpException ? NEST[error.getStatus()] : undefined);
  return known && new DomainError(...known);
}

/** Nest wraps what Fastify raises. */
const codeOf = (error: Error): string =>
  [error, error.cause]
    .map((one) => (one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : ''))
    .find((code) => code.startsWith('FST_')) ?? '';
