/** Tells the demo's story: numbered steps with indented lines, calm and the same with or without colours. */
export class Narrator {
  private steps = 0;
  private readonly startedAt = performance.now();

  constructor(private readonly stream: NodeJS.WritableStream) {}

  title(text: string): void {
    this.stream.write(`\n${text}\n${'='.repeat(text.length)}\n`);
  }

  /** Begins a numbered part. */
  step(text: string): void {
    this.steps++;
    this.stream.write(`\n${this.steps}. ${text}\n\n`);
  }

  /** One or more lines of a part. */
  say(text = ''): void {
    this.stream.write(text === '' ? '\n' : `${text.replace(/^(?=.)/gm, '   ')}\n`);
  }

  /** Seconds since the demo began, for lines that tell when. */
  get clock(): string {
    return `${((performance.now() - this.startedAt) / 1000).toFixed(1).padStart(6)} s`;
  }

  /** Something that happened just now. */
  moment(text: string): void {
    this.say(`${this.clock}  ${text}`);
  }
}
