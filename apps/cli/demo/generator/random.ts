/** What a stream of random numbers is for: each purpose has streams of its own, so that one more draw here changes nothing there. */
export type Purpose = 'order' | 'noise' | 'arrival' | 'faults' | 'numbers';
const PURPOSES: readonly Purpose[] = ['order', 'noise', 'arrival', 'faults', 'numbers'];
const TWO_32 = 4_294_967_296;

/**
 * xoshiro128**, 32 bits a draw. Source: D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021).
 *
 * Seed, purpose and stream each reach all four words of the state through the 32-bit finalizer of MurmurHash3 (A. Appleby), reversibly: two streams never
 * start in the same state. Any stream can be started at once, so that an order can be made again without those before it.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  /** @param seed a safe integer from 0 */
  constructor(
    private readonly seed: number,
    private readonly purpose: Purpose,
  ) {
    this.at(0);
  }

  /** A generator in a given state, to check it against the published sequence. */
  static inState(a: number, b: number, c: number, d: number): Random {
    return new Random(0, 'order').set(a, b, c, d);
  }

  /** Goes to the start of a stream. @param stream an integer of 32 bits, negative ones too */
  at(stream: number): this {
    const a = mix((this.seed | 0) + 0x9e3779b9);
    const b = mix(Math.floor(this.seed / TWO_32) + a);
    const c = mix(PURPOSES.indexOf(this.purpose) + 1 + b);
    const d = mix(stream + c);
    const c2 = mix(c + d);
    const b2 = mix(b + c2);
    const a2 = mix(a + b2);
    return this.set(a2, b2, c2, (a2 | b2 | c2 | d) === 0 ? 1 : d); // from all zeros it would never leave
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    const scaled = Math.imul(this.b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  /** From 0 to below 1. */
  unit(): number {
    return this.next() / TWO_32;
  }

  /** An integer from 0 to below `limit`. Multiplying instead of rejecting prefers some values by less than limit / 2^32: too little to see here. */
  below(limit: number): number {
    return Math.floor((this.next() / TWO_32) * limit);
  }

  /** Sixteen hexadecimal digits. */
  token(): string {
    return hex(this.next()) + hex(this.next());
  }

  private set(a: number, b: number, c: number, d: number): this {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    return this;
  }
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const DIGITS = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));
const hex = (word: number): string => DIGITS[word >>> 16]! + DIGITS[word & 0xffff]!;
