import { isDigit, isWord, MEANING, LETTER, upper } from './characters';
import { isCardLength, isLuhn, isMod1110, isMod97, modulo, weighted } from './check-digits';
import { COUNTRIES, countryCode, IBAN_LENGTH } from './countries';

const [SPACE, DASH, DOT] = [0x20, 0x2d, 0x2e] as const;
/** Digits or characters of the value that is looked at; one for all, since none is kept. */
const scratch = new Uint8Array(40);

const endsWord = (bytes: Uint8Array, at: number, to: number): boolean => at >= to || !isWord(bytes[at]);
const isSeparator = (byte: number | undefined): boolean => byte === SPACE || byte === DASH;

/** A payment card's number of 12 to 19 digits, in groups or not: its issuer's length, and Luhn's check digit. The longest that fits. @returns its end, 0 for none */
export function cardAt(bytes: Uint8Array, at: number, to: number): number {
  let length = 0;
  let end = 0;
  for (let i = at; i < to; i++) {
    if (isDigit(bytes[i])) {
      if (length === 19) break;
      scratch[length++] = bytes[i]! - 0x30;
      if (length >= 12 && endsWord(bytes, i + 1, to) && isCardLength(scratch, length) && isLuhn(scratch, length))
        end = i + 1;
    } else if (!isSeparator(bytes[i]) || !isDigit(bytes[i + 1])) break;
  }
  return end;
}

/** A US social security number in its written form, `123-45-6789` or with spaces; area, group and serial that were given out (SSA). */
export function ssnAt(bytes: Uint8Array, at: number, to: number): number {
  const end = at + 11;
  const separator = bytes[at + 3];
  if (end > to || !isSeparator(separator) || bytes[at + 6] !== separator || !endsWord(bytes, end, to)) return 0;
  if (isSeparator(bytes[end]) && isDigit(bytes[end + 1]) && end + 1 < to) return 0;
  for (let i = 0; i < 11; i++) if (i !== 3 && i !== 6 && !isDigit(bytes[at + i])) return 0;
  const part = (from: number, digits: number): number => {
    let value = 0;
    for (let i = 0; i < digits; i++) value = value * 10 + bytes[at + from + i]! - 0x30;
    return value;
  };
  const area = part(0, 3);
  return area === 0 || area === 666 || area >= 900 || part(4, 2) === 0 || part(7, 4) === 0 ? 0 : end;
}

/**
 * A German tax identification number (§ 139b AO): 11 digits, in one or as `12 345 678 901`; the last is the check digit (ISO 7064, MOD 11,10), of the ten
 * before it one comes twice or three times and the others at most once, the first is not 0.
 */
export function germanTaxIdAt(bytes: Uint8Array, at: number, to: number): number {
  let length = 0;
  let i = at;
  for (; i < to && length < 11; i++) {
    if (isDigit(bytes[i])) scratch[length++] = bytes[i]! - 0x30;
    else if (bytes[i] !== SPACE || !isDigit(bytes[i + 1])) return 0;
  }
  if (length < 11 || scratch[0] === 0 || !endsWord(bytes, i, to) || !isMod1110(scratch, 11)) return 0;
  let seen = 0;
  let repeated = 0;
  for (let digit = 0; digit < 10; digit++) {
    let count = 0;
    for (let j = 0; j < 10; j++) if (scratch[j] === digit) count++;
    if (count > 3) return 0;
    if (count > 0) seen++;
    if (count > 1) repeated++;
  }
  return repeated === 1 && seen >= 8 ? i : 0;
}

/** An IBAN (ISO 13616) of its country's length, in one or in groups; MOD 97-10. @returns its end, 0 for none */
export function ibanAt(bytes: Uint8Array, at: number, to: number): number {
  if (at + 15 > to || !isDigit(bytes[at + 2]) || !isDigit(bytes[at + 3])) return 0;
  const needed = IBAN_LENGTH.get(countryCode(upper(bytes[at]!), upper(bytes[at + 1]!)));
  if (needed === undefined) return 0;
  let length = 0;
  let i = at;
  for (; i < to && length < needed; i++) {
    if (isWord(bytes[i])) scratch[length++] = upper(bytes[i]!);
    else if (!isSeparator(bytes[i]) || !isWord(bytes[i + 1])) return 0;
  }
  return length === needed && endsWord(bytes, i, to) && isMod97(scratch, needed) ? i : 0;
}

/** A BIC (ISO 9362) in capitals: bank, country, place, and perhaps a branch. @returns its end, 0 for none */
export function bicAt(bytes: Uint8Array, at: number, to: number): number {
  const isCapital = (byte: number): boolean => MEANING[byte] === LETTER && byte < 0x61;
  let end = at;
  while (end < to && end - at < 12 && (isCapital(bytes[end]!) || isDigit(bytes[end]))) end++;
  if ((end - at !== 8 && end - at !== 11) || !endsWord(bytes, end, to)) return 0;
  for (let i = at; i < at + 6; i++) if (!isCapital(bytes[i]!)) return 0;
  return COUNTRIES.has(countryCode(bytes[at + 4]!, bytes[at + 5]!)) ? end : 0;
}

type VatCheck = (digits: Uint8Array) => boolean;
const vat = (country: string, digits: number, check: VatCheck, before = '', after = '') =>
  [countryCode(country.charCodeAt(0), country.charCodeAt(1)), { digits, check, before, after }] as const;
const AUSTRIA = [1, 2, 1, 2, 1, 2, 1] as const;

/** VAT ids whose check digit is known: another country's would be found in every order number that begins with two letters. */
const VAT = new Map([
  vat('DE', 9, (digits) => digits[0] !== 0 && isMod1110(digits, 9)),
  vat(
    'AT',
    8,
    (digits) => {
      let sum = 4;
      for (let i = 0; i < 7; i++) {
        const product = digits[i]! * AUSTRIA[i]!;
        sum += product > 9 ? product - 9 : product;
      }
      return (10 - (sum % 10)) % 10 === digits[7];
    },
    'U',
  ),
  vat('BE', 10, (digits) => digits[0]! <= 1 && 97 - modulo(digits, 0, 8, 97) === modulo(digits, 8, 10, 100)),
  vat('FR', 11, (digits) => (12 + 3 * modulo(digits, 2, 11, 97)) % 97 === modulo(digits, 0, 2, 100)),
  vat('IT', 11, (digits) => isLuhn(digits, 11)),
  vat('NL', 9, (digits) => weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 === digits[8], '', 'B00'),
  vat('PL', 10, (digits) => weighted(digits, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === digits[9]),
]);

/** A VAT id of a country that is known here, in capitals and in one: country, digits, check digit. @returns its end, 0 for none */
export function vatIdAt(bytes: Uint8Array, at: number, to: number): number {
  const form = at + 2 < to ? VAT.get(countryCode(bytes[at]!, bytes[at + 1]!)) : undefined;
  if (!form) return 0;
  let i = at + 2;
  if (form.before !== '' && bytes[i++] !== form.before.charCodeAt(0)) return 0;
  for (let length = 0; length < form.digits; i++) {
    if (i >= to || !isDigit(bytes[i])) return 0;
    scratch[length++] = bytes[i]! - 0x30;
  }
  for (const expected of form.after) {
    const isRight = expected === 'B' ? bytes[i] === 0x42 : isDigit(bytes[i]);
    if (i >= to || !isRight) return 0;
    i++;
  }
  const endsHere = endsWord(bytes, i, to) && !(bytes[i] === DOT && i + 1 < to && isDigit(bytes[i + 1]));
  return endsHere && form.check(scratch) ? i : 0;
}
