import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { SealError } from './seal-error';

/*
 * A sealed stream: a header of 96 bytes, then chunks of the same size, each followed by its tag of 16 bytes; the last one may be shorter.
 *
 *    0   8  "HFSEAL1\n"
 *    8   4  plain bytes of a chunk, big-endian
 *   12  32  salt
 *   44   7  nonce prefix
 *   51   1  zero
 *   52  12  fingerprint of the key
 *   64  32  HMAC-SHA-256 over the 64 bytes before and the context
 *
 * It is the STREAM construction for AES-256-GCM (Hoang, Reyhanitabar, Rogaway, Vizar: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance,
 * CRYPTO 2015): nonce = prefix, number of the chunk (32 bits, big-endian), 1 for the last chunk and 0 for the others. Associated data of each is the header. Keys
 * come by HKDF-SHA-256 (RFC 5869) from the key that is given, with the salt: one key may seal any number of streams.
 */
const MAGIC = Buffer.from('HFSEAL1\n');
export const HEADER_BYTES = 96;
export const TAG_BYTES = 16;
export const CHUNK_BYTES = 65_536;
const SALT_BYTES = 32;
const PREFIX_BYTES = 7;
const FINGERPRINT_BYTES = 12;
const MAC_AT = 64;
/** A counter of 32 bits. */
export const MOST_CHUNKS = 2 ** 32;
/** A header that says otherwise is not believed: a chunk is held in memory. */
const LARGEST_CHUNK = 16 * 1024 * 1024;

const derived = (key: Buffer, salt: Buffer, what: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, `holdfast sealed stream 1 ${what}`, bytes));

/** Says which key it is, and nothing else of it: 12 bytes in hexadecimal. */
export const fingerprintOf = (key: Buffer): string =>
  derived(key, Buffer.alloc(0), 'fingerprint', FINGERPRINT_BYTES).toString('hex');

/** What chunks are sealed with. */
export interface StreamTerms {
  readonly header: Buffer;
  readonly chunkBytes: number;
  readonly key: Buffer;
  readonly prefix: Buffer;
}

export interface HeaderOptions {
  readonly chunkBytes?: number;
  /** Of test vectors alone: 39 bytes, the salt and the nonce prefix. */
  readonly random?: Buffer;
}

const macOf = (key: Buffer, salt: Buffer, head: Buffer, context: string): Buffer =>
  createHmac('sha256', derived(key, salt, 'header', 32))
    .update(head)
    .update(context, 'utf8')
    .digest();

/** @param key 32 bytes @param context what the stream is: it opens under the same text alone, so that no stream takes another one's place */
export function newHeader(key: Buffer, context: string, options: HeaderOptions = {}): StreamTerms {
  const { chunkBytes = CHUNK_BYTES, random = randomBytes(SALT_BYTES + PREFIX_BYTES) } = options;
  const [salt, prefix] = [random.subarray(0, SALT_BYTES), random.subarray(SALT_BYTES)];
  const size = Buffer.alloc(4);
  size.writeUInt32BE(chunkBytes);
  const head = Buffer.concat([MAGIC, size, salt, prefix, Buffer.alloc(1), Buffer.from(fingerprintOf(key), 'hex')]);
  const header = Buffer.concat([head, macOf(key, salt, head, context)]);
  return { header, chunkBytes, prefix, key: derived(key, salt, 'chunks', 32) };
}

/** @throws SealError `not_sealed`, `wrong_key`, `altered` */
export function readHeader(header: Buffer, key: Buffer, context: string): StreamTerms {
  if (header.length < HEADER_BYTES) throw new SealError('truncated', 'it ends within its header');
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new SealError('not_sealed', 'it does not begin as one');
  if (header.toString('hex', 52, MAC_AT) !== fingerprintOf(key))
    throw new SealError('wrong_key', 'it was sealed with another key');
  const [salt, prefix] = [header.subarray(12, 44), header.subarray(44, 51)];
  if (!timingSafeEqual(macOf(key, salt, header.subarray(0, MAC_AT), context), header.subarray(MAC_AT, HEADER_BYTES)))
    throw new SealError('altered', 'its header was altered, or it is another stream than this one');
  const chunkBytes = header.readUInt32BE(8);
  if (chunkBytes < 1 || chunkBytes > LARGEST_CHUNK)
    throw new SealError('altered', 'its header names no size of chunks');
  return { header, chunkBytes, prefix, key: derived(key, salt, 'chunks', 32) };
}
