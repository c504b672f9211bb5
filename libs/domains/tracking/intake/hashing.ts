import { hash } from 'node:crypto';

/** First 128 bits of SHA-256 over source and id: names the event, the same for all its attempts. */
export const identityOf = (source: string, id: string): Buffer =>
  hash('sha256', `${source.length}:${source}${id}`, 'buffer').subarray(0, 16);

/** First 64 bits of SHA-256 over what digests compare, as two's complement. */
export const digestOf = (definition: number, key: string, agreed: string): Buffer =>
  hash('sha256', `${definition}:${key.length}:${key}${agreed}`, 'buffer').subarray(0, 8);

/** First 64 bits of SHA-256, as hexadecimal text of 16 characters. */
export const payloadHashOf = (payload: Buffer): string => hash('sha256', payload, 'hex').slice(0, 16);
