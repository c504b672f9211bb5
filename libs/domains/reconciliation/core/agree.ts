import type { Tolerance } from '@holdfast/domains/catalog/core/process';
import { exactDecimal } from '@holdfast/domains/tracking/core/exact-json';
import { parseInstant } from '@holdfast/kernel';

/** Whether two stages' values of a field agree. What is not of the tolerance's kind must be equal. Absent and null are the same. */
export function agree(one: unknown, other: unknown, tolerance: Tolerance | undefined): boolean {
  if (equal(one, other)) return true;
  switch (tolerance?.kind) {
    case undefined:
      return false;
    case 'case':
      return typeof one === 'string' && typeof other === 'string' && one.toLowerCase() === other.toLowerCase();
    case 'time': {
      const [a, b] = [instant(one), instant(other)];
      return a !== undefined && b !== undefined && Math.abs(a - b) <= tolerance.seconds * 1_000_000;
    }
    case 'absolute':
    case 'relative': {
      const [a, b] = [decimal(one), decimal(other)];
      return a !== undefined && b !== undefined && isWithin(a, b, tolerance.by, tolerance.kind);
    }
  }
}

/** Exact, as people reckon: 10.01 and 10.00 are 0.01 apart, which no doubles are. */
function isWithin(a: Decimal, b: Decimal, by: number, kind: 'absolute' | 'relative'): boolean {
  const slack = decimal(by)!;
  const exponents = [a.exponent, b.exponent, slack.exponent, 0];
  const lowest = Math.min(...exponents);
  if (Math.max(...exponents) - lowest > MOST_DIGITS) return false;
  const [one, other, most] = [a, b, slack].map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - lowest));
  const apart = magnitude(one! - other!);
  if (kind === 'absolute') return apart <= most!;
  const [larger, unit] = [magnitude(one!) > magnitude(other!) ? one! : other!, 10n ** BigInt(-lowest)];
  return apart * unit <= most! * magnitude(larger);
}

/** Numbers so far apart are within no tolerance of each other; reckoning with them would take long. */
const MOST_DIGITS = 1_000;
const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

function equal(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

const instant = (value: unknown): number | undefined => (typeof value === 'string' ? parseInstant(value) : undefined);

/** digits times 10 to the exponent. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** A number, or a text that is one: systems send money in both forms. */
function decimal(value: unknown): Decimal | undefined {
  const text = typeof value === 'number' ? String(value) : (exactDecimal(value) ?? plainText(value));
  if (text.length > MOST_DIGITS) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === '') return undefined;
  return { digits: BigInt(sign + whole + fraction), exponent: Number(exponent) - fraction.length };
}

const plainText = (value: unknown): string => (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : '');
