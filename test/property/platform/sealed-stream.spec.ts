import * as fc from 'fast-check';
import { HEADER_BYTES, TAG_BYTES } from '@holdfast/platform/sealed-stream/header';
import { opened, sealed, SealedReader, SealError } from '@holdfast/platform/sealed-stream';

const key = Buffer.alloc(32, 7);
const CONTEXT = 'a stream';
async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
async function* of(...pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}
/** Pieces of any size: what comes out does not depend on how it came in. */
const pieces = fc
  .array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 })
  .map((all) => all.map((one) => Buffer.from(one)));
const chunkBytes = fc.integer({ min: 1, max: 33 });
const readerOf = (made: Buffer) =>
  SealedReader.open(async (from, to) => made.subarray(from, to), made.length, key, CONTEXT);

async function faultOf(bytes: Buffer): Promise<string> {
  const faults: string[] = [];
  for (const read of [
    () => collect(opened(of(bytes), key, CONTEXT)),
    async () => {
      const reader = await readerOf(bytes);
      return reader.read(0, reader.plainBytes);
    },
  ])
    try {
      await read();
      faults.push('none');
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      faults.push(error.fault);
    }
  // As it comes, and by range: neither hands out what the other refuses.
  expect(faults.map((one) => one === 'none')).toEqual(faults.map(() => faults[0] === 'none'));
  return faults[0]!;
}

describe('sealed streams', () => {
  it('open to what was sealed, as they come and by any range', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, chunkBytes, fc.nat(500), fc.nat(500), async (plain, size, from, length) => {
        const made = await collect(sealed(of(...plain), key, CONTEXT, { chunkBytes: size }));
        const whole = Buffer.concat(plain);
        expect(await collect(opened(of(made), key, CONTEXT))).toEqual(whole);
        const reader = await readerOf(made);
        expect(reader.plainBytes).toBe(whole.length);
        const start = Math.min(from, whole.length);
        expect(await reader.read(start, start + length)).toEqual(whole.subarray(start, start + length));
      }),
    );
  });

  it('do not open once a bit is flipped', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, chunkBytes, fc.nat(), fc.nat(7), async (plain, size, where, bit) => {
        const made = await collect(sealed(of(...plain), key, CONTEXT, { chunkBytes: size }));
        const at = where % made.length;
        made[at]! ^= 1 << bit;
        const expected = at < 8 ? 'not_sealed' : at >= 52 && at < 64 ? 'wrong_key' : 'altered';
        expect(await faultOf(made)).toBe(expected);
      }),
    );
  });

  it('do not open once they are cut off', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, chunkBytes, fc.nat(), async (plain, size, where) => {
        const made = await collect(sealed(of(...plain), key, CONTEXT, { chunkBytes: size }));
        const left = where % made.length;
        const isAtChunk = left < HEADER_BYTES || (left - HEADER_BYTES) % (size + TAG_BYTES) < TAG_BYTES;
        const fault = await faultOf(made.subarray(0, left));
        // Cut within the bytes of a chunk it cannot be told from one whose bytes were altered: who knows how long it was can.
        expect(isAtChunk ? ['truncated'] : ['truncated', 'altered']).toContain(fault);
      }),
      // Cut in its last chunk, so that a tag's length is left of it: what is read by range must not be content with the one before.
      { examples: [[[Buffer.alloc(12)], 1, HEADER_BYTES + 12 * (1 + TAG_BYTES) - 1]] },
    );
  });

  it('do not open with anything behind them', async () => {
    await fc.assert(
      fc.asyncProperty(
        pieces,
        chunkBytes,
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        async (plain, size, more) => {
          const made = await collect(sealed(of(...plain), key, CONTEXT, { chunkBytes: size }));
          expect(['appended', 'altered', 'truncated']).toContain(
            await faultOf(Buffer.concat([made, Buffer.from(more)])),
          );
        },
      ),
    );
  });

  it('do not open in another order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: 20 }), fc.nat(), fc.nat(), async (chunks, one, other) => {
        const plain = Buffer.from(Array.from({ length: chunks * 8 }, (_, at) => at));
        const made = await collect(sealed(of(plain), key, CONTEXT, { chunkBytes: 8 }));
        const [a, b] = [one % chunks, other % chunks];
        fc.pre(a !== b);
        const size = 8 + TAG_BYTES;
        const parts = Array.from({ length: chunks }, (_, at) =>
          made.subarray(HEADER_BYTES + at * size, HEADER_BYTES + (at + 1) * size),
        );
        [parts[a], parts[b]] = [parts[b]!, parts[a]!];
        expect(await faultOf(Buffer.concat([made.subarray(0, HEADER_BYTES), ...parts]))).toBe('reordered');
      }),
    );
  });
});
