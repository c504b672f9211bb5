import { AT, COLON, DIGIT, DOT, isDigit, isWord, LETTER, MEANING, PLUS } from './characters';
import { emailAt, ipv4At, ipv6At, phoneAt } from './detect-contacts';
import { bicAt, cardAt, germanTaxIdAt, ibanAt, ssnAt, vatIdAt } from './detect-numbers';
import { DETECTORS, type Detector } from './policy';

/** Where a value stands, in bytes, and what it is. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly detector: Detector;
}

const DASH = 0x2d;

/** Detectors as bits. */
export const bitOf = (detector: Detector): number => 1 << DETECTORS.indexOf(detector);
const [EMAIL, PHONE, IP, IBAN, CARD, SSN, TAX_ID, VAT_ID, BIC] = DETECTORS.map(bitOf) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number, // prettier-ignore
];

/**
 * Which detectors could find something, from what a text's bytes are: a look that most texts do not pass.
 * @param meanings of all bytes together @param digits how many there are @returns bits of detectors, 0 when nothing can be there
 */
export function suspectsIn(
  bytes: Uint8Array,
  from: number,
  to: number,
  meanings: number,
  digits: number,
  wanted: number,
): number {
  let may = (meanings & AT) !== 0 ? EMAIL : 0;
  if ((meanings & COLON) !== 0 || (digits >= 4 && (meanings & DOT) !== 0)) may |= IP;
  if (digits >= 7) {
    may |= IBAN | VAT_ID;
    if ((meanings & PLUS) !== 0) may |= PHONE;
    if (digits >= 9) may |= SSN;
    if (digits >= 11) may |= CARD | TAX_ID;
  }
  if (to - from === 8 || to - from === 11) may |= BIC;
  may &= wanted;
  return may !== 0 && isTime(bytes, from, to) ? 0 : may;
}

/** `2026-11-20`, or RFC 3339's `2026-11-20T09:30:00.123+01:00` as far as it goes, and nothing else: many fields hold a time. */
function isTime(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length < 10 || length > 35 || bytes[from + 4] !== DASH || bytes[from + 7] !== DASH) return false;
  for (let i = from; i < from + 10; i++) if (i !== from + 4 && i !== from + 7 && !isDigit(bytes[i])) return false;
  if (length === 10) return true;
  if (length < 16 || (bytes[from + 10] !== 0x54 && bytes[from + 10] !== 0x20) || bytes[from + 13] !== 0x3a)
    return false;
  for (let i = from + 11; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === 0x2b || byte === DASH) return to - i === 5 || to - i === 6; // an offset
    if (byte === 0x5a) return i === to - 1;
    if (!isDigit(byte) && byte !== 0x3a && byte !== 0x2e) return false;
  }
  return true;
}

/**
 * What personal values stand in a text, in order, without overlaps. Takes time in proportion to its length, whatever stands in it: no detector goes back
 * before the place that another has reached, and none looks further ahead than its longest value.
 * @param bytes UTF-8; from `from` to before `to` @param wanted bits of detectors
 */
export function findPersonal(bytes: Uint8Array, from: number, to: number, wanted: number): Span[] {
  const found: Span[] = [];
  let floor = from;
  const take = (start: number, end: number, detector: Detector): number => {
    found.push({ from: start, to: end, detector });
    floor = end;
    return end;
  };
  for (let i = from; i < to;) {
    const meaning = MEANING[bytes[i]!]!;
    let end = 0;
    if (meaning === AT) {
      if (wanted & EMAIL) {
        const span = emailAt(bytes, i, floor, to);
        if (span) end = take(span.from, span.to, 'email');
      }
    } else if (meaning !== 0 && !isWord(i > from ? bytes[i - 1] : undefined)) {
      if (meaning === PLUS) {
        if (wanted & PHONE && (end = phoneAt(bytes, i, to)) > 0) take(i, end, 'phone');
      } else if (meaning === DIGIT) end = numberAt(bytes, i, to, wanted, take);
      else if (meaning === LETTER) end = codeAt(bytes, i, from, to, wanted, take);
      if (end === 0 && wanted & IP && (meaning === DIGIT || meaning === LETTER || meaning === COLON)) {
        const isInside = i > from && (bytes[i - 1] === 0x3a || bytes[i - 1] === 0x2e);
        if (!isInside && (end = ipv6At(bytes, i, to)) > 0) take(i, end, 'ip');
      }
    }
    i = end > 0 ? end : i + 1;
  }
  return found;
}

type Take = (start: number, end: number, detector: Detector) => number;

function numberAt(bytes: Uint8Array, i: number, to: number, wanted: number, take: Take): number {
  let end = 0;
  if (wanted & CARD && (end = cardAt(bytes, i, to)) > 0) return take(i, end, 'card');
  if (wanted & SSN && (end = ssnAt(bytes, i, to)) > 0) return take(i, end, 'us_ssn');
  if (wanted & TAX_ID && (end = germanTaxIdAt(bytes, i, to)) > 0) return take(i, end, 'de_tax_id');
  if (wanted & IP && (end = ipv4At(bytes, i, to)) > 0) return take(i, end, 'ip');
  return 0;
}

function codeAt(bytes: Uint8Array, i: number, from: number, to: number, wanted: number, take: Take): number {
  let end = 0;
  if (wanted & IBAN && (end = ibanAt(bytes, i, to)) > 0) return take(i, end, 'iban');
  if (wanted & VAT_ID && (end = vatIdAt(bytes, i, to)) > 0) return take(i, end, 'vat_id');
  // Any word in capitals may look like one: only as the whole of a text.
  if (wanted & BIC && i === from && bicAt(bytes, i, to) === to) return take(i, to, 'bic');
  return 0;
}
