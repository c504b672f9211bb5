import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { problemOf } from '@holdfast/platform/errors';
import type { ConnectionError, FastifyReply, FastifyRequest } from 'fastify';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { guardRoutes, type RegisteredRoute } from './admission';
import { BODY_LIMIT, parseBodies } from './body-parsers';
import { OpenApiSource } from './documents';
import { handOnRoutes } from './hand-on';
import { followRequests, requestIdOf } from './request-context';

/** A connection on which nothing moves for so long is closed. A request as a whole may take longer: bodies may be streams. */
const IDLE_MS = 300_000;
/** Longer than the idle time of common load balancers, so that they and not we close a connection. */
const KEEP_ALIVE_MS = 75_000;

export interface HttpApplication {
  readonly app: NestFastifyApplication;
  /** Every route with what it states; complete once the application is initialised. */
  readonly routes: readonly RegisteredRoute[];
}

/**
 * An HTTP application of the module, ready to be initialised: limits, strict bodies, request context and admission are in place.
 * @throws whatever a provider throws while it is made
 */
export async function httpApplication(module: Type | DynamicModule, logger: LoggerService): Promise<HttpApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    connectionTimeout: IDLE_MS,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    genReqId: requestIdOf,
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: (error: ConnectionError, socket: Socket) => refuseConnection(error, socket),
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // The router refuses an address before any hook runs.
      const problem = problemOf(new DomainError('invalid', 'malformed_url', 'the address is not well formed'));
      void reply
        .status(problem.status)
        .header('content-type', 'application/problem+json; charset=utf-8')
        .header('x-request-id', request.id)
        .send({ ...problem, requestId: request.id });
    },
  });
  followRequests(adapter);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false, // else Nest ends the process, and tests with it
    bodyParser: false,
  });
  parseBodies(adapter.getInstance());
  const routes = guardRoutes(app);
  const { HOLDFAST_INTAKE_OWNER_URL } = app.get<Configuration>(CONFIGURATION);
  if (HOLDFAST_INTAKE_OWNER_URL !== undefined) handOnRoutes(app, HOLDFAST_INTAKE_OWNER_URL);
  app.get(OpenApiSource).describe(app, routes);
  return { app, routes };
}

const hasBegunToAnswer = (socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean =>
  socket._httpMessage?.headersSent === true;

/** What is no HTTP, or takes too long to be, is refused on the connection itself: there is no request yet. */
function refuseConnection({ code }: ConnectionError, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  if (hasBegunToAnswer(socket)) {
    socket.destroy(); // another answer in the midst of it would only confuse
    return;
  }
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const reason = STATUS_CODES[status]!;
  const problem = problemOf(new DomainError('invalid', 'bad_request', reason));
  const body = JSON.stringify({ ...problem, status });
  const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  if (socket.writable) socket.end(`${head}\r\n\r\n${body}`);
  socket.destroySoon();
}
