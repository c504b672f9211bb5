import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type StreamTerms, TAG_BYTES } from './header';
import { SealError } from './seal-error';

const AES = 'aes-256-gcm';

function nonceOf(prefix: Buffer, number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  prefix.copy(nonce);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

export function sealChunk(terms: StreamTerms, number: number, isLast: boolean, plain: Buffer): Buffer {
  const cipher = createCipheriv(AES, terms.key, nonceOf(terms.prefix, number, isLast)).setAAD(terms.header);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function tryOpen(terms: StreamTerms, number: number, isLast: boolean, sealed: Buffer): Buffer | undefined {
  const at = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(AES, terms.key, nonceOf(terms.prefix, number, isLast), { authTagLength: TAG_BYTES })
    .setAAD(terms.header)
    .setAuthTag(sealed.subarray(at));
  const plain = decipher.update(sealed.subarray(0, at));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/**
 * @param chunks how many the stream has, as far as is known: for saying what is wrong with it
 * @throws SealError what is wrong with this chunk
 */
export function openChunk(terms: StreamTerms, number: number, isLast: boolean, sealed: Buffer, chunks: number): Buffer {
  if (sealed.length < TAG_BYTES) throw new SealError('truncated', 'it ends within a chunk', number);
  return tryOpen(terms, number, isLast, sealed) ?? wrong(terms, number, isLast, sealed, chunks);
}

/** Other chunks that are tried in the place of one that does not open: to say what happened, not to mend it. */
const MOST_TRIES = 4_096;

function wrong(terms: StreamTerms, number: number, isLast: boolean, sealed: Buffer, chunks: number): never {
  if (tryOpen(terms, number, !isLast, sealed))
    throw isLast
      ? new SealError('truncated', 'chunks at its end are missing', number)
      : new SealError('appended', 'something follows its last chunk', number + 1);
  for (let other = 0; other < Math.min(chunks, MOST_TRIES); other++)
    if (other !== number && (tryOpen(terms, other, false, sealed) ?? tryOpen(terms, other, true, sealed)))
      throw new SealError('reordered', `chunk ${other} stands in its place`, number);
  throw new SealError('altered', 'its bytes were altered, or it was cut off', number);
}
