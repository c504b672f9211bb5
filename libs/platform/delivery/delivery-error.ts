/**
 * Why a message was not delivered:
 * - `unreachable`: no whole answer in time, or no connection; it may have arrived all the same
 * - `rate_limited`: told to slow down, by the vendor (429) or because the turn in our own rate limit would come too late
 * - `failing`: the vendor has trouble of its own (5xx, or an answer that is none)
 * - `unauthorized`: the secret is not, or no longer, accepted (401, 403)
 * - `refused`: the vendor says no for another reason; a repeat will not help
 */
export type DeliveryErrorKind = 'unreachable' | 'rate_limited' | 'failing' | 'unauthorized' | 'refused';

const RETRYABLE: ReadonlySet<DeliveryErrorKind> = new Set(['unreachable', 'rate_limited', 'failing']);

export interface DeliveryErrorDetails {
  /** Status of the answer, of HTTP or SMTP, if there was one. */
  readonly status?: number | undefined;
  /** The vendor's own code of the error, such as `channel_not_found`; never its prose, which may quote the message. */
  readonly code?: string | undefined;
  /** When a further try may succeed, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
}

/** A message that a vendor did not take. Carries no secret and no part of the message. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  constructor(
    readonly kind: DeliveryErrorKind,
    message: string,
    readonly details: DeliveryErrorDetails = {},
  ) {
    super(message);
  }

  /** Whether the same message may be taken later. */
  get retryable(): boolean {
    return RETRYABLE.has(this.kind);
  }
}
