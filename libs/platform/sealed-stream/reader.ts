import { openChunk } from './chunks';
import { HEADER_BYTES, readHeader, type StreamTerms, TAG_BYTES } from './header';
import { SealError } from './seal-error';

/** Reads bytes [from, to) of a sealed stream, wherever it lies. */
export type ReadRange = (from: number, to: number) => Promise<Buffer>;

/** Chunks that were opened are kept for the next question: a reader of Parquet asks for neighbouring places again and again. */
const KEPT_CHUNKS = 64;

/** Opens any part of a sealed stream of known length. */
export class SealedReader {
  private readonly kept = new Map<number, Buffer>();

  private constructor(
    private readonly readRange: ReadRange,
    private readonly terms: StreamTerms,
    private readonly sealedBytes: number,
    private readonly chunks: number,
    /** How long it is once opened. */
    readonly plainBytes: number,
  ) {}

  /**
   * Reads header and last chunk: a stream that was cut off is refused here.
   * @param sealedBytes how long the sealed stream is
   * @throws SealError
   */
  static async open(readRange: ReadRange, sealedBytes: number, key: Buffer, context: string): Promise<SealedReader> {
    const terms = readHeader(await readRange(0, Math.min(HEADER_BYTES, sealedBytes)), key, context);
    const size = terms.chunkBytes + TAG_BYTES;
    const body = sealedBytes - HEADER_BYTES;
    const chunks = Math.max(1, Math.ceil(body / size));
    if (body - (chunks - 1) * size < TAG_BYTES) throw new SealError('truncated', 'it ends within a chunk', chunks - 1);
    const reader = new SealedReader(readRange, terms, sealedBytes, chunks, body - chunks * TAG_BYTES);
    await reader.open(chunks - 1, chunks - 1); // also one that has no plain bytes: what is cut off may leave its tag's length
    return reader;
  }

  /** Plain bytes [from, to), fewer at the end. @throws SealError */
  async read(from: number, to: number): Promise<Buffer> {
    const end = Math.min(to, this.plainBytes);
    const { chunkBytes } = this.terms;
    const first = Math.min(Math.floor(from / chunkBytes), this.chunks - 1);
    const last = Math.max(first, Math.ceil(end / chunkBytes) - 1);
    const opened = await this.open(first, last);
    return Buffer.concat(opened).subarray(from - first * chunkBytes, Math.max(from, end) - first * chunkBytes);
  }

  /** Chunks from one to another, in one read where they are not kept. */
  private async open(first: number, last: number): Promise<Buffer[]> {
    const numbers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    if (numbers.every((number) => this.kept.has(number))) return numbers.map((number) => this.kept.get(number)!);
    const size = this.terms.chunkBytes + TAG_BYTES;
    const from = HEADER_BYTES + first * size;
    const sealed = await this.readRange(from, Math.min(HEADER_BYTES + (last + 1) * size, this.sealedBytes));
    return numbers.map((number, at) => {
      const chunk = sealed.subarray(at * size, (at + 1) * size);
      const plain = openChunk(this.terms, number, number === this.chunks - 1, chunk, this.chunks);
      this.keep(number, plain);
      return plain;
    });
  }

  private keep(number: number, plain: Buffer): void {
    this.kept.delete(number);
    this.kept.set(number, plain);
    if (this.kept.size > KEPT_CHUNKS) this.kept.delete(this.kept.keys().next().value!);
  }
}
