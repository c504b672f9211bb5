import type { Micros } from '@holdfast/kernel';

/** Calendar periods that are reported. */
export type PeriodKind = 'day' | 'month' | 'quarter';

/** What has to be so for a period to be reported. */
export interface GateDefinition {
  readonly description?: string | undefined;
  readonly processes: readonly string[];
  readonly period: PeriodKind;
  /** IANA name: where a day begins. */
  readonly zone: string;
  readonly tolerance: {
    /** How many open discrepancies all windows of the period together may have. */
    readonly openDiscrepancies: number;
    /** How much time of each process no window may have judged, in seconds. */
    readonly unjudgedSeconds: number;
  };
  /** Whether these stand against a period: what people ignore for a time, and windows that were cancelled. */
  readonly ignored: 'stands_against' | 'allowed';
  readonly cancelled: 'stands_against' | 'allowed';
}

export interface Span {
  readonly from: Micros;
  readonly to: Micros;
}

/** A window as a gate sees it. */
export interface GateWindow extends Span {
  readonly reconciliation: string;
  readonly state: 'decided' | 'undecided' | 'cancelled';
  readonly revision: number;
  readonly open: number;
  /** Discrepancies that are ignored for a time. */
  readonly ignored: number;
}

/** What stands against a process. Counts are exact; lists name the first of each. */
export interface AgainstProcess {
  readonly process: string;
  readonly windows: number;
  readonly undecided: { readonly windows: number; readonly first: readonly string[] };
  readonly cancelled: { readonly windows: number; readonly first: readonly string[] };
  readonly open: { readonly windows: number; readonly discrepancies: number; readonly first: readonly string[] };
  readonly ignored: { readonly windows: number; readonly discrepancies: number; readonly first: readonly string[] };
  /** Time that no window covers; of windows that were never opened too. */
  readonly unjudged: { readonly seconds: number; readonly spans: number; readonly first: readonly Span[] };
}

/** How many of each a list names. */
export const NAMED = 100;
const SECOND: Micros = 1_000_000;

/** Gathers what stands against a process, window by window in order of their beginnings: memory holds what is named. */
export class GateTally {
  private windows = 0;
  private readonly lists = {
    undecided: [] as string[],
    cancelled: [] as string[],
    open: [] as string[],
    ignored: [] as string[],
  };
  private readonly counts = { undecided: 0, cancelled: 0, open: 0, ignored: 0 };
  private openDiscrepancies = 0;
  private ignoredDiscrepancies = 0;
  private covered: Micros;
  private readonly gaps: Span[] = [];
  private spans = 0;
  private unjudged: Micros = 0;

  constructor(
    private readonly process: string,
    private readonly period: Span,
  ) {
    this.covered = period.from;
  }

  /** @param window not beginning before the one added last */
  add(window: GateWindow): void {
    this.windows += 1;
    this.miss(Math.min(window.from, this.period.to));
    this.covered = Math.max(this.covered, window.to);
    if (window.state === 'undecided') this.note('undecided', window);
    else if (window.state === 'cancelled') this.note('cancelled', window);
    else if (window.open > 0) {
      this.note('open', window);
      this.openDiscrepancies += window.open;
    }
    if (window.ignored > 0) {
      this.note('ignored', window);
      this.ignoredDiscrepancies += window.ignored;
    }
  }

  result(): AgainstProcess {
    this.miss(this.period.to);
    const { counts, lists } = this;
    return {
      process: this.process,
      windows: this.windows,
      undecided: { windows: counts.undecided, first: lists.undecided },
      cancelled: { windows: counts.cancelled, first: lists.cancelled },
      open: { windows: counts.open, discrepancies: this.openDiscrepancies, first: lists.open },
      ignored: { windows: counts.ignored, discrepancies: this.ignoredDiscrepancies, first: lists.ignored },
      unjudged: { seconds: this.unjudged / SECOND, spans: this.spans, first: this.gaps },
    };
  }

  /** Time up to `until` that nothing has covered so far. */
  private miss(until: Micros): void {
    if (until <= this.covered) return;
    const span = { from: this.covered, to: until };
    this.unjudged += span.to - span.from;
    this.spans += 1;
    if (this.gaps.length < NAMED) this.gaps.push(span);
    this.covered = until;
  }

  private note(what: keyof GateTally['counts'], { reconciliation }: GateWindow): void {
    this.counts[what] += 1;
    if (this.lists[what].length < NAMED) this.lists[what].push(reconciliation);
  }
}

/** Whether a period may be reported. */
export function isOpen({ tolerance, ignored, cancelled }: GateDefinition, against: readonly AgainstProcess[]): boolean {
  const open = against.reduce((sum, one) => sum + one.open.discrepancies, 0);
  return (
    open <= tolerance.openDiscrepancies &&
    against.every(
      (one) =>
        one.undecided.windows === 0 &&
        one.unjudged.seconds <= tolerance.unjudgedSeconds &&
        (cancelled === 'allowed' || one.cancelled.windows === 0) &&
        (ignored === 'allowed' || one.ignored.discrepancies === 0),
    )
  );
}
