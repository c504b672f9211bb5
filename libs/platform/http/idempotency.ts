import { createHash } from 'node:crypto';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  Logger,
  type NestInterceptor,
} from '@nestjs/common';
import { DomainError, invalid, newId, type ErrorKind } from '@holdfast/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import { IdempotencyStore } from './idempotency.store';
import { standing, type ClaimRow } from './idempotency-claims';
import { callerOf } from './principal';
import { termsOf, type IdempotentTerms } from './route-terms';

const KEPT_MICROS = 7 * 86_400_000_000;
const KEY = /^[\x21-\x7e]{1,200}$/;
/** Outcomes that say "not like this" or "not now": nothing was carried out, and the key stays free for the mended request. */
const NOT_KEPT: ReadonlySet<ErrorKind> = new Set(['invalid', 'too_many_requests', 'unavailable']);

/** One call with a key. */
interface Call {
  readonly keyHash: string;
  readonly requestHash: string;
  readonly claim: string;
}

/**
 * Gives routes with `@Idempotent()` their meaning. The first call's answer, or the error that refused it, is kept for seven days by a hash of principal,
 * route and key; the same call gets it again with `Idempotency-Replayed: true`. Kept are answers below 500, except 429 and what the schema refused.
 * A call renews its claim for as long as it runs; one that crashed without an answer keeps its key for 45 seconds, then the call may be carried out again.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly log = new Logger('Idempotency');
  constructor(@Inject(IdempotencyStore) private readonly store: IdempotencyStore) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const terms = termsOf(context.getHandler()).idempotent;
    if (!terms) return next.handle();
    const http = context.switchToHttp();
    return defer(() => this.once(http.getRequest(), http.getResponse(), terms, () => lastValueFrom(next.handle())));
  }

  private async once(
    request: FastifyRequest,
    reply: FastifyReply,
    terms: IdempotentTerms,
    run: () => Promise<unknown>,
  ): Promise<unknown> {
    const call = callOf(request);
    await this.write(call, 'claimed');
    const now = micros();
    const found = standing(await this.store.claims(call.keyHash, now - KEPT_MICROS), call.claim, call.requestHash, now);
    if (found.is === 'ours') return this.carryOut(call, reply, terms, run);
    await this.write(call, 'released');
    if (found.is === 'other_request') throw reused();
    if (found.is === 'in_use') throw inUse((found.untilMicros - now) / 1e6);
    return replay(reply, terms, found.status, JSON.parse(found.answer) as unknown);
  }

  private async carryOut(
    call: Call,
    reply: FastifyReply,
    { keepOnly }: IdempotentTerms,
    run: () => Promise<unknown>,
  ): Promise<unknown> {
    const renewing = setInterval(() => void this.writeQuietly(call, 'claimed'), this.store.renewEveryMs);
    try {
      const answer = await run().finally(() => clearInterval(renewing));
      const kept = keepOnly ? pick(answer, keepOnly) : (answer ?? null);
      await this.writeQuietly(call, 'answered', reply.statusCode, kept);
      return answer;
    } catch (error) {
      if (error instanceof DomainError && !NOT_KEPT.has(error.kind))
        await this.writeQuietly(call, 'answered', ERROR, toRecord(error));
      else await this.writeQuietly(call, 'released');
      throw error;
    }
  }

  private write(call: Call, state: ClaimRow['state'], status = 0, answer: unknown = null): Promise<void> {
    const { keyHash, requestHash, claim } = call;
    return this.store.write(keyHash, {
      claim,
      state,
      request_hash: requestHash,
      status,
      answer: JSON.stringify(answer),
      at: micros(),
    });
  }

  /** What was carried out is not taken back because its answer cannot be kept; a repeat waits for the claim to run out. */
  private async writeQuietly(call: Call, state: ClaimRow['state'], status?: number, answer?: unknown): Promise<void> {
    await this.write(call, state, status, answer).catch((error: unknown) => this.log.error(error));
  }
}

/** Stands for a status where the answer is a DomainError. */
const ERROR = 0;

function replay(reply: FastifyReply, { keepOnly }: IdempotentTerms, status: number, answer: unknown): unknown {
  void reply.header('idempotency-replayed', 'true');
  if (status === ERROR) {
    const { kind, code, detail, details } = answer as ErrorRecord;
    throw new DomainError(kind, code, detail, details);
  }
  if (keepOnly)
    throw new DomainError(
      'conflict',
      'secret_already_shown',
      'this call was carried out; its answer held a secret that is shown once',
      { extra: { created: answer } },
    );
  void reply.status(status);
  return answer ?? undefined;
}

interface ErrorRecord {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly detail: string;
  readonly details: DomainError['details'];
}
const toRecord = ({ kind, code, message, details }: DomainError): ErrorRecord => ({
  kind,
  code,
  detail: message,
  details,
});

function callOf(request: FastifyRequest): Call {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !KEY.test(key))
    throw invalid('idempotency_key_required', 'send a fresh Idempotency-Key with each thing to create', [
      { field: 'Idempotency-Key', reason: 'must be 1 to 200 visible ASCII characters' },
    ]);
  const { method, routeOptions, url, body } = request;
  return {
    keyHash: sha256([callerOf(request).id, method, routeOptions.url, key]),
    requestHash: sha256([url, body]),
    claim: newId(),
  };
}

const sha256 = (of: unknown): string => createHash('sha256').update(JSON.stringify(of)).digest('hex');
const micros = (): number => Date.now() * 1000;

const pick = (from: unknown, names: readonly string[]): unknown =>
  Object.fromEntries(Object.entries(from as object).filter(([name]) => names.includes(name)));

const reused = () =>
  new DomainError('conflict', 'idempotency_key_reused', 'this Idempotency-Key came with another request before');
const inUse = (seconds: number) =>
  new DomainError('conflict', 'idempotency_key_in_use', 'the first call with this Idempotency-Key is still under way', {
    retryAfterSeconds: Math.min(2, Math.max(1, seconds)),
  });
