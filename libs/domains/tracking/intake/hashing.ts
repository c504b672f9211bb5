import { hash } from 'node:crypto';
import { canonicalText } from '../core/canonical-json';

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

/**
 * SHA-256 of the canonical form (RFC 8785) of a JSON text, 64 hexadecimal digits: what a sender that computes a checksum of its data has. Of a member that is
 * named twice the last counts; intake refuses such records before.
 * @throws NotCanonicalError where the text has no canonical form; SyntaxError where it is not JSON
 */
export const canonicalDigest = (data: Buffer): string => sha256(canonicalText(JSON.parse(data.toString('utf8'))), 64);
