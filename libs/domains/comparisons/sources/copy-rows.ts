import type { Duplex } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import { RowQueue } from './row-queue';

/** Messages of PostgreSQL's protocol, version 3: a code, a length of four bytes that counts itself, and so many bytes. */
const HEADER = 5;
const COPY_DATA = 0x64;
/** What may come in between and says nothing of the rows: the beginning, notices, parameters, notifications. */
const PASSED_OVER = new Set([0x48, 0x4e, 0x53, 0x41]);

type Listener = (chunk: Buffer) => void;

/**
 * The rows of a `COPY .. TO STDOUT`, as they come from the socket. Reading them through the driver, or through pg-copy-streams, makes several objects for each row,
 * which cost 20 MB of memory more, and no less time.
 */
export class CopyRows implements Submittable {
  /** The server waits while nobody takes rows. */
  private readonly queue = new RowQueue({ pause: () => this.socket.pause(), resume: () => this.socket.resume() });
  private socket!: Duplex;
  private driver!: Listener;
  private readonly header = Buffer.alloc(HEADER);
  private headerLength = 0;
  /** Bytes of the current message that are still to come, and whether they are rows. */
  private left = 0;
  private isData = false;

  constructor(private readonly statement: string) {}

  /** Called by the driver when it is this statement's turn: from now on the socket is read here, until the last row. */
  submit(connection: Connection): void {
    this.socket = connection.stream;
    [this.driver] = this.socket.listeners('data') as [Listener];
    this.socket.off('data', this.driver);
    this.socket.on('data', this.onData);
    connection.query(this.statement);
  }

  /** The next chunk of rows; undefined at the end. @throws what the store, or `fail`, says */
  next(): Promise<Buffer | undefined> {
    return this.queue.next();
  }

  fail(error: Error): void {
    this.queue.fail(error);
  }

  handleError(error: Error): void {
    this.queue.fail(error);
  }

  handleCommandComplete(): void {
    // How many rows there were is not asked.
  }

  handleReadyForQuery(): void {
    this.queue.end();
  }

  private readonly onData = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length;) {
      if (this.left > 0) {
        const behind = Math.min(chunk.length, at + this.left);
        if (this.isData) this.queue.append(chunk, at, behind);
        this.left -= behind - at;
        at = behind;
        continue;
      }
      const behind = Math.min(chunk.length, at + HEADER - this.headerLength);
      this.headerLength += chunk.copy(this.header, this.headerLength, at, behind);
      at = behind;
      if (this.headerLength < HEADER) return;
      this.headerLength = 0;
      const code = this.header[0]!;
      this.isData = code === COPY_DATA;
      if (!this.isData && !PASSED_OVER.has(code)) return this.handBack(chunk.subarray(at));
      this.left = this.header.readUInt32BE(1) - 4;
    }
  };

  /** The end, or an error: what it is, the driver knows. */
  private handBack(rest: Buffer): void {
    this.socket.off('data', this.onData);
    this.socket.on('data', this.driver);
    this.socket.resume();
    this.driver(Buffer.concat([this.header, rest]));
  }
}
