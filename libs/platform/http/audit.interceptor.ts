import { createHash } from 'node:crypto';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  Logger,
  type NestInterceptor,
} from '@nestjs/common';
import { DomainError, newId } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import type { FastifyRequest } from 'fastify';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import { AUDITOR, auditingOf, type Auditing, type Auditor, type AuditRecord } from './audit';
import { foundCaller } from './principal';
import { Refusals } from './refusals';

/** The secret part of a signed link is a parameter of its path. */
const SECRET_PARAMETERS = new Set(['token']);
const LONGEST = 300;

/**
 * Writes into the audit log what each request was for, before it is answered. Where the log takes nothing, nothing is answered, and nothing is changed: what changes
 * something is announced before it is carried out, and its outcome told afterwards (ADR 25).
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly log = new Logger('Audit');

  constructor(
    @Inject(AUDITOR) private readonly auditor: Auditor,
    private readonly refusals: Refusals,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { url = '', config } = request.routeOptions;
    const auditing = auditingOf(request.method, url, config.terms ?? {});
    if ('not' in auditing) return next.handle();
    return defer(() =>
      this.audited(request, auditing, () => lastValueFrom(next.handle(), { defaultValue: undefined })),
    );
  }

  private async audited(
    request: FastifyRequest,
    { kind, announced }: Exclude<Auditing, { not: string }>,
    run: () => Promise<unknown>,
  ): Promise<unknown> {
    const record = { ...recordOf(request), kind };
    const intent = announced ? newId() : undefined;
    if (intent !== undefined) await this.auditor.write({ ...record, id: intent, outcome: 'intended' });
    const outcome = { ...record, id: newId(), ...(intent !== undefined && { intent }) };
    let answer: unknown;
    try {
      answer = await run();
    } catch (error) {
      await this.tellFailure(outcome, error);
      throw error;
    }
    await this.auditor.write({ ...outcome, outcome: 'success' }).catch((error: unknown) => {
      throw intent === undefined ? error : carriedOut();
    });
    return answer;
  }

  /** A failure gives nothing away: it is told as it is, even where the log does not take it. Of strangers the log takes only so many. */
  private async tellFailure(record: Omit<AuditRecord, 'outcome'>, error: unknown): Promise<void> {
    const foreseen = error instanceof DomainError ? error : fromFailure(error);
    const outcome = foreseen && ['forbidden', 'unauthenticated'].includes(foreseen.kind) ? 'denied' : 'failure';
    const code = foreseen?.code ?? 'internal';
    if (record.actorKind === 'unknown') {
      this.refusals.note({ ...record, code });
      return;
    }
    await this.auditor.write({ ...record, outcome, code }).catch((failed: unknown) => this.log.error(failed));
  }
}

/** What is told of a request, whatever becomes of it. Nobody is known where a signature stands for a key. */
export function recordOf(request: FastifyRequest): Omit<AuditRecord, 'id' | 'kind' | 'outcome'> {
  const { method, routeOptions, params, raw, body, id } = request;
  const path = routeOptions.url ?? '';
  const caller = foundCaller(request);
  const [, kind = ''] = /^\/v1\/([^/:]+)/.exec(path) ?? [];
  const named = Object.entries((params ?? {}) as Record<string, string>)
    .filter(([name]) => !SECRET_PARAMETERS.has(name))
    .map(([, value]) => value);
  const query = raw.url?.split('?', 2)[1] ?? '';
  const hasDetails = query !== '' || (body !== undefined && body !== null);
  return {
    action: `${method} ${path}`,
    actor: caller?.id ?? 'unknown',
    actorKind: caller?.kind ?? 'unknown',
    subject: { kind: kind === '' ? 'interface' : kind, id: named.join('/').toWellFormed().slice(0, LONGEST) },
    request: id,
    ...(hasDetails && {
      digest: createHash('sha256')
        .update(JSON.stringify([query, body ?? null]))
        .digest('hex'),
    }),
  };
}

const carriedOut = (): DomainError =>
  new DomainError(
    'unavailable',
    'audit_unavailable',
    'it was carried out, and is announced in the audit log, which does not take its outcome now; read before you repeat it',
    { retryAfterSeconds: 2, extra: { carriedOut: true } },
  );
