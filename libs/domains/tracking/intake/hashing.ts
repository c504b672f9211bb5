import { hash } from 'node:crypto';

/** Hashes are hexadecimal text: a Buffer for each would cost the collector more than the hash costs. */
const sha256 = (of: string | Buffer, digits: number): string => hash('sha256', of, 'hex').slice(0, digits);

/** First 128 bits of SHA-256 over source and id: names the event, the same for all its attempts. */
export const identityOf = (source: string, id: string): string => sha256(`${source.length}:${source}${id}`, 32);

/** Names a record that does not say what it is, by its bytes. */
export const unreadableIdentityOf = (source: string, record: Buffer): string =>
  sha256(`${source.length}:${source}${sha256(record, 64)}`, 32);

/** First 64 bits of SHA-256 over what digests compare, as two's complement with the lowest byte first. */
export const digestOf = (definition: number, key: string, agreed: string): string =>
  sha256(`${definition}:${key.length}:${key}${agreed}`, 16);

/** First 64 bits of SHA-256 over a record as it was sent, the lowest byte first. */
export const payloadHashOf = (record: Buffer): string => sha256(record, 16);
