const DELAY_SECONDS = /^\d{1,9}$/;
const HTTP_DATE = /^[A-Za-z]{3,9},? .*\d\d:\d\d:\d\d/;

/**
 * Milliseconds that a Retry-After header asks to wait, in either form of RFC 9110, section 10.2.3; undefined when it asks for nothing
 * usable. A date is held against the answer's own Date header where there is one: the two clocks need not agree.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  if (DELAY_SECONDS.test(value)) return Number(value) * 1000;
  const until = httpDate(value);
  if (until === undefined) return undefined;
  const wait = until - (httpDate(headers.get('date') ?? '') ?? now);
  return wait > 0 ? wait : undefined;
}

/** Milliseconds until a rate begins anew by a RateLimit-Reset header, which is in seconds; undefined without one. Source: draft-ietf-httpapi-ratelimit-headers-06, section 3.3. */
export function rateResetMs(headers: Headers): number | undefined {
  const value = headers.get('ratelimit-reset')?.trim() ?? '';
  return DELAY_SECONDS.test(value) ? Number(value) * 1000 : undefined;
}

function httpDate(text: string): number | undefined {
  const milliseconds = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/**
 * Exponential backoff with full jitter: uniform between 0 and min(cap, base * 2^(attempt - 1)), all in milliseconds; attempts count from 1.
 * Full jitter spreads the retries of many callers best. Source: M. Brooker, "Exponential Backoff and Jitter", 2015.
 */
export function backoffMs(attempt: number, base: number, cap: number, random: () => number): number {
  return random() * Math.min(cap, base * 2 ** (attempt - 1));
}
