import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { fromFailure, problemOf, type Problem } from '@holdfast/platform/errors';
import { context } from '@holdfast/platform/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { frameworkProblem } from './framework-problems';

/** Answers every error as an RFC 9457 problem. Foreseen ones say what they are; a fault says nothing, and its place is in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Problems');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const foreseen = foreseenIn(error);
    if (!foreseen) this.log.error(error);
    if (reply.sent || reply.raw.headersSent) {
      // Half an answer is out: breaking the connection is the only way left to say that it is not whole.
      reply.raw.destroy();
      return;
    }
    send(request, reply, foreseen);
  }
}

/** Statuses that always say when to come back. */
const COME_BACK = new Set([429, 503]);

const INTERNAL: Problem = {
  type: '/problems/internal',
  title: 'Holdfast failed',
  status: 500,
  code: 'internal',
  detail: 'something went wrong that is not your request; the log has it under the request id',
  retryable: true,
};

/** The problem for an error that has to be told in the midst of an answer. A fault says nothing: the caller logs it. */
export function problemFor(error: unknown): Problem {
  const foreseen = foreseenIn(error);
  return foreseen ? problemOf(foreseen) : INTERNAL;
}

function foreseenIn(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (error instanceof HttpException || isFrameworkError(error)) return frameworkProblem(error);
  return fromFailure(error);
}

const isFrameworkError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');

function send(request: FastifyRequest, reply: FastifyReply, error: DomainError | undefined): void {
  const { requestId = request.id } = context();
  const problem = problemFor(error);
  const seconds = error?.details.retryAfterSeconds ?? (COME_BACK.has(problem.status) ? 2 : undefined);
  if (seconds !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(seconds))));
  if (problem.status === 401) void reply.header('www-authenticate', challenge(problem.code));
  // Fastify would close the connection with part of a refused body unread, and the reset that follows can swallow the answer. Node reads it to its end instead.
  if (problem.status === 413 || problem.status === 415) reply.removeHeader('connection');
  void reply
    .status(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send({ ...problem, instance: pathOf(request.raw.url), requestId });
}

/** The problem as a caller gets it, without the query of the address: it may hold business keys. */
const pathOf = (url = '/'): string => url.split('?', 1)[0]!;

/** RFC 6750, section 3. */
const challenge = (code: string): string =>
  `Bearer realm="holdfast"${code === 'key_missing' ? '' : ', error="invalid_token"'}`;
