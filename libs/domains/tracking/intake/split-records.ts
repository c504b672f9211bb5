import type { Rejection, RejectionCode } from '../core/event';

/** Bytes of one record, or what is known of one that is too long to keep. */
export interface Piece {
  readonly bytes: Buffer;
  readonly tooLong: boolean;
  /** Of a record that a mapping made none of. */
  readonly refused?: { readonly rejection: Rejection; readonly source: string };
  /** A message that says nothing: counted by the answer, and by no account. */
  readonly skipped?: boolean;
  /** See {@link TrackingEvent.observed}. */
  readonly observed?: boolean;
}

/** Longest record that is read, in bytes. */
export const LONGEST_RECORD = 1_048_576;

const [NEWLINE, QUOTE, BACKSLASH, COMMA] = [0x0a, 0x22, 0x5c, 0x2c] as const;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
const isBlank = (bytes: Buffer): boolean => bytes.every(isSpace);

/** A body that stops making sense: what was read before it stays. */
export class BrokenBody extends Error {
  override readonly name = 'BrokenBody';
  /** @param code of the problem that tells it */
  constructor(
    readonly reason: string,
    readonly code: RejectionCode | 'body_broken' = 'body_broken',
  ) {
    super(reason);
  }
}

/** Collects the bytes of a record over chunks; keeps none of one that is too long. */
class Collector {
  private parts: Buffer[] = [];
  private length = 0;

  add(part: Buffer): void {
    this.length += part.length;
    if (this.length <= LONGEST_RECORD) this.parts.push(part);
    else this.parts = [];
  }
  get empty(): boolean {
    return this.length === 0;
  }
  /** The record that ends with this part. */
  with(part: Buffer): Piece {
    if (this.empty && part.length <= LONGEST_RECORD) return { bytes: part, tooLong: false };
    this.add(part);
    return this.take();
  }
  take(): Piece {
    const tooLong = this.length > LONGEST_RECORD;
    const bytes = tooLong ? Buffer.alloc(0) : this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
    this.parts = [];
    this.length = 0;
    return { bytes, tooLong };
  }
}

/** Where the next record begins: blank lines by the million cost next to nothing. */
function skipBlanks(chunk: Buffer, from: number): number {
  let at = from;
  while (at < chunk.length && isSpace(chunk[at]!)) at++;
  return at;
}

/** Splits NDJSON into its lines; blank ones are no records. Holds one line at most. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Piece[]> {
  const line = new Collector();
  for await (const chunk of chunks) {
    const pieces: Piece[] = [];
    let start = line.empty ? skipBlanks(chunk, 0) : 0;
    for (let end = chunk.indexOf(NEWLINE, start); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const piece = line.with(chunk.subarray(start, end));
      if (piece.tooLong || !isBlank(piece.bytes)) pieces.push(piece);
      start = skipBlanks(chunk, end + 1);
    }
    if (start < chunk.length) line.add(chunk.subarray(start));
    if (pieces.length > 0) yield compact(pieces, chunk);
  }
  const last = line.take();
  if (last.tooLong || !isBlank(last.bytes)) yield [last];
}

/**
 * Splits a JSON body, one object or an array, into its records without holding it whole.
 * @throws BrokenBody where the body is no JSON any more
 */
export async function* splitJson(chunks: AsyncIterable<Buffer>): AsyncGenerator<Piece[]> {
  const body = new JsonBody();
  for await (const chunk of chunks) {
    const { pieces, broken } = body.read(chunk);
    // What came before a break in the same chunk counts as well.
    if (pieces.length > 0) yield compact(pieces, chunk);
    if (broken) throw broken;
  }
  const last = body.end();
  if (last) yield [last];
}

/** Pieces are parts of their chunk and keep all of it in memory: where they are a small part, such as between many blank lines, they are copied out. */
function compact(pieces: Piece[], chunk: Buffer): Piece[] {
  const kept = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return kept * 4 > chunk.length
    ? pieces
    : pieces.map(({ bytes, tooLong }) => ({ bytes: Buffer.from(bytes), tooLong }));
}

type State = 'start' | 'element' | 'inside' | 'separator' | 'done';

/** Follows strings and nesting only: whether an element is right is for its own parser to say. */
class JsonBody {
  private state: State = 'start';
  private inArray = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private afterComma = false;
  private readonly element = new Collector();

  read(chunk: Buffer): { pieces: Piece[]; broken?: BrokenBody } {
    const pieces: Piece[] = [];
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.state === 'inside') {
        if (!this.endsElement(byte)) continue;
        // A scalar ends before the byte that ends it; objects, arrays and strings end with theirs.
        const included = byte === 0x7d || byte === 0x5d || byte === QUOTE ? this.closed : false;
        pieces.push(this.element.with(chunk.subarray(from, included ? i + 1 : i)));
        this.state = this.inArray ? 'separator' : 'done';
        if (included) continue;
      }
      if (isSpace(byte)) continue;
      const next = this.between(byte);
      if (next instanceof BrokenBody) return { pieces, broken: next };
      if (next) from = i;
    }
    if (this.state === 'inside') this.element.add(chunk.subarray(from));
    return { pieces };
  }

  /** @returns a number, true, false or null that is the whole body: nothing but the end of the body ends it */
  end(): Piece | undefined {
    if (this.state === 'start') throw new BrokenBody('the body is empty');
    if (this.state === 'inside' && !this.inArray && this.depth === 0 && !this.inString) return this.element.take();
    if (this.state !== 'done') throw new BrokenBody('the body ends too early');
    return undefined;
  }

  private closed = false;

  /** Whether the element that is being read ends at this byte. */
  private endsElement(byte: number): boolean {
    this.closed = false;
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) {
        this.inString = false;
        this.closed = this.depth === 0;
      }
      return this.closed;
    }
    if (byte === QUOTE) this.inString = true;
    else if (byte === 0x7b || byte === 0x5b) this.depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (this.depth === 0) return true; // the array's own end, after a scalar
      this.closed = --this.depth === 0;
      return this.closed;
    }
    return this.depth === 0 && (byte === COMMA || isSpace(byte));
  }

  /** Takes a byte that is not inside an element; true when it begins one, BrokenBody when it cannot stand there. */
  private between(byte: number): boolean | BrokenBody {
    if (this.state === 'done') return new BrokenBody('something follows the end of the JSON value');
    if (this.state === 'start' && byte === 0x5b) {
      this.inArray = true;
      this.state = 'element';
      return false;
    }
    if (this.inArray && byte === 0x5d && !this.afterComma) {
      this.state = 'done';
      return false;
    }
    if (this.state === 'separator') {
      if (byte !== COMMA) return new BrokenBody('a comma or the end of the array is missing');
      this.state = 'element';
      this.afterComma = true;
      return false;
    }
    if (byte === COMMA || byte === 0x5d || byte === 0x7d || byte === 0x3a)
      return new BrokenBody('an element is missing');
    this.afterComma = false;
    this.state = 'inside';
    this.depth = 0;
    this.inString = false;
    this.endsElement(byte);
    return true;
  }
}
