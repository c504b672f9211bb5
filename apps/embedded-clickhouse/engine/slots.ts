import { exception } from './exception';

/** How many may wait for a slot before further ones are turned away. */
const MAX_WAITING = 1000;

/** Lets so many through at a time, in the order of asking: each running query holds a thread of the process. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(private readonly count: number) {}

  /**
   * Waits for a slot. The caller gives it back.
   * @throws the signal's reason when it is aborted first
   * @throws ClickHouseException TOO_MANY_SIMULTANEOUS_QUERIES when too many wait already
   */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#taken < this.count) {
      this.#taken++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING)
      throw exception('TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries.');
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(enter);
    });
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken--;
  }
}
