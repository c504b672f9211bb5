import type { Micros } from '@holdfast/kernel';
import { countIn, lengthOf, merged, type Range, within, without } from './ranges';

/** Records of one source, process and stage whose numbers followed one another as they were received. */
export interface Run extends Range {
  /** When its first and last record were received. */
  readonly firstAt: Micros;
  readonly lastAt: Micros;
  /** Numbers that came twice at once. */
  readonly twice: readonly Range[];
}

/** Numbers that were passed over, and those of them that have not come since. */
export interface Gap extends Range {
  /** Since when its numbering is received: what names it, together with its first number. */
  readonly numbering: Micros;
  /** When a higher number was received. */
  readonly since: Micros;
  /** In order, apart from one another. */
  readonly missing: readonly Range[];
  /** Whether it was told as a finding. */
  readonly told: boolean;
}

/** Numbers between the lowest and the highest that were seen: what is in no gap was received. */
export interface Track {
  readonly lowest: number;
  readonly highest: number;
  /** Numbers that arrived. */
  readonly count: number;
  readonly since: Micros;
  readonly gaps: readonly Gap[];
}

/** What is known of the numbers of a source, process and stage. */
export interface SequenceState extends Track {
  /** Low numbers again, while the high ones may still go on: a restart, if they do not. */
  readonly restart: Track | undefined;
}

/** What became of a run. */
export interface Taken {
  readonly state: SequenceState;
  /** Numbers that were received before: of the same event again, or used by two. */
  readonly reused: readonly Range[];
  /** How many came after a number that is higher by more than the tolerance, and between which numbers they are. */
  readonly late: number;
  readonly lateRange: Range | undefined;
  /** The numbering began anew: the highest number before. */
  readonly restartedAfter: number | undefined;
  /** Gaps that nothing can close any more: their numbering is over, or there are too many. */
  readonly lost: readonly Gap[];
}

/** A restart begins with one of the first numbers, far below the highest, and is believed when so many came and the old numbering has not gone on. */
export const RESTART = { within: 10, distance: 100, believedAfter: 10 } as const;
/** Numbers so far below the lowest are from before Holdfast listened, and tell nothing. */
const BEFORE = 1_000;
/** Gaps of one numbering that are watched; the oldest of more are given up. */
export const MOST_GAPS = 500;

/**
 * Takes a run, in the order of receipt: what of it is new, late or used again. The numbers that are missing are always those between the lowest and the highest
 * of the numbering that were not received, whatever the order: gaps and islands over intervals, one step for each run and not for each number.
 * @param tolerance how far behind the highest a number may come and still count as in order
 */
export function take(state: SequenceState | undefined, run: Run, tolerance: number): Taken {
  const reused = run.twice;
  if (!state) return { ...NOTHING, state: { ...begun(run), restart: undefined }, reused };
  const { restart, ...main } = state;
  if (run.from <= main.highest && belongsToRestart(main, restart, run)) {
    const second = restart ? extended(restart, run) : { track: begun(run), lost: [] };
    if (second.track.count < RESTART.believedAfter)
      return { ...NOTHING, state: { ...main, restart: second.track }, reused };
    const lost = [...main.gaps, ...second.lost];
    return { ...NOTHING, state: { ...second.track, restart: undefined }, reused, restartedAfter: main.highest, lost };
  }
  if (!restart && run.to > main.highest && beginsAnew(main, run) && lengthOf(run) >= RESTART.believedAfter)
    return {
      ...NOTHING,
      state: { ...begun(run), restart: undefined },
      reused,
      restartedAfter: main.highest,
      lost: main.gaps,
    };
  const wasMissing = within(missingOf(main), run);
  const below = within([run], { from: main.lowest - BEFORE, to: main.lowest - 1 });
  const again = without({ from: Math.max(run.from, main.lowest), to: Math.min(run.to, main.highest) }, wasMissing);
  const behind = within([...below, ...wasMissing], { from: 0, to: main.highest - tolerance - 1 });
  const { track, lost } = extended(main, run);
  const goesOn = run.to > main.highest;
  return {
    state: { ...track, restart: goesOn ? undefined : restart },
    reused: merged([...reused, ...again, ...(goesOn && restart ? numbersOf(restart) : [])]),
    late: countIn(behind),
    lateRange: behind.length > 0 ? { from: behind[0]!.from, to: behind.at(-1)!.to } : undefined,
    restartedAfter: undefined,
    lost,
  };
}

const NOTHING = { late: 0, lateRange: undefined, restartedAfter: undefined, lost: [] } as const;

const begun = (run: Run): Track => ({
  lowest: run.from,
  highest: run.to,
  count: lengthOf(run),
  since: run.firstAt,
  gaps: [],
});

/** Low numbers that were received before, or come from before everything that was. */
function beginsAnew({ highest, gaps }: Track, run: Run): boolean {
  const isLow = run.from <= RESTART.within && highest - run.from >= RESTART.distance;
  return isLow && within(missingOf({ gaps }), { from: run.from, to: run.from }).length === 0;
}

/** A restart goes on with numbers that were received before; where they follow its last ones, also with numbers that were missing then, or that are higher. */
function belongsToRestart(main: Track, restart: Track | undefined, run: Run): boolean {
  if (!restart) return run.to <= main.highest && beginsAnew(main, run);
  if (run.from < restart.lowest) return false;
  const follows = run.from <= restart.highest + RESTART.within;
  if (!follows && (run.to > main.highest || run.from > restart.highest + RESTART.distance)) return false;
  const missing = within(missingOf(main), run);
  return follows ? missing[0]?.from !== run.from : missing.length === 0;
}

const numbersOf = (track: Track): Range[] => without({ from: track.lowest, to: track.highest }, missingOf(track));

/** In order: a gap that sums up others has some of theirs between its own. */
const missingOf = ({ gaps }: Pick<Track, 'gaps'>): Range[] =>
  gaps.flatMap(({ missing }) => missing).sort((a, b) => a.from - b.from);

/** A numbering with a run more: gaps that it closes or makes, and what it adds at either end. */
function extended(track: Track, run: Run): { track: Track; lost: Gap[] } {
  const gaps: Gap[] = [];
  let filled = 0;
  for (const gap of track.gaps) {
    const came = within(gap.missing, run);
    if (came.length === 0) gaps.push(gap);
    else {
      filled += countIn(came);
      const missing = gap.missing.flatMap((range) => without(range, came));
      if (missing.length > 0 || gap.told) gaps.push({ ...gap, missing });
    }
  }
  const { lowest, highest } = track;
  const low = within([run], { from: lowest - BEFORE, to: lowest - 1 })[0];
  if (low && low.to < lowest - 1) gaps.unshift(gapOf(track, low.to + 1, lowest - 1, run.firstAt));
  const high = within([run], { from: highest + 1, to: Number.MAX_SAFE_INTEGER })[0];
  if (high && high.from > highest + 1) gaps.push(gapOf(track, highest + 1, high.from - 1, run.firstAt));
  const surplus = gaps.length - MOST_GAPS;
  const added = (low ? lengthOf(low) : 0) + (high ? lengthOf(high) : 0);
  return {
    track: {
      lowest: low?.from ?? lowest,
      highest: high?.to ?? highest,
      count: track.count + filled + added,
      since: track.since,
      gaps: surplus > 0 ? gaps.slice(surplus) : gaps,
    },
    lost: surplus > 0 ? gaps.slice(0, surplus) : [],
  };
}

const gapOf = ({ since: numbering }: Track, from: number, to: number, since: Micros): Gap => ({
  ...{ numbering, from, to, since },
  missing: [{ from, to }],
  told: false,
});

const isDue =
  (before: Micros) =>
  ({ since, told, missing }: Gap): boolean =>
    !told && missing.length > 0 && since <= before;

/** Gaps of which so many are to be told at once at most: the last of them is the sum of the rest, from its first number to its last. */
export function summedUp(gaps: readonly Gap[], before: Micros, most: number): readonly Gap[] {
  const rest = gaps.filter(isDue(before)).slice(most - 1);
  if (rest.length <= 1) return gaps;
  const [first, last] = [rest[0]!, rest.at(-1)!];
  const sum: Gap = { ...first, to: last.to, missing: rest.flatMap(({ missing }) => missing) };
  const all = new Set(rest);
  return gaps.flatMap((gap) => (gap === first ? [sum] : all.has(gap) ? [] : [gap]));
}

/** Gaps that are older than the grace and were not told, and those that were told and are closed. */
export function dueGaps({ gaps }: Track, before: Micros): { readonly due: Gap[]; readonly closed: Gap[] } {
  return {
    due: gaps.filter(isDue(before)),
    closed: gaps.filter(({ told, missing }) => told && missing.length === 0),
  };
}

/** The numbering after its due gaps were told and its closed ones forgotten. */
export function settled(state: SequenceState, before: Micros): SequenceState {
  const gaps = state.gaps
    .filter(({ missing }) => missing.length > 0)
    .map((gap) => (gap.since <= before ? { ...gap, told: true } : gap));
  return { ...state, gaps };
}
