import type { Key, Value } from './comparison';
import type { Names, ToldDifference } from './run';

type Named = Readonly<Record<string, Value>>;

/** A difference by names of columns. */
export interface NamedDifference {
  readonly is: 'added' | 'removed' | 'changed';
  readonly key: Named;
  readonly source: Named | null;
  readonly target: Named | null;
  readonly columns: readonly string[];
}

export function namedDifference({ difference }: ToldDifference, names: Names): NamedDifference {
  const named = (values: Key, of: readonly string[]): Named =>
    Object.fromEntries(of.map((name, at) => [name, values[at] ?? null]));
  return {
    is: difference.is,
    key: named(difference.key, names.key),
    source: difference.is === 'added' ? null : named(difference.source, names.columns),
    target: difference.is === 'removed' ? null : named(difference.target, names.columns),
    columns: difference.is === 'changed' ? difference.columns.map((at) => names.columns[at]!) : [],
  };
}
