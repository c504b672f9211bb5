import { calendarSpan } from '@holdfast/platform/calendar';
import type { Process, WindowTerms } from '@holdfast/domains/catalog/core/process';
import type { Micros } from '@holdfast/kernel';
import { batchCells, type CellAt, dueWindows, gridOf, slidingWindows, type Window } from './core/window';

/** The cells that windows are cut along; those that slide and those of batches begin at any minute of theirs. */
export function cellsOf({ seconds, every, calendar }: WindowTerms): CellAt {
  if (calendar) return (at) => calendarSpan(at, calendar);
  return gridOf(every ?? seconds ?? 60);
}

/**
 * Windows of the past as a process cuts time: those that begin in [from, to) and have ended, oldest first, whoever has opened them. Of cells that `from` or `to` cut the whole is taken.
 * @param ends of batches after `from`, for a process whose windows go from one to the next
 */
export function pastWindows(
  { id, window }: Pick<Process, 'id' | 'window'>,
  from: Micros,
  to: Micros,
  limit: number,
  ends: readonly Micros[],
): Window[] {
  if (window.opensOn) {
    const { cellOf, last } = batchCells(ends, from);
    return dueWindows(id, cellOf, from, last, [], limit).filter((one) => one.from < to);
  }
  const { seconds, every } = window;
  if (seconds !== undefined && every !== undefined) {
    const first = from + seconds * 1_000_000;
    return slidingWindows(id, { seconds, every }, first - 1, to + seconds * 1_000_000 - 1, limit);
  }
  const cells = cellsOf(window);
  const end = cells(to - 1).to;
  return dueWindows(id, cells, cells(from).from, end, [], limit);
}
