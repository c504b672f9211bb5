import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';

export type Line = Record<string, unknown>;

/** One body that is sent bit by bit, while its answer is read. */
export class Streamed {
  readonly lines: Line[] = [];
  private arrived: () => void = () => undefined;
  readonly ended: Promise<void>;

  private constructor(
    private readonly sending: ClientRequest,
    answer: Promise<IncomingMessage>,
  ) {
    this.ended = (async () => {
      for await (const line of createInterface({ input: await answer })) {
        this.lines.push(JSON.parse(line) as Line);
        this.arrived();
      }
    })().catch(() => undefined); // it was cut
  }

  static open(
    { address, key }: { readonly address: string; readonly key: string },
    headers: Record<string, string> = {},
  ): Streamed {
    const sending = request(`${address}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-ndjson',
        accept: 'application/x-ndjson',
        ...headers,
      },
    });
    sending.on('error', () => undefined);
    sending.flushHeaders();
    return new Streamed(
      sending,
      once(sending, 'response').then(([answer]) => answer as IncomingMessage),
    );
  }

  /** Returns when there is room for more, or the connection is lost: `ended` tells of that. */
  async send(records: readonly unknown[]): Promise<void> {
    const text = records.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');
    if (!this.sending.write(text)) await once(this.sending, 'drain').catch(() => undefined);
  }

  sendBytes(bytes: Buffer): void {
    this.sending.write(bytes);
  }

  /** The first line that is such, waiting for it. */
  async line(isSuch: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(isSuch);
      if (found) return found;
      await new Promise<void>((resolve) => (this.arrived = resolve));
    }
  }

  get acknowledged(): number {
    return Math.max(0, ...this.lines.map(({ acknowledged = 0 }) => acknowledged as number));
  }

  async finish(): Promise<Line> {
    this.sending.end();
    await this.ended;
    return this.lines.at(-1)!;
  }

  cut(): void {
    this.sending.destroy();
  }
}
