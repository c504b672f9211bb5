import { DIGIT, isDigit, isWord, LETTER, MEANING, WIDE } from './characters';

const [DOT, DASH, COLON] = [0x2e, 0x2d, 0x3a] as const;
/** Bytes of the part before the `@`, unquoted (RFC 5322, atext; RFC 6531 for bytes beyond ASCII). */
const LOCAL = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const isAtom = MEANING[byte]! & (DIGIT | LETTER | WIDE) || "!#$%&'*+-/=?^_`{|}~.".includes(String.fromCharCode(byte));
  LOCAL[byte] = isAtom ? 1 : 0;
}

/**
 * The address around an `@`.
 * @param floor goes back no further, so that no byte is looked at twice by two addresses
 */
export function emailAt(
  bytes: Uint8Array,
  at: number,
  floor: number,
  to: number,
): { from: number; to: number } | undefined {
  let from = at;
  while (from > floor && LOCAL[bytes[from - 1]!]) from--;
  while (from < at && bytes[from] === DOT) from++;
  if (from === at) return undefined;
  let end = at + 1;
  let dots = 0;
  let lastLabel = 0;
  for (; end < to; end++) {
    const byte = bytes[end]!;
    if (MEANING[byte]! & (DIGIT | LETTER | WIDE) || byte === DASH) lastLabel++;
    else if (byte === DOT && lastLabel > 0 && end + 1 < to && MEANING[bytes[end + 1]!]! & (DIGIT | LETTER | WIDE)) {
      dots++;
      lastLabel = 0;
    } else break;
  }
  return dots > 0 && lastLabel >= 2 ? { from, to: end } : undefined;
}

const isPhoneSeparator = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === DASH || byte === DOT || byte === 0x2f || byte === 0x28 || byte === 0x29;

/**
 * A number in international form (ITU-T E.164): `+`, then 7 to 15 digits, in groups or not. More digits that follow in a group of their own belong to something else.
 * @returns its end, 0 when there is none
 */
export function phoneAt(bytes: Uint8Array, at: number, to: number): number {
  if (bytes[at + 1] === 0x30) return 0; // no country code begins with 0
  let digits = 0;
  let end = 0;
  let separators = 0;
  for (let i = at + 1; i < to; i++) {
    const byte = bytes[i];
    if (isDigit(byte)) {
      if (++digits > 15) break;
      separators = 0;
      const isGroupEnd = i + 1 >= to || !isWord(bytes[i + 1]);
      if (isGroupEnd && digits >= 7) end = i + 1;
    } else if (digits === 0 || !isPhoneSeparator(byte) || ++separators > 2) break;
  }
  return end;
}

/** A dotted quad (RFC 791), without leading zeros. @returns its end, 0 when there is none */
export function ipv4At(bytes: Uint8Array, at: number, to: number): number {
  if (bytes[at - 1] === DOT) return 0;
  let i = at;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && bytes[i++] !== DOT) return 0;
    const from = i;
    let value = 0;
    while (i < to && i - from < 4 && isDigit(bytes[i])) value = value * 10 + bytes[i++]! - 0x30;
    if (i === from || value > 255 || (bytes[from] === 0x30 && i - from > 1)) return 0;
  }
  if (i < to && (isWord(bytes[i]) || (bytes[i] === DOT && isDigit(bytes[i + 1])))) return 0;
  return i;
}

const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
/** The longest text of an address: eight groups of four, seven colons; or six groups and a dotted quad. */
const LONGEST_IPV6 = 45;

/** An address of eight groups, or fewer around one `::` (RFC 4291, section 2.2). @returns its end, 0 when there is none */
export function ipv6At(bytes: Uint8Array, at: number, to: number): number {
  let end = at;
  while (end < to && end - at <= LONGEST_IPV6 && (isHex(bytes[end]!) || bytes[end] === COLON || bytes[end] === DOT))
    end++;
  if (end - at > LONGEST_IPV6 || (end < to && isWord(bytes[end]))) return 0;
  while (end > at && (bytes[end - 1] === DOT || (bytes[end - 1] === COLON && bytes[end - 2] !== COLON))) end--;
  let groups = 0;
  let isShort = false;
  for (let i = at; i < end;) {
    if (bytes[i] === COLON) {
      const isDouble = bytes[i + 1] === COLON;
      if (isDouble ? isShort : i === at) return 0;
      isShort ||= isDouble;
      i += isDouble ? 2 : 1;
      if (bytes[i] === COLON) return 0;
      continue;
    }
    const from = i;
    while (i < end && isHex(bytes[i]!)) i++;
    if (bytes[i] === DOT && i < end) {
      if (groups === 0 || ipv4At(bytes, from, end) !== end) return 0;
      groups += 2;
      i = end;
    } else if (i - from > 4) return 0;
    else groups++;
  }
  return (isShort ? groups >= 1 && groups <= 7 : groups === 8) ? end : 0;
}
