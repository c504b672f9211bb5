import { AT, COLON, DIGIT, DOT, isWord, LETTER, MEANING, PLUS } from './characters';
import { emailAt, ipv4At, ipv6At, phoneAt } from './detect-contacts';
import { bicAt, cardAt, germanTaxIdAt, ibanAt, ssnAt, vatIdAt } from './detect-numbers';
import { DETECTORS, type Detector } from './policy';

/** Where a value stands, in bytes, and what it is. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly detector: Detector;
}

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
 * Whether a text may hold something, from what its bytes are: a look that most texts do not pass.
 * @param meanings of all bytes together @param digits how many there are
 */
export const mayHold = (meanings: number, digits: number, length: number, wanted: number): boolean =>
  digits >= 7 ||
  (meanings & AT) !== 0 ||
  ((meanings & COLON) !== 0 && (wanted & IP) !== 0) ||
  (digits >= 4 && (meanings & DOT) !== 0) ||
  ((wanted & BIC) !== 0 && (length === 8 || length === 11));

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
