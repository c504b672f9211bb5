/**
 * The canonical form of JSON that checksums are made over: JSON Canonicalization Scheme, RFC 8785. What a sender's library for it writes, this writes, byte for
 * byte. For telling two payloads apart there is `canonicalJson` in exact-json.ts, which keeps numbers that this form has to round.
 */

/** The value has no canonical form: a text with half a surrogate pair, or a number that no double holds (RFC 8785, sections 3.2.2.2 and 3.2.2.3). */
export class NotCanonicalError extends Error {
  override readonly name = 'NotCanonicalError';
}

/**
 * The canonical text of a value that JSON.parse has read: members by the UTF-16 code units of their names (section 3.2.3), texts and numbers as ECMAScript
 * writes them (3.2.2). Numbers are doubles there, so that digits beyond those of a double are rounded on both sides, and not covered by a checksum.
 * @throws NotCanonicalError
 */
export function canonicalText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonicalError('a number that no double holds');
      return String(value); // -0 becomes 0 (section 3.2.2.3)
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? list(value) : members(value);
    default:
      throw new NotCanonicalError('no value of JSON');
  }
}

/** What JSON.stringify has to escape; every other text is itself between quotes. */
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

function text(value: string): string {
  if (!ESCAPED.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw new NotCanonicalError('half a surrogate pair');
  return JSON.stringify(value);
}

function list(elements: readonly unknown[]): string {
  let written = '[';
  for (let i = 0; i < elements.length; i++)
    written += i === 0 ? canonicalText(elements[i]) : `,${canonicalText(elements[i])}`;
  return `${written}]`;
}

function members(value: object): string {
  let written = '{';
  // Without a comparison of its own, sort() goes by code units.
  for (const name of Object.keys(value).sort())
    written += `${written.length > 1 ? ',' : ''}${text(name)}:${canonicalText((value as Record<string, unknown>)[name])}`;
  return `${written}}`;
}

/** What a sender says its data's checksum is: an algorithm, and 32 bytes. */
const FORM = /^sha-256:(?:([0-9a-fA-F]{64})|([A-Za-z0-9+/_-]{43})=?)$/;

/** @returns the 32 bytes of `sha-256:<hexadecimal, or base 64>` in small hexadecimal digits; undefined when it is nothing of the kind */
export function readDigest(said: string): string | undefined {
  const [, hex, base64] = FORM.exec(said) ?? [];
  if (hex !== undefined) return hex.toLowerCase();
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
}
