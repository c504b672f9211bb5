import { Logger } from '@nestjs/common';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { newId } from '@holdfast/kernel';
import { newTraceparent, withContext, type CallContext } from '@holdfast/platform/telemetry';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const CLIENT_CLOSED = 499;

/** The caller's `X-Request-Id` where it is 1 to 64 characters of letters, digits, `.`, `_` and `-`; else one of ours. For Fastify's `genReqId`. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId();
}

interface Call {
  readonly of: CallContext;
  readonly startedAt: number;
  logged: boolean;
}

/**
 * Runs each request within its context: ids in every log line, the trace handed on to workflows, and one line per request when it ends.
 * Call before the application is initialised.
 */
export function followRequests(adapter: FastifyAdapter): void {
  const log = new Logger('Access');
  const calls = new WeakMap<IncomingMessage, Call>();

  // Nest's own hook runs before all others, so that their errors have a context too.
  adapter.setOnRequestHook((request, reply, done) => {
    const of: CallContext = {
      requestId: request.id,
      traceparent: newTraceparent(one(request.headers['traceparent'])),
    };
    calls.set(request.raw, { of, startedAt: performance.now(), logged: false });
    reply.header('x-request-id', request.id);
    withContext(of, done);
  });

  // The pattern of the route, never the address: keys of the business stand in queries and paths.
  const finish = (request: FastifyRequest, status: number): void => {
    const call = calls.get(request.raw);
    if (!call || call.logged) return;
    call.logged = true;
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status,
      ms: Math.round((performance.now() - call.startedAt) * 10) / 10,
    };
    withContext(call.of, () => log.log(line));
  };
  adapter.setOnResponseHook((request, reply, done) => {
    finish(request, (reply as FastifyReply).statusCode);
    done();
  });
  adapter.getInstance().addHook('onRequestAbort', (request, done) => {
    finish(request, CLIENT_CLOSED);
    done();
  });
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
