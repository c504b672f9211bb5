import { DomainError, invalid } from '@holdfast/kernel';
import { DeliveryError } from '@holdfast/platform/delivery';
import { PagerDutyError } from './errors';

/**
 * Sends an event. The code of a failure says what PagerDuty did; its own words may quote the event and stay behind.
 * @throws DomainError `unavailable` when a repeat may succeed, `invalid` when none will
 */
export async function eventProblem<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    throw problemOf('the event', error);
  }
}

/** The same for a call of the REST API. @throws DomainError as `eventProblem` */
export async function restProblem<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    const { kind, retryable, details } = error;
    throw problemOf('the request', { kind, retryable, status: details.status, retryAfterMs: details.retryAfterMs });
  }
}

function problemOf(
  what: string,
  {
    kind,
    retryable,
    status,
    retryAfterMs,
  }: Pick<PagerDutyError, 'retryable' | 'status' | 'retryAfterMs'> & { kind: string },
): DomainError {
  const said = status === undefined ? '' : ` with status ${status}`;
  if (!retryable) return invalid(`pagerduty_${kind}`, `PagerDuty refuses ${what} for good${said}`);
  return new DomainError('unavailable', `pagerduty_${kind}`, `PagerDuty does not take ${what} now${said}`, {
    ...(retryAfterMs !== undefined && { retryAfterSeconds: retryAfterMs / 1000 }),
  });
}
