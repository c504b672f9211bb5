import { formatInstant, type Micros } from '@holdfast/kernel';

/** A process over a time span [from, to), whole minutes. */
export interface Window {
  readonly process: string;
  readonly from: Micros;
  readonly to: Micros;
}

/** `late` is told and does not hold a window open: the data did arrive. `undecided` is time that a judgement did not come to within its budget. */
export type DiscrepancyKind = 'missing' | 'duplicate' | 'mutated' | 'late' | 'orphan' | 'undecided';
export const KINDS: readonly DiscrepancyKind[] = ['missing', 'duplicate', 'mutated', 'late', 'orphan', 'undecided'];
export const holdsOpen = (kind: DiscrepancyKind): boolean => kind !== 'late';
/** Nobody accepts what was not looked at. */
export const isDecidable = (kind: DiscrepancyKind): boolean => holdsOpen(kind) && kind !== 'undecided';

export type VerdictState = 'matched' | 'gaps' | 'healed' | 'accepted';
export type WindowState = 'opened' | 'waiting' | 'judging' | VerdictState | 'cancelled';
/** Nothing more happens to such a window unless somebody has it judged again. */
export const CLOSED: ReadonlySet<WindowState> = new Set<WindowState>(['matched', 'healed', 'accepted', 'cancelled']);

/** What a judgement came to. */
export interface Verdict {
  readonly state: VerdictState;
  readonly revision: number;
  /** Discrepancies that hold the window open and nobody has accepted. */
  readonly open: number;
}

/** The window's name in addresses, workflow ids and alerts: `order-to-cash_20261120T0000Z_20261121T0000Z`. */
export const reconciliationId = ({ process, from, to }: Window): string => `${process}_${compact(from)}_${compact(to)}`;

/** `20261120T0000Z`: ISO 8601, basic format. */
const compact = (at: Micros): string => formatInstant(at).replace(/[-:]/g, '').replace('00Z', 'Z');

/** The window that an id names, or undefined when it is not one. */
export function windowOf(id: string): Window | undefined {
  const found = /^([a-z0-9][a-z0-9-]{0,62})_(\d{8}T\d{4}Z)_(\d{8}T\d{4}Z)$/.exec(id);
  if (!found) return undefined;
  const [from, to] = [found[2]!, found[3]!].map(
    (text) => Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:00Z')) * 1000,
  );
  if (!(from! < to!)) return undefined;
  return { process: found[1]!, from: from!, to: to! };
}

/** What a verdict is called, given how many discrepancies hold the window open and whether it had any before. */
export function verdictState(open: number, accepted: number, hadGaps: boolean): VerdictState {
  if (open > 0) return 'gaps';
  if (accepted > 0) return 'accepted';
  return hadGaps ? 'healed' : 'matched';
}

type Taken = Pick<Window, 'from' | 'to'>;

/** The cell of a grid that an instant falls into. Cells share no time and leave none out. */
export type CellAt = (at: Micros) => Taken;

/**
 * The time from `since` to the end of the last cell that has ended by `now`, without what other windows take, cut along the grid: oldest first. All of it
 * is covered, be it by pieces of a cell, so that nothing stays unjudged between windows of people, or of another length.
 * @param since a whole minute
 */
export function dueWindows(
  process: string,
  cellOf: CellAt,
  since: Micros,
  now: Micros,
  taken: readonly Taken[],
  most: number,
): Window[] {
  const end = cellOf(now).from;
  const windows: Window[] = [];
  let from = since;
  for (const other of [...taken.toSorted((a, b) => a.from - b.from), { from: end, to: end }]) {
    for (const free = Math.min(other.from, end); from < free && windows.length < most;) {
      const to = Math.min(free, cellOf(from).to);
      windows.push({ process, from, to });
      from = to;
    }
    from = Math.max(from, other.to);
  }
  return windows;
}

/** Windows that slide: of `seconds`, one ending every `every` seconds, those that end after `since` and by `now`; oldest first. */
export function slidingWindows(
  process: string,
  { seconds, every }: { readonly seconds: number; readonly every: number },
  since: Micros,
  now: Micros,
  most: number,
): Window[] {
  const windows: Window[] = [];
  for (let to = gridOf(every)(since).to; to <= now && windows.length < most; to += every * 1_000_000)
    windows.push({ process, from: to - seconds * 1_000_000, to });
  return windows;
}

/** Cells from one end of a batch to the next; ends are rounded up to whole minutes. What comes behind the last of them has not ended. */
export function batchCells(ends: readonly Micros[], since: Micros): { readonly cellOf: CellAt; readonly last: Micros } {
  const minutes = ends.map((end) => Math.ceil(end / MINUTE) * MINUTE).filter((end) => end > since);
  const bounds = [since, ...new Set(minutes.toSorted((a, b) => a - b))];
  const cellOf: CellAt = (at) => {
    const from = bounds.findLastIndex((bound) => bound <= at);
    return { from: bounds[from] ?? since, to: bounds[from + 1] ?? Infinity };
  };
  return { cellOf, last: bounds.at(-1)! };
}

const MINUTE: Micros = 60_000_000;

/** Cells of `seconds`, counted from 1970. */
export const gridOf =
  (seconds: number): CellAt =>
  (at) => {
    const length = seconds * 1_000_000;
    const from = Math.floor(at / length) * length;
    return { from, to: from + length };
  };
