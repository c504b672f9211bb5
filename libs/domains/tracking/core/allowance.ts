/**
 * How much may come at a rate, with bursts: a token bucket that may go into debt. Whoever comes while it is not empty is let in whole, and the next waits until
 * the debt is paid: batches larger than a burst get through, and the rate holds over time. Source: Turner, "New Directions in Communications" (1986).
 */
export class Allowance {
  private tokens: number;

  /** @param perSecond rate @param burst the most that is saved up @param now in seconds, by any clock */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private now: number,
  ) {
    this.tokens = burst;
  }

  isFor(perSecond: number, burst: number): boolean {
    return this.perSecond === perSecond && this.burst === burst;
  }

  /** @returns 0 when it is let in, else the seconds after which it will be */
  take(count: number, now: number): number {
    this.tokens = Math.min(this.burst, this.tokens + Math.max(0, now - this.now) * this.perSecond);
    this.now = now;
    if (this.tokens <= 0) return Math.max(0.001, (Math.min(1, this.burst) - this.tokens) / this.perSecond);
    this.tokens -= count;
    return 0;
  }

  giveBack(count: number): void {
    this.tokens = Math.min(this.burst, this.tokens + count);
  }
}

/** Seconds from an instant, in microseconds, to the next midnight of UTC. */
export const secondsToNextDay = (now: number): number =>
  Math.ceil((86_400_000_000 - (now % 86_400_000_000)) / 1_000_000);
