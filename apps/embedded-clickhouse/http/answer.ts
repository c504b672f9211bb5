import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { createBrotliCompress, createGzip, constants as zlib, type BrotliCompress, type Gzip } from 'node:zlib';
import { httpStatusOf, type ClickHouseException } from '../engine/exception';
import { contentTypeOf } from './formats';

/** Answers up to this size go out in one piece, with their true status and summary: as a server does with its first buffer. */
const HOLD_BYTES = 256 * 1024;
/** Below this, compressing costs more than it saves. */
const COMPRESS_BYTES = 1024;
/** The client knows the trailer only when it arrives in one piece: it is given this long to read what came before. */
const CATCH_UP_MS = 50;
/** How long a client that has been told of an error midway may take to hang up before it is cut off. */
const GRACE_MS = 200;

const ENCODERS = {
  gzip: () => createGzip({ level: 1 }),
  br: () => createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: 1 } }),
};

/** What a query has done, for `X-ClickHouse-Summary`. */
export interface Summary {
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly writtenBytes: number;
}

/**
 * The answer to one request. What comes first is held back, so that an error that shows early gets a status of its own; after
 * that an error can only be told in the stream, in a form the client knows, and by breaking off.
 */
export class Answer {
  readonly #exceptionTag = randomBytes(8).toString('hex');
  readonly #startedAt = performance.now();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #out: Writable | undefined;
  #encoder: Gzip | BrotliCompress | undefined;
  format = 'TabSeparated';
  compress = false;

  constructor(
    private readonly req: IncomingMessage,
    private readonly res: ServerResponse,
    private readonly queryId: string,
    private readonly timezone: string,
  ) {}

  /** Starts the answer with what the query has done, known before the first piece. */
  begin(summary: Summary): void {
    this.#out = this.#start(summary);
  }

  /** Sends a piece, and waits while the client is slow. */
  async write(piece: Buffer): Promise<void> {
    if (!this.#out) {
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      if (this.#heldBytes <= HOLD_BYTES) return;
      this.#out = this.#start(undefined);
      piece = this.#takeHeld();
    }
    await this.#send(this.#out, piece);
  }

  async end(summary: Summary): Promise<void> {
    if (!this.#out) {
      this.#out = this.#start(summary);
      const held = this.#takeHeld();
      if (this.#out === this.res) {
        this.res.setHeader('Content-Length', held.length);
        this.res.end(held);
        return;
      }
      await this.#send(this.#out, held);
    }
    this.#out.end();
  }

  /** Tells of an error: by the status, or when the answer has begun, at its end. */
  async fail(error: ClickHouseException, status = httpStatusOf(error.code)): Promise<void> {
    const text = `${error.message}\n`;
    if (!this.#out) {
      this.#headers();
      this.res.setHeader('Content-Type', 'text/plain; charset=UTF-8');
      this.res.setHeader('X-ClickHouse-Exception-Code', String(error.code));
      this.res.statusCode = status;
      if (status === 401) this.res.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse"');
      this.res.end(text);
      return;
    }
    if (this.res.writableNeedDrain) await this.#drained(this.res);
    await setTimeout(CATCH_UP_MS);
    const marker = '__exception__';
    const trailer = `${text}${Buffer.byteLength(text)} ${this.#exceptionTag}\r\n${marker}\r\n`;
    await this.#send(this.#out, Buffer.from(`\r\n${marker}\r\n${this.#exceptionTag}\r\n${trailer}`));
    this.#encoder?.flush();
    // A client that does not know the form would take the answer as whole: it never gets the end of it. One that does has gone.
    await setTimeout(GRACE_MS);
    this.res.socket?.end();
  }

  async #send(out: Writable, piece: Buffer): Promise<void> {
    if (out.destroyed || this.res.destroyed || out.write(piece)) return;
    await this.#drained(out);
  }

  /** Waits until the client has taken what was written, or has gone. */
  async #drained(out: Writable): Promise<void> {
    const closed = new AbortController();
    const stop = (): void => closed.abort();
    this.res.once('close', stop);
    await once(out, 'drain', { signal: closed.signal }).catch(() => undefined);
    this.res.off('close', stop);
  }

  #takeHeld(): Buffer {
    const held = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = [];
    return held;
  }

  /** Headers, and where the body goes: to the client, or through a compressor. */
  #start(summary: Summary | undefined): Writable {
    this.#headers();
    this.res.setHeader('Content-Type', contentTypeOf(this.format));
    this.res.setHeader('X-ClickHouse-Format', this.format);
    if (summary) this.res.setHeader('X-ClickHouse-Summary', this.#describe(summary));
    const encoding = this.#heldBytes >= COMPRESS_BYTES && this.compress ? this.#acceptedEncoding() : undefined;
    if (encoding === undefined) return this.res;
    this.res.setHeader('Content-Encoding', encoding);
    const encoder = ENCODERS[encoding]();
    this.#encoder = encoder;
    encoder.pipe(this.res);
    this.res.once('close', () => encoder.destroy());
    return encoder;
  }

  #headers(): void {
    this.res.setHeader('X-ClickHouse-Query-Id', this.queryId.replaceAll(/[^\x20-\x7e]/g, '?'));
    this.res.setHeader('X-ClickHouse-Timezone', this.timezone);
    this.res.setHeader('X-ClickHouse-Server-Display-Name', 'embedded');
    this.res.setHeader('X-ClickHouse-Exception-Tag', this.#exceptionTag);
  }

  #acceptedEncoding(): keyof typeof ENCODERS | undefined {
    const accepted = (this.req.headers['accept-encoding'] ?? '').toLowerCase();
    return (['gzip', 'br'] as const).find((encoding) => accepted.includes(encoding));
  }

  #describe(summary: Summary): string {
    return JSON.stringify({
      read_rows: String(summary.readRows),
      read_bytes: String(summary.readBytes),
      written_rows: String(summary.writtenRows),
      written_bytes: String(summary.writtenBytes),
      total_rows_to_read: '0',
      result_rows: String(summary.writtenRows || summary.readRows),
      result_bytes: String(summary.writtenBytes || summary.readBytes),
      elapsed_ns: String(Math.round((performance.now() - this.#startedAt) * 1e6)),
    });
  }
}
