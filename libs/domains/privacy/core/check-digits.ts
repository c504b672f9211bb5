/** Checks over digits as numbers from 0 to 9, of which the first `length` count. */
type Digits = Uint8Array;

/** ISO/IEC 7812-1, annex B: every second digit from the right is doubled, and the sum of digits ends in 0. */
export function isLuhn(digits: Digits, length: number): boolean {
  let sum = 0;
  for (let i = length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = double ? digits[i]! * 2 : digits[i]!;
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** ISO 7064, MOD 11,10: German tax ids, and German VAT ids. */
export function isMod1110(digits: Digits, length: number): boolean {
  let product = 10;
  for (let i = 0; i < length - 1; i++) {
    const sum = (digits[i]! + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return (11 - product) % 10 === digits[length - 1];
}

/** Sum of digits by weights. */
export function weighted(digits: Digits, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += digits[i]! * weights[i]!;
  return sum;
}

/** The number that the digits from one place to another write, by a modulus. */
export function modulo(digits: Digits, from: number, to: number, by: number): number {
  let rest = 0;
  for (let i = from; i < to; i++) rest = (rest * 10 + digits[i]!) % by;
  return rest;
}

/**
 * ISO 7064, MOD 97-10, over an IBAN: the first four characters count last, letters count as 10 to 35.
 * @param characters upper-case letters and digits in ASCII
 */
export function isMod97(characters: Uint8Array, length: number): boolean {
  let rest = 0;
  for (let i = 0; i < length; i++) {
    const byte = characters[(i + 4) % length]!;
    rest = byte <= 0x39 ? (rest * 10 + byte - 0x30) % 97 : (rest * 100 + byte - 55) % 97;
  }
  return rest === 1;
}

/**
 * Issuers of payment cards, by first digits and lengths (ISO/IEC 7812-1; the ranges that the schemes publish).
 * @returns whether a number of this length may be a card's
 */
export function isCardLength(digits: Digits, length: number): boolean {
  const two = digits[0]! * 10 + digits[1]!;
  const three = two * 10 + digits[2]!;
  const four = three * 10 + digits[3]!;
  if (digits[0] === 4) return length === 13 || length === 16 || length === 19; // Visa
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16; // Mastercard
  if (two === 34 || two === 37) return length === 15; // American Express
  if (two === 36 || two === 38 || two === 39 || (three >= 300 && three <= 305)) return length >= 14 && length <= 19; // Diners Club
  if (four >= 3528 && four <= 3589) return length >= 16; // JCB
  if (MAESTRO.has(four)) return length >= 12;
  return (four === 6011 || (three >= 644 && three <= 649) || two === 65 || two === 62) && length >= 16; // Discover, UnionPay
}
const MAESTRO: ReadonlySet<number> = new Set([5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763]);
