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
      if (a === undefined || b === undefined) return false;
      const most = tolerance.kind === 'absolute' ? tolerance.by : tolerance.by * Math.max(Math.abs(a), Math.abs(b));
      // Decimal fractions have no exact double: 10.01 - 10.00 is a little more than 0.01.
      return Math.abs(a - b) <= most + Number.EPSILON * 4 * Math.max(Math.abs(a), Math.abs(b));
    }
  }
}

function equal(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

const instant = (value: unknown): number | undefined => (typeof value === 'string' ? parseInstant(value) : undefined);

/** A number, or a text that is one: systems send money in both forms. */
function decimal(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const text = exactDecimal(value) ?? (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : undefined);
  const found = text === undefined ? NaN : Number(text);
  return Number.isFinite(found) ? found : undefined; // too large for a double: within no tolerance of anything
}
