import { ClickHouseError } from '@clickhouse/client';
import { DomainError } from '@holdfast/kernel';
import { Logger } from '@nestjs/common';

const log = new Logger('ClickHouse');

/** Codes of ClickHouse that mean "not now": a limit of time or memory, no room, shutting down, read only. */
const PASSING = new Set([
  '159',
  '160',
  '164',
  '202',
  '209',
  '210',
  '236',
  '241',
  '242',
  '243',
  '252',
  '319',
  '373',
  '425',
  '999',
]);

/** Those of them that are about the query: its time, also as foreseen, and its memory. */
const TOO_MUCH = new Set(['159', '160', '241']);

/** What says "try again" becomes a DomainError; the rest is a fault and stays what it is. */
export function unavailableOr(error: unknown): unknown {
  const passing = error instanceof ClickHouseError ? PASSING.has(error.code) : isConnectionError(error);
  if (!passing) return error;
  const unavailable = new DomainError(
    'unavailable',
    'store_unavailable',
    'ClickHouse does not answer now; nothing of this call was acknowledged',
    { retryAfterSeconds: 2 },
  );
  unavailable.cause = error;
  const { code = 'connection lost' } = error as { code?: string };
  log.warn(`not available: ${code}`);
  return unavailable;
}

export function isConnectionError(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (name === 'AbortError' || name === 'TimeoutError') return true;
  if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR_.*)$/.test(code)) return true;
  return error instanceof Error && /socket hang up|Timeout error|aborted/i.test(error.message);
}

/** Whether an insert that failed with this error may have taken effect: the connection broke, the engine did not refuse. */
export const outcomeUnknown = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'store_unavailable' && !(error.cause instanceof ClickHouseError);

/** Whether a query failed because it asked for more than its limits of time and memory allow: asked for less it may succeed. */
export function tooMuch(error: unknown): boolean {
  if (!(error instanceof DomainError) || error.code !== 'store_unavailable') return false;
  const { cause } = error;
  return cause instanceof ClickHouseError ? TOO_MUCH.has(cause.code) : (cause as Error).name === 'TimeoutError';
}
