import { DomainError } from '@holdfast/kernel';
import { textOf, type Field } from './core/canonical';
import { CutOffError } from './core/line-reader';
import { CrowdedKeyError, OutOfOrderError, RepeatedKeyError } from './core/merge';
import type { Sources } from './sources/open';

/** What a merge ended with, as a problem; anything else as it is. @param columns those of the key */
export function explained(error: unknown, sources: Sources, columns: readonly string[]): unknown {
  if (error instanceof RepeatedKeyError)
    return new DomainError(
      'conflict',
      'key_not_unique',
      `${columns.join(', ')} is not unique in ${sources[error.side].title}, for example ${error.keys.map(shown).join('; ')}`,
      { extra: { side: error.side, columns, examples: error.keys.map((key) => key.map(textOf)) } },
    );
  if (error instanceof CrowdedKeyError)
    return new DomainError(
      'conflict',
      'key_too_crowded',
      `a key of ${columns.join(', ')} has too many rows in ${sources[error.side].title} to pair them: ${shown(error.key)}`,
      { extra: { side: error.side, columns, examples: [error.key.map(textOf)] } },
    );
  if (error instanceof OutOfOrderError)
    return new DomainError(
      'conflict',
      'source_out_of_order',
      `${sources[error.side].title} does not give rows in the order of the key`,
      { extra: { side: error.side } },
    );
  if (error instanceof CutOffError)
    return new DomainError('unavailable', 'source_unavailable', 'a store ended within a row');
  return error;
}

const shown = (key: readonly Field[]): string => key.map((field) => textOf(field) ?? 'NULL').join(', ');
