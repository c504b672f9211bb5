import { DomainError } from '@holdfast/kernel';
import { textOf, type Field } from './core/canonical';
import type { Side } from './core/data-set';
import { CutOffError } from './core/line-reader';
import { CrowdedKeyError, OutOfOrderError, RepeatedKeyError } from './core/merge';
import type { Sources } from './sources/open';

/** A problem with keys: whoever has the credentials of the stores sees some, and what is kept has none. */
export class KeysNamedError extends DomainError {
  constructor(
    code: string,
    readonly withoutKeys: string,
    { side, columns }: { readonly side: Side; readonly columns: readonly string[] },
    keys: readonly (readonly Field[])[],
  ) {
    super('conflict', code, `${withoutKeys}, for example ${keys.map(shown).join('; ')}`, {
      extra: { side, columns, examples: keys.map((key) => key.map(textOf)) },
    });
  }
}

/** What a merge ended with, as a problem; anything else as it is. @param columns those of the key */
export function explained(error: unknown, sources: Sources, columns: readonly string[]): unknown {
  if (error instanceof RepeatedKeyError)
    return new KeysNamedError(
      'key_not_unique',
      `${columns.join(', ')} is not unique in ${sources[error.side].title}`,
      { side: error.side, columns },
      error.keys,
    );
  if (error instanceof CrowdedKeyError)
    return new KeysNamedError(
      'key_too_crowded',
      `a key of ${columns.join(', ')} has too many rows in ${sources[error.side].title} to pair them`,
      { side: error.side, columns },
      [error.key],
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
