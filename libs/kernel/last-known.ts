import { DomainError } from './errors';

/** What could be read last, for when it cannot be read: an answer that may be old where none would be worse. */
export class LastKnown<T> {
  private readonly known = new Map<string, T>();

  /**
   * @param patienceMs how long a reading may take, in milliseconds
   * @param most how many answers are kept; of more the oldest go
   */
  constructor(
    private readonly patienceMs: number,
    private readonly most = 10_000,
  ) {}

  /** @throws what reading throws, or DomainError `unavailable` when it takes too long, where nothing is known under the key */
  async get(key: string, read: () => Promise<T>): Promise<{ readonly value: T; readonly isOld: boolean }> {
    try {
      const value = await inTime(read(), this.patienceMs);
      this.known.delete(key);
      this.known.set(key, value);
      const [oldest] = this.known.keys();
      if (this.known.size > this.most && oldest !== undefined) this.known.delete(oldest);
      return { value, isOld: false };
    } catch (error) {
      if (!this.known.has(key)) throw error;
      return { value: this.known.get(key) as T, isOld: true };
    }
  }
}

/** @throws DomainError `unavailable` when it takes longer; what is read then is thrown away */
export async function inTime<T>(reading: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DomainError('unavailable', 'too_slow', 'it takes too long')), patienceMs);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
    reading.catch(() => undefined);
  }
}
