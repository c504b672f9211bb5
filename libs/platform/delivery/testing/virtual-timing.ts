import type { Timing } from '../timing';

/** Time that a test owns: by default a sleep passes at once and moves the clock; held, it lasts until the test advances the clock. */
export class VirtualTiming implements Timing {
  readonly slept: number[] = [];
  private clock = Date.now();
  private sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  constructor(private readonly options: { readonly held?: boolean; readonly random?: number } = {}) {}

  readonly now = (): number => this.clock;
  readonly random = (): number => this.options.random ?? 0.5;

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(milliseconds);
    if (!this.options.held) {
      this.clock += milliseconds;
      return;
    }
    await new Promise<void>((wake, fail) => {
      this.sleepers.push({ until: this.clock + milliseconds, wake });
      signal?.addEventListener('abort', () => fail(new Error('aborted')), { once: true });
    });
  }

  /** Moves the clock and wakes whoever is due. */
  advance(milliseconds: number): void {
    this.clock += milliseconds;
    const due = this.sleepers.filter(({ until }) => until <= this.clock);
    this.sleepers = this.sleepers.filter(({ until }) => until > this.clock);
    for (const { wake } of due) wake();
  }
}
