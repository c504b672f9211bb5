import { setTimeout as pause } from 'node:timers/promises';
import { Decompress } from 'fzstd';

/** A body that is no zstd, or needs more memory than one may have. */
export class ZstdError extends Error {
  override readonly name = 'ZstdError';
}

/** Largest window that is decoded: what RFC 8878, section 3.1.1.1.2 asks decoders to support. The decoder holds that much memory. */
const MOST_WINDOW = 8 * 1024 * 1024;
/** RFC 8878, section 3.1.1.2.4: of what a block holds, and of what comes out of it. */
const MOST_BLOCK = 128 * 1024;
/** Bytes that are decoded in one go: 64 blocks at most, which come to 8 MB. */
const AT_ONCE = 256;
/** How long one stream may keep others waiting, in ms. */
const TURN_MS = 10;
/**
 * The decoder moves its window for every block. Bytes that it may move: so many for each byte that comes out (whole blocks of the largest window), and so many a
 * second, which a stream that is flushed after each event stays below. Beyond, it has to wait: small blocks slow their own stream down and no other.
 */
const MOVES_FOR_BYTE = 64;
const MOVES_FOR_MS = 1_000_000;

/**
 * Decodes a zstd stream (RFC 8878), one frame or several, piece by piece. Checksums of contents are not compared.
 * @throws ZstdError when it is damaged, ends early, or asks for too much
 */
export async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let out: Buffer[] = [];
  let bytesOut = 0;
  const decoder = new Decompress((piece) => {
    bytesOut += piece.length;
    if (piece.length > 0) out.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  });
  const frames = new FrameWalker();
  const decode = (part: Buffer, isLast: boolean): Buffer[] => {
    try {
      decoder.push(part, isLast);
    } catch (error) {
      throw new ZstdError('is damaged or ends too early', { cause: error });
    }
    const pieces = out;
    out = [];
    return pieces;
  };
  const began = performance.now();
  let turn = began;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += AT_ONCE) {
      const part = chunk.subarray(at, at + AT_ONCE);
      const now = performance.now();
      const ahead = (frames.walk(part) - bytesOut * MOVES_FOR_BYTE) / MOVES_FOR_MS - (now - began) - TURN_MS;
      if (ahead > 0 || now - turn > TURN_MS) {
        await (ahead > 0 ? pause(ahead) : new Promise(setImmediate));
        turn = performance.now();
      }
      yield* decode(part, false);
    }
  if (!frames.between) throw new ZstdError('is damaged or ends too early');
  yield* decode(Buffer.alloc(0), true); // it keeps the last few bytes until it knows that they are
}

const [FRAME, SKIPPABLE] = [0xfd2fb528, 0x184d2a50] as const;
const [RLE, RESERVED] = [1, 3] as const;

/** Follows frames and blocks by their headers, without decoding them. */
class FrameWalker {
  private expects: 'frame' | 'header' | 'block' = 'frame';
  /** A header that is not whole yet. */
  private head = Buffer.alloc(0);
  private skip = 0;
  private window = 0;
  private hasChecksum = false;
  private moved = 0;

  /** Whether the stream may end here. */
  get between(): boolean {
    return this.expects === 'frame' && this.head.length === 0 && this.skip === 0;
  }

  /** @returns bytes that the decoder moves for all that was walked so far: a window for each block */
  walk(chunk: Buffer): number {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.skip > 0) {
        const over = Math.min(this.skip, rest.length);
        this.skip -= over;
        rest = rest.subarray(over);
        continue;
      }
      const before = this.head.length;
      this.head = Buffer.concat([this.head, rest.subarray(0, 18)]);
      const used = this.take();
      if (used === undefined) return this.moved; // all of it is in the head, which is not whole
      rest = rest.subarray(used - before);
      this.head = Buffer.alloc(0);
    }
    return this.moved;
  }

  /** Reads the header that is expected. @returns its length, undefined while it is not whole */
  private take(): number | undefined {
    if (this.expects === 'frame') return this.takeMagic();
    return this.expects === 'header' ? this.takeFrameHeader() : this.takeBlockHeader();
  }

  private takeMagic(): number | undefined {
    if (this.head.length < 4) return undefined;
    const magic = this.head.readUInt32LE(0);
    if (magic === FRAME) {
      this.expects = 'header';
      return 4;
    }
    if ((magic & 0xfffffff0) >>> 0 !== SKIPPABLE) throw new ZstdError('is damaged or ends too early');
    if (this.head.length < 8) return undefined;
    this.skip = this.head.readUInt32LE(4);
    return 8;
  }

  /** RFC 8878, section 3.1.1.1. */
  private takeFrameHeader(): number | undefined {
    const descriptor = this.head[0]!;
    const isSingle = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3]!;
    const sizeFlag = descriptor >> 6;
    const size = sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag;
    const length = 1 + (isSingle ? 0 : 1) + dictionary + size;
    if (this.head.length < length) return undefined;
    if (dictionary > 0) throw new ZstdError('needs a dictionary');
    const exponent = this.head[1]! >> 3;
    const base = 2 ** (10 + exponent);
    this.window = isSingle ? contentSize(this.head.subarray(1, length)) : base + (base / 8) * (this.head[1]! & 7);
    if (this.window > MOST_WINDOW) throw new ZstdError(`needs a window of more than ${MOST_WINDOW} bytes`);
    this.hasChecksum = (descriptor & 4) !== 0;
    this.expects = 'block';
    return length;
  }

  /** RFC 8878, section 3.1.1.2. */
  private takeBlockHeader(): number | undefined {
    if (this.head.length < 3) return undefined;
    const header = this.head.readUIntLE(0, 3);
    const [isLast, type, size] = [(header & 1) === 1, (header >> 1) & 3, header >> 3];
    if (type === RESERVED || size > Math.min(MOST_BLOCK, this.window))
      throw new ZstdError('is damaged or ends too early');
    this.moved += this.window;
    this.skip = (type === RLE ? 1 : size) + (isLast && this.hasChecksum ? 4 : 0);
    if (isLast) this.expects = 'frame';
    return 3;
  }
}

/** The size of a frame's content, which is its window when there is but one segment. */
const contentSize = (bytes: Buffer): number =>
  bytes.length === 8
    ? Number(bytes.readBigUInt64LE())
    : bytes.readUIntLE(0, bytes.length) + (bytes.length === 2 ? 256 : 0);
