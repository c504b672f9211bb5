/** Numbers from `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export const lengthOf = ({ from, to }: Range): number => to - from + 1;
export const countIn = (ranges: readonly Range[]): number => ranges.reduce((sum, range) => sum + lengthOf(range), 0);

/** What of a range others leave. @param others in order, apart from one another */
export function without(range: Range, others: readonly Range[]): Range[] {
  const left: Range[] = [];
  let { from } = range;
  for (const other of others) {
    if (other.to < from) continue;
    if (other.from > range.to) break;
    if (other.from > from) left.push({ from, to: other.from - 1 });
    from = other.to + 1;
  }
  if (from <= range.to) left.push({ from, to: range.to });
  return left;
}

/** What ranges have in common with one. */
export const within = (ranges: readonly Range[], { from, to }: Range): Range[] =>
  ranges.flatMap((one) => {
    const common = { from: Math.max(one.from, from), to: Math.min(one.to, to) };
    return common.from <= common.to ? [common] : [];
  });

/** In order, and as few as can be. */
export function merged(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && range.from <= last.to + 1) all[all.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else all.push(range);
  }
  return all;
}
