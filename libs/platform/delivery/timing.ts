import { setTimeout as delay } from 'node:timers/promises';

/** Where the client takes time and chance from, so that a test can own both. */
export interface Timing {
  /** Milliseconds since 1970-01-01T00:00:00Z; must not run backwards. */
  now(): number;
  /** Resolves after so many milliseconds, or rejects as soon as the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export const systemTiming: Timing = {
  // Monotonic: a step of the wall clock must neither cut a deadline short nor stretch it.
  now: () => performance.timeOrigin + performance.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal ? { signal } : {});
  },
  random: () => Math.random(),
};
