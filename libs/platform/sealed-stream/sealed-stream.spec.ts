import { HEADER_BYTES, TAG_BYTES } from './header';
import { opened, sealed, SealedReader, SealError } from '.';

/** Made by another implementation (Python, package cryptography), from the description of the format. */
const VECTORS = [
  {
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    context: 'a stream',
    random: '6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a',
    chunkBytes: 16,
    plain: '',
    sealed:
      '48465345414c310a000000106465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a00069864aebb791172a7f2697953990e165efeaf398aee4fdc233bb93597acae72ba4e5e53602c6438562159a3f9ead25ee073b825e16d2973a76db819',
  },
  {
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    context: 'a stream',
    random: '6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a',
    chunkBytes: 16,
    plain: '7369787465656e206279746573206f6b',
    sealed:
      '48465345414c310a000000106465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a00069864aebb791172a7f2697953990e165efeaf398aee4fdc233bb93597acae72ba4e5e53602c6438562159a3a2867183d3dafa1ee173d68189549140cbe6490b7418a0acdbdcc1ae10487670',
  },
  {
    key: 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    context: 'größe',
    random: '070707070707070707070707070707070707070707070707070707070707070707070707070707',
    chunkBytes: 10,
    plain: '6f6e652074776f20746872656520666f757220666976652073697820736576656e',
    sealed:
      '48465345414c310a0000000a0707070707070707070707070707070707070707070707070707070707070707070707070707070020838e402632a20263af406b69691b5232648a9fefe1a5ed5d33410274ed66dc07195d3290302906a90b247bb6b5d4bd56345ef7ab4ba43ccad6a17f09b0a05138a5baad3292b76583c5c6dd0f548cdf02ffb390769fd923ebe434079d7f530c2878ac3f88165ec909227c3af4940d70234f14a4ccad7037242b31589e657d12ecc3ed540281e91b35a36a6b30',
  },
];

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
async function* of(...pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}
const key = Buffer.alloc(32, 7);
const seal = (plain: Buffer, chunkBytes = 10) => collect(sealed(of(plain), key, 'a stream', { chunkBytes }));
const faultOf = async (bytes: Buffer, by = key, context = 'a stream'): Promise<string> => {
  try {
    await collect(opened(of(bytes), by, context));
    return 'none';
  } catch (error) {
    return error instanceof SealError ? error.fault : String(error);
  }
};

describe('a sealed stream', () => {
  it.each(VECTORS)('is what another implementation makes of $plain', async (vector) => {
    const bytes = Buffer.from(vector.key, 'hex');
    const options = { chunkBytes: vector.chunkBytes, random: Buffer.from(vector.random, 'hex') };
    const made = await collect(sealed(of(Buffer.from(vector.plain, 'hex')), bytes, vector.context, options));
    expect(made.toString('hex')).toBe(vector.sealed);
    const plain = await collect(opened(of(Buffer.from(vector.sealed, 'hex')), bytes, vector.context));
    expect(plain.toString('hex')).toBe(vector.plain);
  });

  it('opens under its key and its context alone', async () => {
    const made = await seal(Buffer.from('one two three four'));
    expect(await faultOf(made)).toBe('none');
    expect(await faultOf(made, Buffer.alloc(32, 8))).toBe('wrong_key');
    expect(await faultOf(made, key, 'another stream')).toBe('altered');
    expect(await faultOf(Buffer.from('PAR1 and a good deal of something that was never sealed'.repeat(3)))).toBe(
      'not_sealed',
    );
  });

  it('seals the same under another salt each time', async () => {
    expect(await seal(Buffer.from('x'))).not.toEqual(await seal(Buffer.from('x')));
  });

  it('names a chunk that is gone, doubled, or from elsewhere in it', async () => {
    const made = await seal(Buffer.from('0123456789abcdefghijABCDEFGHIJ.'));
    const size = 10 + TAG_BYTES;
    const chunk = (number: number): Buffer =>
      made.subarray(HEADER_BYTES + number * size, HEADER_BYTES + (number + 1) * size);
    const head = made.subarray(0, HEADER_BYTES);
    expect(await faultOf(Buffer.concat([head, chunk(0), chunk(1), chunk(2)]))).toBe('truncated');
    expect(await faultOf(Buffer.concat([head, chunk(1), chunk(0), chunk(2), chunk(3)]))).toBe('reordered');
    expect(await faultOf(Buffer.concat([await seal(Buffer.alloc(20)), chunk(3)]))).toBe('appended');
    expect(await faultOf(Buffer.concat([head]))).toBe('truncated');
    expect(await faultOf(Buffer.concat([head, chunk(0), chunk(0), chunk(1), chunk(2), chunk(3)]))).toBe('reordered');
  });

  it('is read by range in as few chunks as it takes', async () => {
    const plain = Buffer.from(Array.from({ length: 1_000 }, (_, at) => at % 251));
    const made = await seal(plain, 64);
    const asked: [number, number][] = [];
    const reader = await SealedReader.open(
      async (from, to) => {
        asked.push([from, to]);
        return made.subarray(from, to);
      },
      made.length,
      key,
      'a stream',
    );
    expect(reader.plainBytes).toBe(1_000);
    asked.length = 0;
    expect(await reader.read(100, 110)).toEqual(plain.subarray(100, 110));
    expect(asked).toEqual([[HEADER_BYTES + 80, HEADER_BYTES + 160]]);
    expect(await reader.read(64, 128)).toEqual(plain.subarray(64, 128));
    expect(asked).toHaveLength(1);
  });
});
