import { DomainError } from '@holdfast/kernel';

/** Codes of what was never sent, or was answered with no: of a connection that broke nobody knows what it took. */
const TOLD: ReadonlySet<string> = new Set(['channel_rate_limited', 'channel_open', 'pagerduty_rate_limited']);

/**
 * What is known of a page's tries. One that was told no by all that it called has delivered nothing; of one that was cut short, or got no answer, nobody knows.
 * Each try leaves for the next one that nothing was delivered so far, with its own number: a try that was killed leaves what the one before it left, which must not
 * speak for it.
 */
export class Tries {
  private isUnsure: boolean;

  /** @param attempt from 1 @param left what the last try that left anything left behind */
  constructor(
    private readonly attempt: number,
    left: unknown,
  ) {
    this.isUnsure = attempt > 1 && left !== attempt - 1;
  }

  /** An earlier try, or an earlier destination of this one, may have delivered the page. */
  get mayBeDelivered(): boolean {
    return this.isUnsure;
  }

  /** A destination did not take it. */
  failed(error: unknown): void {
    const isTold = error instanceof DomainError && (error.kind === 'invalid' || TOLD.has(error.code));
    if (!isTold) this.isUnsure = true;
  }

  /** For the next try; undefined where the page may have been delivered. */
  get toLeave(): number | undefined {
    return this.isUnsure ? undefined : this.attempt;
  }
}
