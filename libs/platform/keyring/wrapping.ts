import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256-GCM: 12 bytes of nonce, the sealed key, 16 bytes of tag. */
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

export function wrapBytes(by: Buffer, bytes: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', by, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @returns undefined when it was wrapped by another key, for something else, or altered */
export function unwrapBytes(by: Buffer, wrapped: Buffer, context: string): Buffer | undefined {
  if (wrapped.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const at = wrapped.length - TAG_BYTES;
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', by, wrapped.subarray(0, NONCE_BYTES), options)
    .setAAD(Buffer.from(context))
    .setAuthTag(wrapped.subarray(at));
  const bytes = decipher.update(wrapped.subarray(NONCE_BYTES, at));
  try {
    decipher.final();
    return bytes;
  } catch {
    return undefined;
  }
}
