import { unzstd, ZstdError } from '@holdfast/domains/tracking/intake/zstd';
import { Zstd } from '@hpcc-js/wasm-zstd';
import * as fc from 'fast-check';

let encoder: Zstd;
beforeAll(async () => (encoder = await Zstd.load()));

const compressed = (content: Uint8Array, level = 3): Buffer => Buffer.from(encoder.compress(content, level));

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decoded(bytes: Buffer, size = 65_536): Promise<Buffer> {
  const out: Buffer[] = [];
  for await (const piece of unzstd(pieces(bytes, size))) out.push(Buffer.from(piece));
  return Buffer.concat(out);
}

const SKIPPABLE = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
/** A frame with a window of 2^(10 + exponent) bytes, and blocks as they are given. */
const frame = (exponent: number, ...blocks: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3]), ...blocks]);
const rawBlock = (text: string, isLast: boolean): Buffer => {
  const header = Buffer.alloc(3);
  header.writeUIntLE((text.length << 3) | Number(isLast), 0, 3);
  return Buffer.concat([header, Buffer.from(text)]);
};

describe('zstd', () => {
  it('gives back what a real encoder made, over frames, levels and cuts', async () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc
        .array(fc.constantFrom('{"id":"1"}\n', 'é', 'x'.repeat(700)), { maxLength: 4_000 })
        .map((all) => Buffer.from(all.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(-1, 1, 3, 9),
        fc.integer({ min: 1, max: 70_000 }),
        fc.boolean(),
        async (contents, level, size, skips) => {
          const frames = contents.flatMap((one) => [compressed(one, level), ...(skips ? [SKIPPABLE] : [])]);
          const all = Buffer.concat(frames);
          expect(await decoded(all, Math.max(size, Math.ceil(all.length / 2_000)))).toEqual(Buffer.concat(contents));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never takes a cut stream for whole, and fails by its own error alone', async () => {
    const whole = compressed(Buffer.from('{"a":1}\n'.repeat(5_000)));
    for (let length = 1; length < whole.length; length++)
      await expect(decoded(whole.subarray(0, length))).rejects.toBeInstanceOf(ZstdError);
    await expect(decoded(Buffer.concat([whole, Buffer.from('more')]))).rejects.toBeInstanceOf(ZstdError);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (garbage) => {
        await decoded(Buffer.from(garbage)).catch((error: unknown) => expect(error).toBeInstanceOf(ZstdError));
      }),
    );
  });

  it('reads frames made by hand', async () => {
    expect((await decoded(frame(0, rawBlock('a', false), rawBlock('bc', true)))).toString()).toBe('abc');
    expect(await decoded(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  it('refuses windows and blocks that take much memory; small blocks slow their own stream down', async () => {
    await expect(decoded(frame(14, rawBlock('a', true)))).rejects.toThrow('window');
    const repeated = Buffer.from([...rawBlock('', false), 0x78]);
    repeated.writeUIntLE((2_000_000 << 3) | 2, 0, 3); // two million times the same
    await expect(decoded(frame(12, repeated, rawBlock('a', true)))).rejects.toThrow('damaged');
    const tiny = Array.from({ length: 1_000 }, () => rawBlock('a', false));
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    expect((await decoded(frame(13, ...tiny, rawBlock('a', true)))).length).toBe(1_001);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(10); // others were let in
  });
});
