import { DomainError } from '@holdfast/kernel';
import type { StoredKey } from './access.store';

/** How long a key that was read is believed: a revocation by another process takes effect within this time. */
export const BELIEVED_MS = 5_000;
/** While ClickHouse does not answer, a key that was valid when last read is believed this long: a stalled store must not stop every sender at once. */
export const BELIEVED_WITHOUT_STORE_MS = 30_000;
const REFRESH_AFTER_MS = BELIEVED_MS / 2;
const PATIENCE_MS = 1_000;
const MOST = 10_000;

interface Entry {
  readonly key: StoredKey;
  readonly readAt: number;
}

interface Lookup {
  readonly found: Promise<StoredKey | undefined>;
  readonly startedAt: number;
}

/**
 * Keys that were read a moment ago, so that a request need not wait for ClickHouse. Only keys that exist are kept: an unknown one is looked up each time,
 * so that a new key works at once. One look-up per key at a time, and a key in use is read again before it gets old.
 */
export class KeyCache {
  private readonly entries = new Map<string, Entry>();
  private readonly lookups = new Map<string, Lookup>();

  /** @param clock milliseconds that never go back */
  constructor(
    private readonly read: (id: string) => Promise<StoredKey | undefined>,
    private readonly clock: () => number,
  ) {}

  /** @throws DomainError `unavailable` when the store does not answer, and the key was not read lately */
  async get(id: string): Promise<StoredKey | undefined> {
    const known = this.entries.get(id);
    const age = known ? this.clock() - known.readAt : Infinity;
    if (known && age < BELIEVED_MS) {
      if (age >= REFRESH_AFTER_MS) this.lookUp(id).found.catch(() => undefined);
      return known.key;
    }
    try {
      const { found, startedAt } = this.lookUp(id);
      return await withPatience(found, startedAt + PATIENCE_MS - this.clock());
    } catch (error) {
      if (known && age < BELIEVED_WITHOUT_STORE_MS && isUnavailable(error)) return known.key;
      throw error;
    }
  }

  /** Forgets what this process itself has changed. */
  forget(matches: (key: StoredKey) => boolean): void {
    for (const [id, { key }] of this.entries) if (matches(key)) this.entries.delete(id);
    this.lookups.clear(); // those under way may have read what was
  }

  private lookUp(id: string): Lookup {
    const running = this.lookups.get(id);
    if (running) return running;
    const startedAt = this.clock();
    const isCurrent = (): boolean => this.lookups.get(id)?.found === found;
    const found = this.read(id).then((key) => {
      if (isCurrent()) this.keep(id, key, startedAt);
      return key;
    });
    const lookup = { found, startedAt };
    this.lookups.set(id, lookup);
    const done = (): void => {
      if (isCurrent()) this.lookups.delete(id);
    };
    found.then(done, done);
    return lookup;
  }

  /** @param readAt when the look-up began: what it saw may be as old as that */
  private keep(id: string, key: StoredKey | undefined, readAt: number): void {
    this.entries.delete(id);
    if (!key) return;
    this.entries.set(id, { key, readAt });
    if (this.entries.size > MOST) this.entries.delete(this.entries.keys().next().value!);
  }
}

async function withPatience<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(
          new DomainError('unavailable', 'store_unavailable', 'ClickHouse does not answer now', {
            retryAfterSeconds: 2,
          }),
        );
      },
      Math.max(0, milliseconds),
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const isUnavailable = (error: unknown): boolean => error instanceof DomainError && error.kind === 'unavailable';
