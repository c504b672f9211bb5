import { hash } from 'node:crypto';
import type { Pseudonyms } from './core/actions';
import { hmacSha256 } from './hmac';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** All pairs of characters of base 32 (RFC 4648, in lower case), by ten bits. */
const PAIRS = Array.from({ length: 1_024 }, (_, bits) => ALPHABET[bits >> 5]! + ALPHABET[bits & 31]!);

/** Base 32 without padding of the first 128 bits. @param digest in words of 32 bits */
function base32(digest: Int32Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (let i = 0; i < 8; i++) {
    const half = i % 2 === 0 ? digest[i >> 1]! >>> 16 : digest[i >> 1]! & 0xffff;
    held = (held << 16) | half;
    for (bits += 16; bits >= 10; held &= (1 << bits) - 1) text += PAIRS[held >> (bits -= 10)]!;
  }
  return text + PAIRS[held << (10 - bits)]!;
}

/** Tokens under one key: `tok_email_` and 128 bits. The class is part of what is signed, so that one text has another token in another class. */
export function tokenMaker(key: Buffer): Pseudonyms['token'] {
  const sign = hmacSha256(key);
  return (of, canonical) => `tok_${of}_${base32(sign(`${of}\0${canonical}`))}`;
}

/** Without a key: whoever has the text finds it again, also by trying all phone numbers. For texts that cannot be guessed, and joins with others' hashes. */
export const plainHash: Pseudonyms['hash'] = (canonical) => `sha256_${hash('sha256', canonical, 'hex')}`;
