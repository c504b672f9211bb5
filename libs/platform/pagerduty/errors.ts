/**
 * Why an event was not enqueued:
 * - `invalid_input`: refused here, no call was made (routing key or dedup key unusable, event not JSON);
 * - `invalid_event`: PagerDuty answered 400; the same event will never be taken;
 * - `rejected`: another 3xx or 4xx; a repeat will not help;
 * - `rate_limited`: 429 until attempts or the deadline ran out;
 * - `unavailable`: 5xx, an unexpected 2xx, a network error or a timeout until attempts or the deadline ran out;
 * - `deadline`: the turn in the client's own rate limit would come after the deadline; no call was made.
 */
export type PagerDutyErrorKind =
  'invalid_input' | 'invalid_event' | 'rejected' | 'rate_limited' | 'unavailable' | 'deadline';

const RETRYABLE: ReadonlySet<PagerDutyErrorKind> = new Set(['rate_limited', 'unavailable', 'deadline']);

export interface PagerDutyErrorDetails {
  /** HTTP status of the last answer, if there was one. */
  readonly status?: number;
  /** What PagerDuty found wrong with the event, in its words; the routing key is blotted out. */
  readonly errors?: readonly string[];
  /** When a further try may succeed, in milliseconds from now: PagerDuty's Retry-After, or the wait for a turn. */
  readonly retryAfterMs?: number;
  /** Calls made before giving up. */
  readonly attempts?: number;
}

/** An event that PagerDuty did not take. Carries no routing key and no part of the event. */
export class PagerDutyError extends Error {
  override readonly name = 'PagerDutyError';
  readonly status: number | undefined;
  readonly errors: readonly string[];
  readonly retryAfterMs: number | undefined;
  readonly attempts: number;

  constructor(
    readonly kind: PagerDutyErrorKind,
    message: string,
    details: PagerDutyErrorDetails = {},
  ) {
    super(message);
    this.status = details.status;
    this.errors = details.errors ?? [];
    this.retryAfterMs = details.retryAfterMs;
    this.attempts = details.attempts ?? 0;
  }

  /** Whether the same event may be taken later. */
  get retryable(): boolean {
    return RETRYABLE.has(this.kind);
  }
}
