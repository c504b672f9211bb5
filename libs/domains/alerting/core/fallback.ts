import { DomainError } from '@holdfast/kernel';
import type { Destination } from './alert';

/** How long one destination may fail before the next one is tried too, in ms. */
export const PATIENCE_MS = 10_000;
/** While there is another way, a destination is tried again after this; one that asks for a longer pause is left for the next one at once. Seconds. */
const SOON = 2;
const LONG = 5;
/** The circuit breaker of the destination is open: it has been failing for others. */
const OPEN = 'channel_open';

export interface Delivered {
  /** Place of the destination that took it, from 0. */
  readonly used: number;
  readonly ref: string;
  /** Codes of what those before it said. */
  readonly failed: readonly string[];
}

/**
 * Tries destinations in their order: the next one at once when one refuses for good, is known to be down or asks for a long pause; when one fails otherwise as soon as the page has been
 * failing for {@link PATIENCE_MS}. Each call begins with the first one, which may be back.
 * @throws DomainError `unavailable` of the first that may take it later, else `invalid` of the last
 */
export async function deliver(
  destinations: readonly Destination[],
  failingForMs: number,
  send: (destination: Destination) => Promise<{ readonly ref: string }>,
): Promise<Delivered> {
  const failed: string[] = [];
  let passing: DomainError | undefined;
  let last: unknown;
  for (const [used, destination] of destinations.entries()) {
    try {
      return { used, ref: (await send(destination)).ref, failed };
    } catch (error) {
      if (!(error instanceof DomainError) || (error.kind !== 'unavailable' && error.kind !== 'invalid')) throw error;
      last = error;
      failed.push(error.code);
      if (error.kind === 'invalid') continue;
      passing ??= error;
      const isDown = error.code === OPEN || (error.details.retryAfterSeconds ?? 0) > LONG;
      const hasNext = used + 1 < destinations.length;
      if (hasNext && !isDown && failingForMs < PATIENCE_MS) throw soon(error);
    }
  }
  throw passing ?? last;
}

const soon = ({ kind, code, message, details }: DomainError): DomainError =>
  new DomainError(kind, code, message, {
    ...details,
    retryAfterSeconds: Math.max(SOON, details.retryAfterSeconds ?? 0),
  });
