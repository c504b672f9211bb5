import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Runs work later: in the order of arrival within a key, side by side across keys. */
export class OrderedQueue {
  private readonly tails = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor() {
    // Everything that waits listens; Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.signal);
  }

  /** Aborted when the queue stops. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Runs the work at the earliest after so many milliseconds, never before this call has returned. Settles when done or stopped. */
  push(key: string, delayMs: number, work: () => Promise<void> | void): Promise<void> {
    const previous = this.tails.get(key);
    const due = delay(delayMs, undefined, { signal: this.signal });
    const done = Promise.all([previous, due])
      .then(() => work())
      .catch((error: unknown) => {
        if (!this.signal.aborted) throw error;
      });
    this.tails.set(key, done);
    // Left unhandled on purpose when it fails: an error here is a defect of the emulator and must be heard of.
    void done.finally(() => {
      if (this.tails.get(key) === done) this.tails.delete(key);
    });
    return done;
  }

  /** Resolves when nothing is left to run. */
  async idle(): Promise<void> {
    while (this.tails.size > 0) await Promise.all(this.tails.values());
  }

  /** Drops what has not begun. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.idle();
  }
}
