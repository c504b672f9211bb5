/** A decimal number, exactly: digits times 10 to the exponent. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Texts longer than this, and numbers further apart, take too long to reckon with. */
const MOST_DIGITS = 1_000;

/** @param text such as `-12.50` or `125e-1` @returns undefined for what is no number, or has more than 1,000 digits */
export function decimalOf(text: string): Decimal | undefined {
  if (text.length > MOST_DIGITS) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === '' || Math.abs(Number(exponent)) > MOST_DIGITS) return undefined;
  return { digits: BigInt(sign + whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** The digits of some decimals at the lowest exponent of all; undefined where they are more than 1,000 digits apart. */
export function aligned(
  decimals: readonly Decimal[],
): { readonly digits: bigint[]; readonly exponent: number } | undefined {
  const exponents = decimals.map(({ exponent }) => exponent);
  const lowest = Math.min(...exponents);
  if (Math.max(...exponents) - lowest > MOST_DIGITS) return undefined;
  return {
    digits: decimals.map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - lowest)),
    exponent: lowest,
  };
}

/** @returns undefined where they are too far apart to be added */
export function sumOf(decimals: readonly Decimal[]): Decimal | undefined {
  if (decimals.length === 0) return { digits: 0n, exponent: 0 };
  const all = aligned(decimals);
  return all && { digits: all.digits.reduce((sum, one) => sum + one, 0n), exponent: all.exponent };
}

/** To so many decimals, halves away from zero. */
export function rounded({ digits, exponent }: Decimal, decimals: number): Decimal {
  if (exponent >= -decimals) return { digits, exponent };
  const unit = 10n ** BigInt(-decimals - exponent);
  const magnitude = digits < 0n ? -digits : digits;
  const whole = (2n * magnitude + unit) / (2n * unit);
  return { digits: digits < 0n ? -whole : whole, exponent: -decimals };
}

export const scaled = ({ digits, exponent }: Decimal, power: number): Decimal => ({
  digits,
  exponent: exponent + power,
});

/** One text for all forms of a number: `12.5`, without an exponent. */
export function decimalText({ digits, exponent }: Decimal): string {
  if (digits === 0n) return '0';
  if (exponent >= 0) return String(digits * 10n ** BigInt(exponent));
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(1 - exponent, '0');
  const fraction = text.slice(exponent).replace(/0{1,1000}$/, '');
  return `${sign}${text.slice(0, exponent)}${fraction === '' ? '' : `.${fraction}`}`;
}
