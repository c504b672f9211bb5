import { sameValue, textOf, type Sameness } from './canonical';
import type { Difference } from './comparison';
import type { Row } from './merge';

export interface Paired {
  readonly differences: readonly Difference[];
  readonly same: number;
}

/** Pairs rows of one key: equal ones first, then the others in the order in which they come; what is left is added or removed. */
export function pairRows(columns: readonly Sameness[], source: readonly Row[], target: readonly Row[]): Paired {
  if (source.length + target.length === 1 || (source.length === 1 && target.length === 1))
    return pairOne(columns, source[0], target[0]);
  const [left, right] = [[...source], [...target]];
  let same = 0;
  for (let at = 0; at < left.length;) {
    const match = right.findIndex((row) => differing(columns, left[at]!, row).length === 0);
    if (match === -1) at++;
    else {
      left.splice(at, 1);
      right.splice(match, 1);
      same++;
    }
  }
  const differences: Difference[] = [];
  for (let at = 0; at < Math.max(left.length, right.length); at++)
    differences.push(...pairOne(columns, left[at], right[at]).differences);
  return { differences, same };
}

/** Two rows of one key, one of which may be missing. */
function pairOne(columns: readonly Sameness[], a: Row | undefined, b: Row | undefined): Paired {
  const key = (a ?? b)!.key.map(textOf);
  if (!a) return { differences: [{ is: 'added', key, target: b!.values.map(textOf) }], same: 0 };
  if (!b) return { differences: [{ is: 'removed', key, source: a.values.map(textOf) }], same: 0 };
  const apart = differing(columns, a, b);
  if (apart.length === 0) return { differences: [], same: 1 };
  const values = { source: a.values.map(textOf), target: b.values.map(textOf) };
  return { differences: [{ is: 'changed', key, ...values, columns: apart }], same: 0 };
}

const differing = (columns: readonly Sameness[], a: Row, b: Row): number[] =>
  columns.flatMap((column, at) => (sameValue(column, a.values[at]!, b.values[at]!) ? [] : [at]));
