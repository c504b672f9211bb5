import { createHash } from 'node:crypto';

/** FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const CONSTANTS = Int32Array.from({ length: 64 }, (_, i) => fraction(Math.cbrt(prime(i))));
/** Section 5.3.3: the same of the square roots of the first 8. */
const START = Int32Array.from({ length: 8 }, (_, i) => fraction(Math.sqrt(prime(i))));
const BLOCK_BYTES = 64;
const words = new Int32Array(64);

function prime(index: number): number {
  for (let candidate = 2, found = 0; ; candidate++) {
    let divisor = 2;
    while (candidate % divisor !== 0) divisor++;
    if (divisor === candidate && found++ === index) return candidate;
  }
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}

/** FIPS 180-4, section 6.2.2: one block into the state. */
function compress(state: Int32Array, bytes: Uint8Array, from: number): void {
  for (let i = 0, at = from; i < 16; i++, at += 4)
    words[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15]!;
    const y = words[i - 2]!;
    const small = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const large = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16]! + words[i - 7]! + small + large) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const turned = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + turned + ((e & f) ^ (~e & g)) + CONSTANTS[i]! + words[i]!) | 0;
    const second = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0; // prettier-ignore
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

/**
 * HMAC-SHA-256 (RFC 2104) under one key. What the key contributes is computed once, so that a text of up to 55 bytes takes two blocks and no call out of
 * JavaScript; node's own takes several times as long for texts as short.
 * @returns a function from a text in UTF-8 to the digest's eight words, which are the same array for every text
 */
export function hmacSha256(key: Buffer): (text: string) => Int32Array {
  const short = key.length > BLOCK_BYTES ? createHash('sha256').update(key).digest() : key;
  const keyed = (pad: number): Int32Array => {
    const state = START.slice();
    compress(
      state,
      Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (short[i] ?? 0) ^ pad),
      0,
    );
    return state;
  };
  const [inner, outer] = [keyed(0x36), keyed(0x5c)];
  const state = new Int32Array(8);
  const last = Buffer.alloc(BLOCK_BYTES);
  let bytes = Buffer.alloc(1_024);
  return (text) => {
    if (bytes.length < text.length * 3 + 2 * BLOCK_BYTES) bytes = Buffer.alloc(text.length * 3 + 2 * BLOCK_BYTES);
    const end = padded(bytes, write(bytes, text));
    state.set(inner);
    for (let at = 0; at < end; at += BLOCK_BYTES) compress(state, bytes, at);
    for (let i = 0; i < 8; i++) last.writeInt32BE(state[i]!, i * 4);
    padded(last, 32);
    state.set(outer);
    compress(state, last, 0);
    return state;
  };
}

function write(bytes: Buffer, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return bytes.write(text, 'utf8');
    bytes[i] = code;
  }
  return text.length;
}

/** Section 5.1.1: a bit, zeros, and the length in bits, with that of the key's block. @returns the length with them */
function padded(bytes: Buffer, length: number): number {
  const end = Math.ceil((length + 9) / BLOCK_BYTES) * BLOCK_BYTES;
  bytes.fill(0, length, end);
  bytes[length] = 0x80;
  bytes.writeUIntBE((length + BLOCK_BYTES) * 8, end - 6, 6);
  return end;
}
