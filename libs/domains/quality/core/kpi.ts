import { comparedStages, type ProcessDefinition } from '@holdfast/domains/catalog/core/process';
import { endsOf, hopsOf } from '@holdfast/domains/catalog/core/topology';
import type { Micros } from '@holdfast/kernel';

export const HOUR: Micros = 3_600_000_000;
export const hourAt = (at: Micros): Micros => Math.floor(at / HOUR) * HOUR;

type Shaped = Pick<ProcessDefinition, 'stages' | 'hops' | 'cardinality'>;

/** The way from where a key comes from to where it goes, by their names: of several stages `web+store`, of several that all have to be reached `warehouse&billing`. */
export interface Way {
  readonly from: string;
  readonly to: string;
}

/** A way with what its names stand for: from the first that the key came to of some stages, until it has come to one of each group. */
export interface MeasuredWay extends Way {
  readonly fromStages: readonly string[];
  readonly toGroups: readonly (readonly string[])[];
}

const either = (stages: readonly string[]): string => stages.join('+');
const wayOf = (fromStages: readonly string[], toGroups: readonly (readonly string[])[]): MeasuredWay => ({
  from: either(fromStages),
  to: toGroups.map(either).join('&'),
  fromStages,
  toGroups,
});

/** A process's hops in order, and its whole way. */
export function waysOf(process: Shaped): { readonly hops: readonly MeasuredWay[]; readonly cycle: MeasuredWay } {
  const { first, last } = endsOf(process);
  return { hops: hopsOf(process).map(({ from, to }) => wayOf(from, [to])), cycle: wayOf(first, last) };
}

/** What is measured of a process: where each way begins (without an end), each hop and the whole way once, and that anything came at all (without either). */
export function measuredOf(process: Shaped): {
  readonly stages: readonly string[];
  readonly ways: readonly MeasuredWay[];
} {
  const { hops, cycle } = waysOf(process);
  const ways = byName([...hops, cycle]);
  const beginnings = byName(ways.map(({ fromStages }) => wayOf(fromStages, [])));
  return { stages: comparedStages(process), ways: [wayOf([], []), ...beginnings, ...ways] };
}

const byName = (ways: readonly MeasuredWay[]): MeasuredWay[] => [
  ...new Map(ways.map((way) => [`${way.from}->${way.to}`, way])).values(),
];

/** The percentiles that are told, as shares. Those of sketches are fixed by their table. */
export const LEVELS = [0.5, 0.75, 0.9, 0.95, 0.99] as const;
export interface Percentiles {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}
/** @param values at {@link LEVELS} */
export const percentilesOf = ([p50, p75, p90, p95, p99]: readonly number[]): Percentiles => ({
  p50: p50!,
  p75: p75!,
  p90: p90!,
  p95: p95!,
  p99: p99!,
});

/**
 * Percentiles of what each hour had, hours without anything among them: the smallest value that so many in a hundred do not exceed (nearest rank).
 * @param counts of the hours that had something
 * @param hours how many there were in all
 */
export function percentilesOfHours(counts: readonly number[], hours: number): Percentiles | undefined {
  if (hours <= 0) return undefined;
  const sorted = counts.toSorted((a, b) => a - b);
  const empty = Math.max(0, hours - sorted.length);
  return percentilesOf(
    LEVELS.map((level) => {
      const rank = Math.max(1, Math.ceil(level * hours));
      return rank <= empty ? 0 : sorted[rank - empty - 1]!;
    }),
  );
}
