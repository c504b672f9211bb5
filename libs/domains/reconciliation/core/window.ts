import { formatInstant, type Micros } from '@holdfast/kernel';

/** A process over a time span [from, to), whole minutes. */
export interface Window {
  readonly process: string;
  readonly from: Micros;
  readonly to: Micros;
}

/** `late` is told and does not hold a window open: the data did arrive. */
export type DiscrepancyKind = 'missing' | 'duplicate' | 'mutated' | 'late' | 'orphan';
export const KINDS: readonly DiscrepancyKind[] = ['missing', 'duplicate', 'mutated', 'late', 'orphan'];
export const holdsOpen = (kind: DiscrepancyKind): boolean => kind !== 'late';

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

/** Windows of a grid of `seconds` since 1970 that ended by `now` and come after `since`, oldest first. */
export function dueWindows(process: string, seconds: number, since: Micros, now: Micros, most: number): Window[] {
  const length = seconds * 1_000_000;
  const windows: Window[] = [];
  for (let from = Math.ceil(since / length) * length; from + length <= now && windows.length < most; from += length)
    windows.push({ process, from, to: from + length });
  return windows;
}
