import { invalid, type DomainError } from '@holdfast/kernel';
import type { ReadColumn } from '../core/plan';

/** A value that a column of this type cannot have. The value itself stays out of it. */
export const wrongValue = ({ column, as }: ReadColumn): DomainError =>
  invalid('comparison_invalid', `${column.name} is compared with something that is no ${as.kind}`, [
    { field: 'conditions', reason: `the value for ${column.name} is no ${as.kind}` },
  ]);
