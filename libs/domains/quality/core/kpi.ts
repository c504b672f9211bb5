import { comparedStages, type ProcessDefinition } from '@holdfast/domains/catalog/core/process';
import type { Micros } from '@holdfast/kernel';

export const HOUR: Micros = 3_600_000_000;
export const hourAt = (at: Micros): Micros => Math.floor(at / HOUR) * HOUR;

/** The way from a stage to a later one. */
export interface Hop {
  readonly from: string;
  readonly to: string;
}

/** A process's hops in order, and its whole way. */
export function waysOf(process: Pick<ProcessDefinition, 'stages'>): {
  readonly hops: readonly Hop[];
  readonly cycle: Hop;
} {
  const stages = comparedStages(process);
  return {
    hops: stages.slice(1).map((to, index) => ({ from: stages[index]!, to })),
    cycle: { from: stages[0]!, to: stages.at(-1)! },
  };
}

/** What is measured of a process: each stage (without an end), each hop and the whole way once, and that anything came at all (without either). */
export function measuredOf(process: Pick<ProcessDefinition, 'stages'>): {
  readonly stages: readonly string[];
  readonly hops: readonly Hop[];
} {
  const stages = comparedStages(process);
  const { hops, cycle } = waysOf(process);
  const ways = hops.length > 1 ? [...hops, cycle] : hops;
  return { stages, hops: [{ from: '', to: '' }, ...stages.map((from) => ({ from, to: '' })), ...ways] };
}

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
