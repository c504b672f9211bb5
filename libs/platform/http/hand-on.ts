import { request as requestHttp, Agent, type IncomingMessage } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { pipeline } from 'node:stream/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DomainError } from '@holdfast/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Of one connection, not of the message (RFC 9110, section 7.6.1); and what Node answers or names by itself. */
const OF_A_CONNECTION: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['host', 'expect'],
]);
const HANDED_ON = 'holdfast-handed-on';
/** On a connection to the owner nothing moves for so long: longer than the owner itself waits. */
const IDLE_MS = 310_000;

/**
 * Hands requests of routes that state `@ByIntakeOwner` on to the API at `owner`, bodies unread and answers as they come, under the caller's own key. Call after
 * `guardRoutes`: only who may is handed on.
 */
export function handOnRoutes(app: NestFastifyApplication, owner: string): void {
  const base = new URL(owner);
  const isSecure = base.protocol === 'https:';
  const agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const instance = app.getHttpAdapter().getInstance();
  instance.addHook('onClose', async () => agent.destroy());
  instance.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.terms?.byIntakeOwner !== true) return;
    if (request.headers[HANDED_ON] !== undefined) throw handedOnTwice();
    await handOn(request, reply, base, isSecure ? requestHttps : requestHttp, agent);
    return reply;
  });
}

/** @throws DomainError `unavailable` when there is no answer: a retry of the same body is safe */
async function handOn(
  request: FastifyRequest,
  reply: FastifyReply,
  base: URL,
  send: typeof requestHttp,
  agent: Agent,
): Promise<void> {
  const { method, raw } = request;
  const path = `${base.pathname.replace(/\/$/, '')}${raw.url}`;
  const headers = { ...lasting(raw), 'x-request-id': request.id, [HANDED_ON]: '1' };
  const { hostname, port } = urlToHttpOptions(base); // without the brackets of an IPv6 address
  const call = send({ hostname, port, path, method, headers, agent, timeout: IDLE_MS });
  call.on('timeout', () => call.destroy(new Error('idle')));
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    call.once('response', resolve).on('error', reject),
  );
  raw.pipe(call);
  raw.once('close', () => raw.complete || call.destroy(new Error('the caller has gone')));
  // The owner may answer, and be done, before it has read everything. The rest is read all the same: a reset could swallow the answer.
  call.once('close', () => raw.unpipe(call).resume());
  reply.raw.once('close', () => call.destroy());
  const answer = await answered.catch(() => {
    throw unreachable();
  });
  reply.hijack();
  reply.statusCode = answer.statusCode!;
  reply.raw.writeHead(answer.statusCode!, lasting(answer));
  reply.raw.flushHeaders();
  await pipeline(answer, reply.raw).catch(() => reply.raw.destroy()); // half an answer: broken off, so that nobody takes it for a whole one
}

/** Headers that belong to the message, however often each comes. */
function lasting({ headersDistinct, headers }: IncomingMessage): Record<string, string[]> {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headersDistinct).flatMap(([name, values]) =>
      values === undefined || OF_A_CONNECTION.has(name) || named.includes(name) ? [] : [[name, values]],
    ),
  );
}

const unreachable = (): DomainError =>
  new DomainError('unavailable', 'intake_owner_unreachable', 'the API that takes records in does not answer', {
    retryAfterSeconds: 2,
  });

const handedOnTwice = (): DomainError =>
  new DomainError(
    'unavailable',
    'intake_owner_hands_on',
    'HOLDFAST_INTAKE_OWNER_URL of the API that was asked names one that hands on itself',
  );
