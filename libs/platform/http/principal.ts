import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { PermissionName } from './permissions';

/** Who calls. Records say `id` wherever they say who did something. */
export interface Principal {
  readonly id: string;
  readonly kind: 'person' | 'machine';
  readonly roles: readonly string[];
}

/** What a key gives the one who shows it. */
export interface Admission {
  readonly principal: Principal;
  readonly permissions: ReadonlySet<PermissionName>;
}

/** Knows keys. The platform asks, a domain answers: it is injected under {@link AUTHENTICATOR}. */
export interface Authenticator {
  /**
   * @param key the text after `Bearer `
   * @throws DomainError `unauthenticated` when it is not a key, or not a valid one any more; `unavailable` when that cannot be known now
   */
  authenticate(key: string): Promise<Admission>;
}
export const AUTHENTICATOR = Symbol('authenticator');

const callers = new WeakMap<object, Principal>();

export const setCaller = (request: object, principal: Principal): void => void callers.set(request, principal);

/** The principal of an admitted request. @throws TypeError on a public route: it has none */
export function callerOf(request: object): Principal {
  const caller = callers.get(request);
  if (!caller) throw new TypeError('a public route has no caller');
  return caller;
}

/** The principal of a request, as far as one is known. */
export const foundCaller = (request: object): Principal | undefined => callers.get(request);

/** Parameter of a handler: the {@link Principal} that calls. */
export const Caller = createParamDecorator<undefined, Principal>((_: undefined, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<object>()),
);
