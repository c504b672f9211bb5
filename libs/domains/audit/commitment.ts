import { hash, randomFillSync } from 'node:crypto';

const SALT_BYTES = 32;
/** Random bytes of many salts: asked for one by one they cost more than the hashes. */
const pool = Buffer.alloc(512 * SALT_BYTES);
let used = pool.length;

/** 32 random bytes in hexadecimal digits. */
export function newSalt(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += SALT_BYTES;
  return pool.toString('hex', used - SALT_BYTES, used);
}

/**
 * What stands in the log for an entry: SHA-256 over salt and canonical text. Without the salt it says nothing of the text, not even to who guesses it: with salt and
 * text gone, the entry is gone, and the log is as it was.
 */
export function commitmentOf(salt: string, text: string): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(text)]), 'buffer');
}
