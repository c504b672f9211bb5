import { place } from '../core/decide';
import type { AnyCandidate } from './candidate';

/**
 * What the decisions on a batch depend on, and what they change: its events, its keys, and the quarantined records that it mends. Batches that have nothing
 * of this in common come to the same in either order, and side by side.
 */
export class Footprint {
  private names: Set<string> | undefined;

  constructor(private readonly batch: readonly AnyCandidate[]) {}

  /** Whether one of the candidates has something in common with the batch. */
  touches(candidates: readonly AnyCandidate[]): boolean {
    const names = (this.names ??= new Set(this.batch.flatMap(namesOf)));
    return candidates.some((candidate) => namesOf(candidate).some((name) => names.has(name)));
  }
}

const namesOf = (candidate: AnyCandidate): string[] => {
  const names = [candidate.identity];
  if (candidate.item) names.push(candidate.item.identity);
  if (candidate.event) names.push(place(candidate));
  return names;
};
