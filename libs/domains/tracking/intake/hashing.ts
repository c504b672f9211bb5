import { hash } from 'node:crypto';
import { aligned, decimalOf } from '@holdfast/kernel';
import type { FieldPlan } from '../core/agreed';
import { canonicalText } from '../core/canonical-json';
import { exactDecimal } from '../core/exact-json';

/** Hashes are hexadecimal text: a Buffer for each would cost the collector more than the hash costs. */
const sha256 = (of: string | Buffer, digits: number): string => hash('sha256', of, 'hex').slice(0, digits);

/** First 64 bits of SHA-256 over what digests compare, as two's complement with the lowest byte first. */
export const digestOf = (definition: number, key: string, agreed: string): string =>
  sha256(`${definition}:${key.length}:${key}${agreed}`, 16);

/**
 * What stands for an event where digests are added up: equal sums mean that the events of two sides agree, almost surely. Fields of which each value is compared are hashed; of those
 * whose sum is, the value is added as a number, times an odd one that depends on key and field, so that a total and its parts have the same. Whatever is not exact in it (no number, more
 * than six decimals, none at all) is hashed: that may make a difference of what agrees, and never the other way round.
 * @param agreed as made by the plans @returns 64 bits, hexadecimal, the lowest byte first
 */
export function eventDigest(
  definition: number,
  key: string,
  stage: string,
  agreed: string,
  plans: readonly FieldPlan[],
): string {
  if (plans.every(isHashedAsItStands)) return digestOf(definition, key, agreed);
  const values = JSON.parse(agreed) as unknown[];
  const hashed = plans.map(({ field }, i) => {
    if (values[i] === null && field.nulls === 'differs') return { stage };
    return field.compare === 'sum' ? 0 : values[i];
  });
  let sum = wordOf(digestOf(definition, key, JSON.stringify(hashed)));
  for (const [i, { field }] of plans.entries()) {
    if (field.compare !== 'sum') continue;
    const millionths = millionthsOf(values[i]);
    const factor = digestOf(definition, key, `sum${i}`);
    sum +=
      millionths === undefined
        ? wordOf(digestOf(definition, key, `sum${i}:${JSON.stringify(values[i])}`))
        : millionths * (wordOf(factor) | 1n);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, sum));
  return bytes.toString('hex');
}

const isHashedAsItStands = ({ field: { compare, nulls } }: FieldPlan): boolean =>
  compare !== 'sum' && nulls !== 'differs';
const wordOf = (hex: string): bigint => Buffer.from(hex, 'hex').readBigUInt64LE();

function millionthsOf(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : exactDecimal(value);
  const decimal = text === undefined ? undefined : decimalOf(text);
  const [digits] =
    (decimal && decimal.exponent >= -6 && aligned([decimal, { digits: 0n, exponent: -6 }])?.digits) || [];
  return digits;
}

/**
 * SHA-256 of the canonical form (RFC 8785) of a value that JSON.parse has read, 64 hexadecimal digits: what a sender that computes a checksum of its data has. Of
 * a member that is named twice the last counts; intake refuses such records before.
 * @throws NotCanonicalError where the value has no canonical form
 */
export const canonicalDigest = (value: unknown): string => sha256(canonicalText(value), 64);

/** A text's place in [0, 1): the first 48 bits of SHA-256. */
export const fractionOf = (text: string): number => parseInt(sha256(text, 12), 16) / 2 ** 48;

/**
 * Names of events, and what tells a resend from a conflict. They outlive what they were made of, so that they are made with a key: who has them and not the key
 * cannot try out whose they are. Of SHA-256 over key and text a part is kept, so that nobody can append to the text.
 */
export class RecordHashes {
  private readonly key: string;
  private readonly keyBytes: Buffer;

  /** @param key 32 bytes; empty where none is configured */
  constructor(key: Buffer) {
    this.keyBytes = key;
    this.key = key.length === 0 ? '' : `${key.toString('base64')}:`;
  }

  /** Which key it is, without telling anything of it; '' for none. */
  get fingerprint(): string {
    return this.key === '' ? '' : sha256(`${this.key}fingerprint`, 16);
  }

  /** 128 bits over source and id: the event, the same for all its attempts. */
  identity(source: string, id: string): string {
    return sha256(`${this.key}${source.length}:${source}${id}`, 32);
  }

  /** 64 bits over a record as it was sent, the lowest byte first. */
  payload(record: Buffer): string {
    return sha256(this.keyBytes.length === 0 ? record : Buffer.concat([this.keyBytes, record]), 16);
  }

  /** 128 bits over a record that does not say what it is. */
  unreadable(source: string, record: Buffer): string {
    return sha256(`${this.key}${source.length}:${source}${sha256(record, 64)}`, 32);
  }
}
