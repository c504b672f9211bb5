import { setTimeout as delay } from 'node:timers/promises';
import type { LogFile } from './log-file';
import { describeExit, type Running } from './running';

/** How a child shows that it can be used. */
export type Readiness =
  /** A node child says so itself, by `announceReady`. */
  | { readonly by: 'message' }
  /**
   * Asked again until it answers true; a rejection is a no. `everyMs` milliseconds between two questions, default 50.
   * The signal is aborted when the answer no longer matters.
   */
  | { readonly by: 'probe'; readonly probe: (signal: AbortSignal) => Promise<boolean>; readonly everyMs?: number };

/** A child could not be brought up. The message ends with the last lines of its log. */
export class ChildNotReadyError extends Error {
  override readonly name = 'ChildNotReadyError';
  constructor(
    readonly child: string,
    reason: string,
    readonly logTail: string,
    options?: ErrorOptions,
  ) {
    super(`${child} ${reason}${logTail.trim() === '' ? '' : `; its log ends with:\n${logTail.trimEnd()}`}`, options);
  }
}

/** Asks until the answer is yes; `onNo` hears why it was not. */
async function ask(
  { probe, everyMs = 50 }: Readiness & { by: 'probe' },
  signal: AbortSignal,
  onNo: (reason: string) => void,
): Promise<undefined> {
  while (!signal.aborted) {
    const yes = await probe(signal).catch((error: unknown) => {
      onNo(error instanceof Error ? error.message : String(error));
      return false;
    });
    if (yes) return undefined;
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

export interface Wait {
  readonly name: string;
  readonly log: LogFile;
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/**
 * Waits until a child can be used.
 * @returns the port that a node child announced
 * @throws ChildNotReadyError when it ends, takes too long or is given up; it is not ended here
 */
export async function whenReady(running: Running, readiness: Readiness, wait: Wait): Promise<number | undefined> {
  const over = new AbortController();
  let why = '';
  const failed = new Promise<never>((_, reject) => {
    const fail = (reason: string): void => reject(new ChildNotReadyError(wait.name, reason, wait.log.tail()));
    void running.exited.then((exit) => fail(`${describeExit(exit)} before it was ready`));
    const timer = setTimeout(() => fail(`was not ready within ${wait.timeoutMs} ms${why}`), wait.timeoutMs);
    over.signal.addEventListener('abort', () => clearTimeout(timer));
    wait.signal?.addEventListener('abort', () => fail('was stopped before it was ready'), { signal: over.signal });
    if (wait.signal?.aborted) fail('was stopped before it was ready');
  });
  const ready =
    readiness.by === 'message'
      ? running.announced.then(({ port }) => port)
      : ask(readiness, over.signal, (reason) => (why = ` (${reason})`));
  try {
    return await Promise.race([ready, failed]);
  } finally {
    over.abort();
  }
}
