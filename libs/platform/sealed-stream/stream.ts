import { openChunk, sealChunk } from './chunks';
import { HEADER_BYTES, type HeaderOptions, MOST_CHUNKS, newHeader, readHeader, TAG_BYTES } from './header';
import { SealError } from './seal-error';

/**
 * Seals a stream, holding a chunk of it in memory.
 * @param key 32 bytes; may seal any number of streams @param context what the stream is; opens under the same text alone
 */
export async function* sealed(
  plain: AsyncIterable<Uint8Array>,
  key: Buffer,
  context: string,
  options: HeaderOptions = {},
): AsyncGenerator<Buffer> {
  const terms = newHeader(key, context, options);
  yield terms.header;
  let number = 0;
  let held: Buffer | undefined;
  // A chunk is sealed when something follows it: only then is it known not to be the last.
  for await (const chunk of inChunks(plain, terms.chunkBytes)) {
    if (held) yield sealChunk(terms, number++, false, held);
    if (number >= MOST_CHUNKS) throw new RangeError('a sealed stream has no more chunks than a counter of 32 bits');
    held = chunk;
  }
  yield sealChunk(terms, number, true, held ?? Buffer.alloc(0));
}

/** How far ahead a chunk is looked for that stands in the wrong place: how many there are is not known yet. */
const LOOK_AHEAD = 1_000;

/**
 * Opens a stream as it comes, holding a chunk of it in memory. What comes out before an error is true, and not all.
 * @throws SealError
 */
export async function* opened(stream: AsyncIterable<Uint8Array>, key: Buffer, context: string): AsyncGenerator<Buffer> {
  const pieces = new Pieces(stream);
  const terms = readHeader(await pieces.take(HEADER_BYTES), key, context);
  const size = terms.chunkBytes + TAG_BYTES;
  let chunk = await pieces.take(size);
  for (let number = 0; ; number++) {
    const next = await pieces.take(size);
    const isLast = next.length === 0;
    yield openChunk(terms, number, isLast, chunk, number + LOOK_AHEAD);
    if (isLast) return;
    if (chunk.length < size) throw new SealError('altered', 'a chunk within it is too short', number);
    chunk = next;
  }
}

/** Takes a stream by as many bytes as are wanted; fewer at its end. */
class Pieces {
  private readonly source: AsyncIterator<Uint8Array>;
  private held: Buffer[] = [];
  private bytes = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.source = stream[Symbol.asyncIterator]();
  }

  async take(wanted: number): Promise<Buffer> {
    while (this.bytes < wanted) {
      const next = await this.source.next();
      if (next.done) break;
      const { value } = next;
      this.held.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      this.bytes += value.byteLength;
    }
    const all = this.held.length === 1 ? this.held[0]! : Buffer.concat(this.held);
    const taken = all.subarray(0, wanted);
    this.held = all.length > wanted ? [all.subarray(wanted)] : [];
    this.bytes = all.length - taken.length;
    return taken;
  }
}

async function* inChunks(plain: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Buffer> {
  const pieces = new Pieces(plain);
  for (let chunk = await pieces.take(bytes); chunk.length > 0; chunk = await pieces.take(bytes)) yield chunk;
}
