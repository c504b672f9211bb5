const NEWLINE = 10;
const TAB = 9;

/** Lines of a stream of bytes that is cut anywhere. What is not yet taken lies in one buffer. */
export class LineReader {
  /** Holds whole lines from `at` to `end`. */
  buffer: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  private rest: Buffer[] = [];
  private ended = false;
  private taken = 0;

  constructor(private readonly chunks: AsyncIterator<Buffer>) {}

  get bytesTaken(): number {
    return this.taken;
  }
  /** Whether nothing comes after what is held. */
  get hasEnded(): boolean {
    return this.ended;
  }
  get isEmpty(): boolean {
    return this.at === this.end;
  }

  /**
   * Reads on until there is one line more than is held.
   * @returns false at the end of the stream
   * @throws Error when the stream ends within a line: it was cut off
   */
  async fill(): Promise<boolean> {
    while (!this.ended) {
      const part = await this.chunks.next();
      if (part.done === true) {
        this.ended = true;
        if (this.rest.length > 0) throw new CutOffError();
        return false;
      }
      const { value } = part;
      const last = value.lastIndexOf(NEWLINE);
      if (last === -1) {
        this.rest.push(value);
        continue;
      }
      const head = value.subarray(0, last + 1);
      const held = this.isEmpty ? [] : [this.buffer.subarray(this.at, this.end)];
      const parts = [...held, ...this.rest, head];
      this.buffer = parts.length === 1 ? head : Buffer.concat(parts);
      this.at = 0;
      this.end = this.buffer.length;
      this.rest = last + 1 === value.length ? [] : [value.subarray(last + 1)];
      return true;
    }
    return false;
  }

  /** Ends of lines in a stretch that ends with one. */
  static linesIn(buffer: Buffer, from: number, to: number): number {
    let lines = 0;
    for (let at = buffer.indexOf(NEWLINE, from); at !== -1 && at < to; at = buffer.indexOf(NEWLINE, at + 1)) lines++;
    return lines;
  }

  advance(to: number): void {
    this.taken += to - this.at;
    this.at = to;
  }

  /** The line that was taken last; only right after it was taken. */
  lastLine(): string | undefined {
    if (this.at === 0) return undefined;
    const from = this.at === 1 ? 0 : this.buffer.lastIndexOf(NEWLINE, this.at - 2) + 1;
    return this.line(from, this.at);
  }

  /** Where the line that starts at `from` ends: behind its newline. */
  lineEnd(from = this.at): number {
    return this.buffer.indexOf(NEWLINE, from) + 1;
  }

  /** The line from `from`, without its newline; one character for each byte. */
  line(from = this.at, behind = this.lineEnd(from)): string {
    return this.buffer.toString('latin1', from, behind - 1);
  }

  /** Where the first `fields` fields of a line end. */
  prefixEnd(from: number, behind: number, fields: number): number {
    let at = from - 1;
    for (let field = 0; field < fields; field++) {
      const tab = this.buffer.indexOf(TAB, at + 1);
      if (tab === -1 || tab >= behind) return behind - 1;
      at = tab;
    }
    return at;
  }

  stop(): Promise<unknown> {
    this.ended = true;
    return this.chunks.return?.() ?? Promise.resolve();
  }
}

/** The stream ended within a line. */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
  constructor() {
    super('what was read ends within a row');
  }
}
