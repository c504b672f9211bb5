import 'reflect-metadata';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import type { PermissionName } from './permissions';

/** What a route states about itself, beside its path. */
export interface RouteTerms {
  readonly permission?: PermissionName;
  /** Why the route needs no key. */
  readonly publicBecause?: string;
  readonly idempotent?: IdempotentTerms;
  readonly unparsedBody?: readonly string[];
  /** Whether only the API that takes records in carries it out. */
  readonly byIntakeOwner?: true;
  readonly audit?: AuditTerms | { readonly not: string };
  readonly answers?: readonly Answer[];
}

/** What a request of a route is for, where permission and method do not say it. */
export interface AuditTerms {
  readonly kind: 'access' | 'query' | 'export' | 'change' | 'decision';
}

export interface IdempotentTerms {
  /**
   * For an answer that holds a secret: the members that may be kept. Nothing else of it is stored, and a repeat is refused with
   * `secret_already_shown` and these members, instead of being answered again.
   */
  readonly keepOnly?: readonly string[];
}

/** One answer of a route, for the OpenAPI document. */
export interface Answer {
  readonly status: number;
  readonly schema?: z.ZodType;
  readonly description: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    terms?: RouteTerms;
  }
}

const TERMS = Symbol('route terms');

export const termsOf = (handler: object): RouteTerms =>
  (Reflect.getMetadata(TERMS, handler) as RouteTerms | undefined) ?? {};

/** Kept as metadata of the handler, for the OpenAPI document, and as configuration of the Fastify route, for hooks that run before Nest. */
const state =
  (add: (terms: RouteTerms) => RouteTerms): MethodDecorator =>
  (target, name, descriptor) => {
    const handler = descriptor.value as object;
    const terms = add(termsOf(handler));
    Reflect.defineMetadata(TERMS, terms, handler);
    RouteConfig({ terms })(target, name, descriptor as TypedPropertyDescriptor<unknown>);
  };

/** The caller's key must give this permission. */
export const Permission = (permission: PermissionName): MethodDecorator => state((terms) => ({ ...terms, permission }));

/** Needs no key. @param because why that is safe; listed by the architecture test */
export const Public = (because: string): MethodDecorator => state((terms) => ({ ...terms, publicBecause: because }));

/**
 * For a POST that creates: needs the header `Idempotency-Key`, and answers a repeat as it answered the first call.
 * `libs/platform/http/idempotency.ts` says what is kept and for how long.
 */
export const Idempotent = (terms: IdempotentTerms = {}): MethodDecorator =>
  state((others) => ({ ...others, idempotent: terms }));

/**
 * The handler reads the body itself, from `request.raw`: nothing has consumed or limited it, not even its length or its content encoding. Other content types
 * than these are refused with 415; a body without a content type too.
 */
export const UnparsedBody = (...contentTypes: readonly string[]): MethodDecorator =>
  state((terms) => ({ ...terms, unparsedBody: contentTypes }));

/** Carried out where records are taken in: another API hands such requests on to that one (docs/adr/0002). */
export const ByIntakeOwner = (): MethodDecorator => state((terms) => ({ ...terms, byIntakeOwner: true }));

/** What the audit log calls a request of this route, where its permission and method would say something else. */
export const Audited = (kind: AuditTerms['kind']): MethodDecorator => state((terms) => ({ ...terms, audit: { kind } }));

/** Leaves requests of this route out of the audit log. @param because why nothing is missing there; listed by the architecture test */
export const NotAudited = (because: string): MethodDecorator =>
  state((terms) => ({ ...terms, audit: { not: because } }));

/** Documents an answer of the route: @param schema of its body, none when it has no body */
export const Answers = (status: number, description: string, schema?: z.ZodType): MethodDecorator =>
  state((terms) => ({
    ...terms,
    answers: [...(terms.answers ?? []), { status, description, ...(schema && { schema }) }],
  }));
