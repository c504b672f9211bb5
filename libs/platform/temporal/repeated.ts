import type { Logger } from '@nestjs/common';

/** Runs a task over and over, one at a time, and says when it fails. */
export class Repeated {
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  /** @param task answers `done` when it need not be run any more */
  constructor(
    private readonly everyMs: number,
    private readonly task: () => Promise<unknown>,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    let outcome: unknown;
    try {
      outcome = await this.task();
    } catch (error) {
      this.log.warn(error instanceof Error ? error : String(error));
    }
    if (!this.stopped && outcome !== 'done') this.timer = setTimeout(() => this.start(), this.everyMs);
  }
}
