import { invalid, type DomainError } from '@holdfast/kernel';
import type { ReadColumn } from '../core/plan';

/** A value that a column of this type cannot have. The value itself stays out of it. */
export const wrongValue = ({ column, as }: ReadColumn): DomainError =>
  invalid('comparison_invalid', `${column.name} is compared with something that is no ${as.kind}`, [
    { field: 'conditions', reason: `the value for ${column.name} is no ${as.kind}` },
  ]);

/** What a condition, or a key to go on from, says of a boolean. @throws DomainError for anything but true and false, 1 and 0 */
export function booleanOf(value: string, column: ReadColumn): boolean {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw wrongValue({ ...column, as: { kind: 'boolean' } });
}
