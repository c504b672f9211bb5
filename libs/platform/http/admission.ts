import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DomainError } from '@holdfast/kernel';
import type { FastifyRequest } from 'fastify';
import type { PermissionName } from './permissions';
import { AUTHENTICATOR, setCaller, type Authenticator, type Principal } from './principal';
import { Refusals } from './refusals';
import type { RouteTerms } from './route-terms';

/** One route as it was really registered. */
export interface RegisteredRoute {
  readonly method: string;
  readonly path: string;
  readonly terms: RouteTerms;
}

/** A route that states neither its permission nor why it needs none: a mistake of ours, found before the first request. */
export class UnstatedRouteError extends Error {
  override readonly name = 'UnstatedRouteError';
}

/**
 * Admits callers, and refuses what is not stated. It runs before a body is read, so that nothing of a stranger's is parsed or held in memory.
 * Call before the application is initialised, which fails with {@link UnstatedRouteError} when a route states nothing.
 * @returns the routes, complete once the application is initialised
 */
export function guardRoutes(app: NestFastifyApplication): readonly RegisteredRoute[] {
  const instance = app.getHttpAdapter().getInstance();
  const routes: RegisteredRoute[] = [];
  instance.addHook('onRoute', ({ method, url, config }) => {
    for (const one of Array.isArray(method) ? method : [method])
      routes.push({ method: one, path: url, terms: config?.terms ?? {} });
  });
  instance.addHook('onReady', (done) => {
    done(unstated(routes));
  });
  instance.addHook('onRequest', async (request) => {
    if (request.is404) return;
    await admit(request, app.get<Authenticator>(AUTHENTICATOR), app.get(Refusals, { strict: false }));
  });
  return routes;
}

function unstated(routes: readonly RegisteredRoute[]): Error | undefined {
  const wrong = routes.filter(({ terms }) => (terms.permission === undefined) === (terms.publicBecause === undefined));
  if (wrong.length === 0) return undefined;
  const names = wrong.map(({ method, path }) => `${method} ${path}`).join(', ');
  return new UnstatedRouteError(`state either @Permission or @Public for: ${names}`);
}

async function admit(request: FastifyRequest, authenticator: Authenticator, refusals: Refusals): Promise<void> {
  const { permission, publicBecause } = request.routeOptions.config.terms ?? {};
  if (publicBecause !== undefined) return;
  let known: Principal | undefined;
  try {
    const { principal, permissions } = await authenticator.authenticate(bearerOf(request.headers.authorization));
    known = principal;
    if (permission === undefined || !permissions.has(permission)) throw notPermitted(permission);
    setCaller(request, principal);
  } catch (error) {
    if (error instanceof DomainError && error.kind !== 'unavailable') refusals.note(refusalOf(request, known, error));
    throw error;
  }
}

const refusalOf = (
  { id, method, routeOptions }: FastifyRequest,
  known: Principal | undefined,
  { code }: DomainError,
) => ({
  action: `${method} ${routeOptions.url ?? ''}`,
  actor: known?.id ?? 'unknown',
  actorKind: known?.kind ?? ('unknown' as const),
  code,
  request: id,
});

function bearerOf(header: string | undefined): string {
  if (header === undefined)
    throw new DomainError('unauthenticated', 'key_missing', 'send a key: Authorization: Bearer hf_...');
  const found = /^Bearer +([\x21-\x7e]{1,300})$/i.exec(header);
  if (!found)
    throw new DomainError('unauthenticated', 'key_invalid', 'the Authorization header must be: Bearer hf_...');
  return found[1]!;
}

const notPermitted = (permission: PermissionName | undefined) =>
  new DomainError('forbidden', 'permission_missing', `the key's roles do not give ${permission ?? 'this'}`, {
    ...(permission && { extra: { permission } }),
  });
