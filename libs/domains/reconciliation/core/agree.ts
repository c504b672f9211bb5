import type { NullPolicy, Tolerance } from '@holdfast/domains/catalog/core/process';
import { exactDecimal } from '@holdfast/domains/tracking/core/exact-json';
import { aligned, type Decimal, decimalOf, parseInstant } from '@holdfast/kernel';

/** Whether two stages' values of a field agree. What is not of the tolerance's kind must be equal. Absent and null are the same. */
export function agree(
  one: unknown,
  other: unknown,
  tolerance: Tolerance | undefined,
  nulls: NullPolicy = 'equal',
): boolean {
  if (isNull(one) || isNull(other)) {
    if (nulls === 'ignored') return true;
    return nulls === 'equal' && isNull(one) && isNull(other);
  }
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
  const all = aligned([a, b, decimalOf(String(by))!, { digits: 1n, exponent: 0 }]);
  if (!all) return false; // so far apart are within no tolerance of each other
  const [one, other, most, unit] = all.digits as [bigint, bigint, bigint, bigint];
  const apart = magnitude(one - other);
  if (kind === 'absolute') return apart <= most;
  const larger = magnitude(one) > magnitude(other) ? one : other;
  return apart * unit <= most * magnitude(larger);
}

const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

const isNull = (value: unknown): boolean => value === null || value === undefined;
const equal = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const instant = (value: unknown): number | undefined => (typeof value === 'string' ? parseInstant(value) : undefined);

/** A number, or a text that is one: systems send money in both forms. */
export const decimal = (value: unknown): Decimal | undefined =>
  decimalOf(typeof value === 'number' ? String(value) : (exactDecimal(value) ?? plainText(value)));

const plainText = (value: unknown): string => (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : '');
