import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { retryAfterMs } from '@holdfast/platform/delivery';
import { signatureOf } from '@holdfast/platform/signed-webhook';
import { ApplicationFailure } from '@temporalio/common';

/** A request to send keys again. */
export interface ReplayRequest {
  readonly process: string;
  readonly reconciliation: string;
  readonly from: string;
  readonly to: string;
  readonly rule: string;
  readonly keys: readonly string[];
}

/** Answers that a repeat may better. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Calls the addresses of HOLDFAST_CONNECTORS, and no others: a rule names one, and redirects are not followed. Requests are signed:
 * `Holdfast-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "t.body">`.
 */
@Injectable()
export class Connectors {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /**
   * @param idempotencyKey the same for a repeat of the same request
   * @param timeoutMs until the whole answer is there
   * @throws DomainError `conflict` when the source refuses, or is not configured; ApplicationFailure that may be retried, no sooner than the source says, when it cannot now
   */
  async send(
    connector: string,
    request: ReplayRequest,
    idempotencyKey: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const url = this.configuration.HOLDFAST_CONNECTORS.get(connector);
    const secret = this.configuration.HOLDFAST_CONNECTOR_SECRETS.get(connector);
    if (url === undefined || secret === undefined)
      throw new DomainError('conflict', 'connector_missing', 'the connector is not configured');
    const body = JSON.stringify(request);
    const t = Math.floor(Date.now() / 1000);
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          'holdfast-signature': signatureOf(body, [secret], t),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.body?.cancel();
    } catch {
      signal.throwIfAborted();
      throw new DomainError('unavailable', 'connector_unavailable', 'the source could not be reached in time');
    }
    const { status } = response;
    if (status >= 200 && status < 300) return;
    if (!PASSING.has(status) && status < 500)
      throw new DomainError('conflict', 'connector_refused', 'the source refuses to send again', { extra: { status } });
    const wait = retryAfterMs(response.headers, Date.now());
    throw ApplicationFailure.create({
      type: 'connector_unavailable',
      message: `the source answered ${status}`,
      ...(wait !== undefined && { nextRetryDelay: Math.min(wait, LONGEST_WAIT_MS) }),
    });
  }
}

/** A source that asks for more is tried after this long all the same. */
const LONGEST_WAIT_MS = 3_600_000;
