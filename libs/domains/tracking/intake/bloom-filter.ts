/**
 * Says of 128-bit hashes "never added" or "perhaps added": intake asks the store only about the latter. Blocked: the bits of one hash share 64 bytes, one
 * cache line. It grows by adding filters of twice the size, so that its share of false alarms stays below about 2% at any number of hashes.
 * Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters" (2007); Almeida et al., "Scalable Bloom Filters" (2007).
 */
export class BloomFilter {
  private readonly layers: Layer[];

  /** @param expected hashes that the first layer is sized for, at 12 bits each */
  constructor(expected = 4_000_000) {
    this.layers = [new Layer(expected)];
  }

  /**
   * What it says it has is not added again: batches that are sent over and over take no memory.
   * @param hash at least 16 bytes that are uniform, such as those of SHA-256
   * @returns whether it said before that it may have it
   */
  add(hash: Buffer, offset = 0): boolean {
    if (this.mayHave(hash, offset)) return true;
    let layer = this.layers.at(-1)!;
    if (layer.full) this.layers.push((layer = new Layer(layer.capacity * 2)));
    layer.add(hash, offset);
    return false;
  }

  mayHave(hash: Buffer, offset = 0): boolean {
    return this.layers.some((layer) => layer.mayHave(hash, offset));
  }

  get bytes(): number {
    return this.layers.reduce((sum, layer) => sum + layer.bytes, 0);
  }
}

const BITS_PER_HASH = 12;
const WORDS_PER_BLOCK = 16;

/** Each hash sets six bits of its block: nine bits of the hash for each, so that no two hashes share a pattern by chance more often than they must. */
class Layer {
  private readonly words: Uint32Array;
  private readonly blocks: number;
  private added = 0;

  constructor(readonly capacity: number) {
    this.blocks = Math.max(1, Math.ceil((capacity * BITS_PER_HASH) / (WORDS_PER_BLOCK * 32)));
    this.words = new Uint32Array(this.blocks * WORDS_PER_BLOCK);
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  get full(): boolean {
    return this.added >= this.capacity;
  }

  add(hash: Buffer, offset: number): void {
    const base = this.base(hash, offset);
    const [first, second] = [hash.readUInt32LE(offset + 4), hash.readUInt32LE(offset + 8)];
    for (let shift = 5; shift <= 23; shift += 9) {
      this.set(base, (first >>> shift) & 511);
      this.set(base, (second >>> shift) & 511);
    }
    this.added++;
  }

  mayHave(hash: Buffer, offset: number): boolean {
    const base = this.base(hash, offset);
    const [first, second] = [hash.readUInt32LE(offset + 4), hash.readUInt32LE(offset + 8)];
    for (let shift = 5; shift <= 23; shift += 9)
      if (!this.has(base, (first >>> shift) & 511) || !this.has(base, (second >>> shift) & 511)) return false;
    return true;
  }

  private set(base: number, bit: number): void {
    this.words[base + (bit >>> 5)]! |= 1 << (bit & 31);
  }

  private has(base: number, bit: number): boolean {
    return (this.words[base + (bit >>> 5)]! & (1 << (bit & 31))) !== 0;
  }

  private base(hash: Buffer, offset: number): number {
    return Math.floor((hash.readUInt32LE(offset) / 4_294_967_296) * this.blocks) * WORDS_PER_BLOCK;
  }
}
