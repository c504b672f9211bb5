import { DomainError } from '@holdfast/kernel';
import type { Destination } from './alert';

/** How long one destination may fail before the next one is tried too, in ms. */
export const PATIENCE_MS = 30_000;
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
 * Tries destinations in their order: the next one when one refuses for good or is known to be down at once, when one fails otherwise as soon as the page has been failing for
 * {@link PATIENCE_MS}. Each call begins with the first one, which may be back.
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
      if (error.code !== OPEN && failingForMs < PATIENCE_MS) break;
    }
  }
  throw passing ?? last;
}
