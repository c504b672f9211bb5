import type { Timing } from './timing';

export interface TokenBucketOptions {
  /** No window of a minute sees more calls of one key than this. */
  readonly callsPerMinute: number;
  /** Calls of a rested key that need not wait, less than `callsPerMinute`. The rest of the minute's calls is the refill. */
  readonly burst: number;
  /** Keys remembered at once; the one unused for longest is forgotten first. */
  readonly maxKeys: number;
}

/** Either the turn has come, or it would come only after the deadline, in `waitMs` milliseconds. */
export type Turn = { readonly granted: true } | { readonly granted: false; readonly waitMs: number };

interface Bucket {
  /** When the bucket is full again, in milliseconds: the only state that a token bucket needs. */
  fullAt: number;
  pausedUntil: number;
}

/**
 * A token bucket per key, as the generic cell rate algorithm (ITU-T I.371). Vendors count over the 60 seconds that lie behind a call,
 * so burst and refill of a minute together stay within its limit. Callers reserve turns in the order in which they ask.
 */
export class KeyedTokenBucket {
  private readonly buckets = new Map<string, Bucket>();
  private readonly interval: number;
  private readonly tolerance: number;

  /** @throws RangeError when the options admit no calls */
  constructor(
    private readonly options: TokenBucketOptions,
    private readonly timing: Timing,
  ) {
    const { callsPerMinute, burst, maxKeys } = options;
    if (!(burst >= 1 && burst < callsPerMinute)) {
      throw new RangeError('burst must be at least 1 and less than callsPerMinute');
    }
    if (!(maxKeys >= 1)) throw new RangeError('maxKeys must be at least 1');
    this.interval = 60_000 / (callsPerMinute - burst);
    this.tolerance = (burst - 1) * this.interval;
  }

  /** Keys remembered now. */
  get size(): number {
    return this.buckets.size;
  }

  /**
   * Waits for a turn, or tells at once that none comes before the deadline (milliseconds, as of `Timing.now`).
   * @throws what the sleep rejects with when the signal is aborted; the turn is given back if nobody has queued up behind it
   */
  async take(key: string, deadline: number, signal?: AbortSignal): Promise<Turn> {
    const bucket = this.bucketOf(key);
    const before = bucket.fullAt;
    const earliest = Math.max(this.timing.now(), bucket.pausedUntil);
    const at = Math.max(earliest, before - this.tolerance);
    const reserved = Math.max(at, before) + this.interval;
    bucket.fullAt = reserved;
    let granted = false;
    try {
      let wake = at;
      // A pause may be ordered during the sleep.
      for (; wake > this.timing.now() && wake <= deadline; wake = bucket.pausedUntil) {
        await this.timing.sleep(wake - this.timing.now(), signal);
      }
      granted = wake <= this.timing.now();
      return granted ? { granted } : { granted: false, waitMs: wake - this.timing.now() };
    } finally {
      if (!granted && bucket.fullAt === reserved) bucket.fullAt = before;
    }
  }

  /** Lets nobody through with this key for so many milliseconds. */
  pause(key: string, milliseconds: number): void {
    const bucket = this.bucketOf(key);
    bucket.pausedUntil = Math.max(bucket.pausedUntil, this.timing.now() + milliseconds);
  }

  /** Forgetting a key that is in use merely restarts its budget: the vendor's own limit still answers 429. */
  private bucketOf(key: string): Bucket {
    const bucket = this.buckets.get(key) ?? { fullAt: 0, pausedUntil: 0 };
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > this.options.maxKeys) {
      const oldest = this.buckets.keys().next();
      if (!oldest.done) this.buckets.delete(oldest.value);
    }
    return bucket;
  }
}
