import { classOf, sameValue, textOf, type Sameness } from './canonical';
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
  const exactly = paired(source, target, (row) => classOfRow(columns, row));
  const tolerant = columns.some(({ tolerance }) => tolerance !== undefined);
  const { left, right, same } = tolerant ? withinTolerance(columns, exactly) : exactly;
  const differences: Difference[] = [];
  for (let at = 0; at < Math.max(left.length, right.length); at++)
    differences.push(...pairOne(columns, left[at], right[at]).differences);
  return { differences, same };
}

interface Unpaired {
  readonly left: readonly Row[];
  readonly right: readonly Row[];
  /** How many pairs were taken out. */
  readonly same: number;
}

/** Pairs rows of one class; undefined is no class. */
function paired(
  source: readonly Row[],
  target: readonly Row[],
  classOfOne: (row: Row) => string | undefined,
): Unpaired {
  const there = new Map<string, number>();
  for (const row of target) {
    const name = classOfOne(row);
    if (name !== undefined) there.set(name, (there.get(name) ?? 0) + 1);
  }
  const taken = new Map<string, number>();
  const left = source.filter((row) => {
    const name = classOfOne(row);
    const free = name === undefined ? 0 : (there.get(name) ?? 0) - (taken.get(name) ?? 0);
    if (free > 0) taken.set(name!, (taken.get(name!) ?? 0) + 1);
    return free === 0;
  });
  const right = target.filter((row) => {
    const name = classOfOne(row);
    const gone = name === undefined ? 0 : (taken.get(name) ?? 0);
    if (gone > 0) taken.set(name!, gone - 1);
    return gone === 0;
  });
  return { left, right, same: source.length - left.length };
}

/** One text for all rows that are the same, tolerances aside; undefined for a row that is not even the same as itself. */
function classOfRow(columns: readonly Sameness[], row: Row): string | undefined {
  const classes = columns.map((column, at) => classOf(column, row.values[at]!));
  return classes.includes(undefined) ? undefined : JSON.stringify(classes);
}

/** Each row with the first that it is close to: what is close to one another makes no classes, so that all are looked at. */
function withinTolerance(columns: readonly Sameness[], { left, right, same }: Unpaired): Unpaired {
  const free = new Set(right);
  const rest = left.filter((row) => {
    for (const other of free)
      if (differing(columns, row, other).length === 0) {
        free.delete(other);
        return false;
      }
    return true;
  });
  return { left: rest, right: [...free], same: same + left.length - rest.length };
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
