/** A decimal number exactly: `digits` (with a sign, without zeros at either end) times ten to the `exponent`. Zero is '0', 0. */
export interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** Of a number's text, of any length; undefined where it is none. */
export function decimalOf(text: string): Decimal | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', power] = match;
  if (whole === '' && fraction === '') return undefined;
  const all = (whole + fraction).replace(/^0+/, '');
  if (all === '') return { digits: '0', exponent: 0 };
  const digits = all.replace(/0+$/, '');
  const exponent = Number(power ?? 0) - fraction.length + (all.length - digits.length);
  return { digits: sign === '-' ? `-${digits}` : digits, exponent };
}

const PLAIN = /^-?[1-9]\d*$/;

/** The order of numbers by value, however they are written; what is no number comes last, by its text. */
export function compareDecimals(a: string, b: string): number {
  if (PLAIN.test(a) && PLAIN.test(b)) {
    const negative = a.startsWith('-');
    if (negative !== b.startsWith('-')) return negative ? -1 : 1;
    const order = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
    return negative ? -order : order;
  }
  const [left, right] = [decimalOf(a), decimalOf(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  const exponent = Math.min(left.exponent, right.exponent);
  const [x, y] = [scaled(left, exponent), scaled(right, exponent)];
  return x < y ? -1 : x > y ? 1 : 0;
}

const scaled = ({ digits, exponent }: Decimal, to: number): bigint => BigInt(digits) * 10n ** BigInt(exponent - to);

/** Beyond so many zeros a number stays in powers of ten. */
const MOST_ZEROS = 100;

/** One text for one number, without powers of ten where that is possible; undefined where it is none. */
export function plainNumber(text: string): string | undefined {
  const number = decimalOf(text);
  if (!number) return undefined;
  const { digits, exponent } = number;
  if (Math.abs(exponent) > MOST_ZEROS) return `${digits}e${exponent}`;
  if (exponent >= 0) return digits + '0'.repeat(digits === '0' ? 0 : exponent);
  const [sign, whole] = digits.startsWith('-') ? ['-', digits.slice(1)] : ['', digits];
  const padded = whole.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
