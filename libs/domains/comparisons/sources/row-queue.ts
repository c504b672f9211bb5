/** What can be told to wait. */
interface Pausable {
  pause(): void;
  resume(): void;
}

const CHUNK = 1 << 18;
const NEWLINE = 10;

/** Rows that are pushed one by one, taken as chunks of lines. The pusher waits while a chunk is full and nobody takes it. */
export class RowQueue {
  private filling: Buffer = Buffer.allocUnsafe(CHUNK);
  private length = 0;
  private readonly full: Buffer[] = [];
  private ended = false;
  private error: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly pusher: Pausable) {}

  push(row: Buffer): void {
    if (this.length + row.length + 1 > this.filling.length) this.turn(row.length + 1);
    row.copy(this.filling, this.length);
    this.length += row.length;
    this.filling[this.length++] = NEWLINE;
  }

  /** Bytes of rows that end with a newline themselves, cut anywhere. */
  append(bytes: Buffer, from: number, to: number): void {
    if (this.length + to - from > this.filling.length) this.turn(to - from);
    this.length += bytes.copy(this.filling, this.length, from, to);
  }

  private turn(least: number): void {
    if (this.length > 0) this.full.push(this.filling.subarray(0, this.length));
    this.filling = Buffer.allocUnsafe(Math.max(CHUNK, least));
    this.length = 0;
    if (this.full.length > 1) this.pusher.pause();
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  fail(error: Error): void {
    this.error ??= error;
    this.wake?.();
  }

  /** The next chunk; undefined at the end. @throws what it failed with */
  async next(): Promise<Buffer | undefined> {
    while (!this.error && this.full.length === 0 && !this.ended)
      await new Promise<void>((resolve) => (this.wake = resolve));
    if (this.error) throw this.error;
    const chunk = this.full.shift();
    if (chunk) {
      this.pusher.resume();
      return chunk;
    }
    if (this.length === 0) return undefined;
    const last = this.filling.subarray(0, this.length);
    this.length = 0;
    return last;
  }
}
