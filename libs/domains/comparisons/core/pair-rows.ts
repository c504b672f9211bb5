import { sameValue, textOf, type Sameness } from './canonical';
import type { Difference } from './comparison';
import type { Row } from './merge';

export interface Paired {
  readonly differences: readonly Difference[];
  readonly same: number;
}

/** Pairs rows of one key: equal ones first, then the others in the order in which they come; what is left is added or removed. */
export function pairRows(columns: readonly Sameness[], source: readonly Row[], target: readonly Row[]): Paired {
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
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a, b] = [left[at], right[at]];
    const key = (a ?? b)!.key.map(textOf);
    if (a && b)
      differences.push({
        ...{ is: 'changed', key, source: a.values.map(textOf), target: b.values.map(textOf) },
        columns: differing(columns, a, b),
      });
    else if (a) differences.push({ is: 'removed', key, source: a.values.map(textOf) });
    else differences.push({ is: 'added', key, target: b!.values.map(textOf) });
  }
  return { differences, same };
}

const differing = (columns: readonly Sameness[], a: Row, b: Row): number[] =>
  columns.flatMap((column, at) => (sameValue(column, a.values[at]!, b.values[at]!) ? [] : [at]));
