import type { Micros } from '@holdfast/kernel';
import type { Observation } from '../core/finding';
import { countIn, type Range } from '../core/ranges';
import { type Gap, summedUp, type Taken } from '../core/sequence';
import type { ScopedRun } from '../inspection.store';

/** What is seen of one scope, which its caller adds. */
export type Seen = Omit<Observation, 'scope' | 'type'>;

/** Findings of one kind that a scope may have of one slice: the last of them sums up the rest. */
export const MOST_FINDINGS = 100;

/** Numberings that begin anew have the same numbers: what is found is named by both. */
const nameOf = (numbering: Micros, number: number): string => `${numbering}.${number}`;

export function gapSeen(gap: Gap, standing: Observation['standing'], until: Micros): Seen {
  const cases = countIn(gap.missing);
  return {
    ...{ kind: 'sequence_gap', begins: nameOf(gap.numbering, gap.from), standing, adds: false },
    extent: {
      numbers: { from: gap.from, to: gap.to },
      ...{ fromAt: gap.since, toAt: until, cases },
      measures: { passedOver: gap.to - gap.from + 1, missing: cases },
    },
  };
}

/** In the order in which the groups begin. */
export function grouped<T, K>(all: readonly T[], nameOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(nameOf(one));
    if (group) group.push(one);
    else groups.set(nameOf(one), [one]);
  }
  return groups;
}

/** Gaps that nothing can close any more, those of a numbering together. */
export function lostSeen(lost: readonly Gap[], until: Micros): Seen[] {
  const byNumbering = grouped(lost, ({ numbering }) => numbering);
  return [...byNumbering.values()].flatMap((gaps) =>
    summedUp(gaps, Infinity, MOST_FINDINGS)
      .filter(({ told, missing }) => !told && missing.length > 0)
      .map((gap) => gapSeen(gap, 'present', until)),
  );
}

/** What a run says by itself: numbers that came late, a restart. */
export function runSeen({ late, lateRange, restartedAfter, state }: Taken, run: ScopedRun): Seen[] {
  const seen: Seen[] = [];
  const span = { fromAt: run.firstAt, toAt: run.lastAt };
  if (late > 0)
    seen.push({
      ...{ kind: 'out_of_order', begins: '', standing: 'present', adds: true },
      extent: { ...span, numbers: lateRange, cases: late, measures: { highest: state.highest } },
    });
  if (restartedAfter !== undefined)
    seen.push({
      ...{ kind: 'sequence_reset', begins: String(state.since), standing: 'present', adds: false },
      extent: {
        ...{ numbers: { from: state.lowest, to: state.highest }, fromAt: state.since, toAt: run.lastAt, cases: 1 },
        measures: { highestBefore: restartedAfter },
      },
    });
  return seen;
}

/** Numbers in a row that two events or more have. */
export interface SharedNumbers extends Range {
  readonly events: number;
  readonly firstAt: Micros;
  readonly lastAt: Micros;
}

/** @param numbering since when its numbers are received */
export function sharedSeen(shared: readonly SharedNumbers[], numbering: Micros): Seen[] {
  const alone = shared.length > MOST_FINDINGS ? shared.slice(0, MOST_FINDINGS - 1) : shared;
  return [...alone.map((one) => [one]), shared.slice(alone.length)]
    .filter((some) => some.length > 0)
    .map((some): Seen => {
      const [from, to] = [some[0]!.from, some.at(-1)!.to];
      return {
        ...{ kind: 'sequence_duplicate', begins: nameOf(numbering, from), standing: 'present', adds: false },
        extent: {
          numbers: { from, to },
          fromAt: Math.min(...some.map(({ firstAt }) => firstAt)),
          toAt: Math.max(...some.map(({ lastAt }) => lastAt)),
          cases: some.reduce((sum, { events }) => sum + events, 0),
          measures: { numbers: countIn(some) },
        },
      };
    });
}
