/** What a byte of UTF-8 can be part of. Bytes beyond ASCII are none of these. */
export const DIGIT = 1;
export const LETTER = 2;
export const AT = 4;
export const PLUS = 8;
export const DOT = 16;
export const COLON = 32;
/** Half of a character that is not ASCII. */
export const WIDE = 64;

/** The meaning of each byte. */
export const MEANING = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const text = String.fromCharCode(byte);
  if (/\d/.test(text)) MEANING[byte] = DIGIT;
  else if (/[A-Za-z]/.test(text)) MEANING[byte] = LETTER;
  else if (byte >= 0x80) MEANING[byte] = WIDE;
}
MEANING[0x40] = AT;
MEANING[0x2b] = PLUS;
MEANING[0x2e] = DOT;
MEANING[0x3a] = COLON;

export const isDigit = (byte: number | undefined): boolean => byte !== undefined && MEANING[byte] === DIGIT;
export const isWord = (byte: number | undefined): boolean =>
  byte !== undefined && (MEANING[byte]! & (DIGIT | LETTER)) !== 0;
/** A letter in upper case; every other byte as it is. */
export const upper = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte);
