import type { Micros } from '@holdfast/kernel';
import type { VerdictState, Window } from './window';

/** How long closed windows are followed, from their deadline or their last verdict on, whichever is later. What changes them afterwards is seen when somebody has them judged again. */
export const CLOSED_FOLLOWED_FOR: Micros = 7 * 86_400_000_000;

/** The newest verdict of a window, as far as following it goes. */
export interface Followed {
  readonly reconciliation: string;
  readonly revision: number;
  readonly state: VerdictState;
  /** Of the digests that it was judged by. */
  readonly fingerprint: string;
  readonly judgedAt: Micros;
  /** Somebody ended the window as it was. */
  readonly cancelled: boolean;
  /** End of the window and its grace. */
  readonly deadline: Micros;
}

/** `open`: it has gaps, which may heal. `closed`: it has none, and late events may change that; within the grace their other stages may still be on the way. */
export function howFollowed(one: Followed, now: Micros): 'open' | 'closed' | 'not' {
  if (one.cancelled) return 'not';
  if (one.state === 'gaps') return 'open';
  const since = Math.max(one.deadline, one.judgedAt);
  return now >= one.deadline && now < since + CLOSED_FOLLOWED_FOR ? 'closed' : 'not';
}

/** Widest gap between windows whose digests are read at once, and most windows of one read. */
const GAP: Micros = 86_400_000_000;
const MOST_AT_ONCE = 500;

/** Windows of each process in order of time, in runs that share no time and have no wide gaps: one read of digests by minute serves a run. */
export function runsOf(windows: readonly Window[]): [Window, ...Window[]][] {
  const runs: [Window, ...Window[]][] = [];
  let open: [Window, ...Window[]][] = []; // of the process at hand: windows that slide make several at a time
  const inOrder = windows.toSorted((a, b) =>
    a.process === b.process ? a.from - b.from : a.process < b.process ? -1 : 1,
  );
  for (const window of inOrder) {
    open = open.filter(([{ process }]) => process === window.process);
    const run = open.find((one) => {
      const gap = window.from - one.at(-1)!.to;
      return gap >= 0 && gap <= GAP && one.length < MOST_AT_ONCE;
    });
    if (run) run.push(window);
    else {
      const begun: [Window] = [window];
      runs.push(begun);
      open = [...open, begun].filter((one) => window.from - one.at(-1)!.to <= GAP);
    }
  }
  return runs;
}

interface Told {
  readonly revision: number;
  readonly fingerprint: string;
  readonly again: Micros;
  readonly pause: Micros;
}
const FIRST_PAUSE: Micros = 1_000_000;
const LONGEST_PAUSE: Micros = 3_600_000_000;

/**
 * Keeps signals from piling up: of a window the same fingerprint is told once, and other ones, as long as no new revision answers them, after pauses that double
 * from 1 s to 1 h. A history takes 10,000 signals; of a window that cannot be judged this makes them in a year. Remembers so many windows, the newest.
 */
export class Damper {
  private readonly told = new Map<string, Told>();

  constructor(private readonly most: number) {}

  mayTell(reconciliation: string, revision: number, fingerprint: string, now: Micros): boolean {
    const told = this.told.get(reconciliation);
    return told?.revision !== revision || (told.fingerprint !== fingerprint && now >= told.again);
  }

  tell(reconciliation: string, revision: number, fingerprint: string, now: Micros): void {
    const told = this.told.get(reconciliation);
    const pause = told?.revision === revision ? Math.min(2 * told.pause, LONGEST_PAUSE) : FIRST_PAUSE;
    this.told.delete(reconciliation);
    this.told.set(reconciliation, { revision, fingerprint, again: now + pause, pause });
    if (this.told.size > this.most) this.told.delete(this.told.keys().next().value!);
  }
}
