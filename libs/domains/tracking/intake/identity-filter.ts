import type { Micros } from '@holdfast/kernel';
import { BloomFilter } from './bloom-filter';

/** Where an identity may stand: in a generation of `tracking_identities`, or among the records that are too new to have been copied there. */
export type Place = number | 'recent';

/** Identities of the first generation; each of the others has twice as many as the one before it. */
const FIRST_GENERATION = 4_000_000;
/** Roomy, so that next to nothing is asked of the new records in vain. */
const RECENT = 8_000_000;

const NOWHERE: readonly Place[] = [];

/**
 * Where in the store an identity may stand: one filter for each generation of identities, and two for what was received of late, of which one is filled while the
 * other is copied. Of an identity that was never received it nearly always says: nowhere.
 */
export class IdentityFilter {
  private readonly byGeneration = new Map<number, { readonly filter: BloomFilter; size: number }>();
  private recent: BloomFilter;
  private before: BloomFilter;
  /** Everything in `before` was received until then. */
  private closedAt: Micros = 0;
  /** Nothing is in `recent`. */
  private isUnused = true;

  constructor(
    private readonly first = FIRST_GENERATION,
    private readonly recents = RECENT,
  ) {
    this.recent = this.before = new BloomFilter(recents);
  }

  get generations(): readonly number[] {
    return [...this.byGeneration.keys()];
  }

  /** Every place that there is. */
  get places(): readonly Place[] {
    return ['recent', ...this.generations];
  }

  /** How many identities each generation has. */
  get sizes(): readonly (readonly [generation: number, size: number])[] {
    return Array.from(this.byGeneration, ([generation, { size }]) => [generation, size] as const);
  }

  /** Nothing is added to it any more. */
  isComplete(generation: number): boolean {
    return this.byGeneration.has(generation + 1);
  }

  /** @param hash 16 bytes, uniform @returns where it may stand */
  whereabouts(hash: Buffer): readonly Place[] {
    let found: Place[] | undefined;
    if (this.recent.mayHave(hash) || this.before.mayHave(hash)) found = ['recent'];
    for (const [generation, { filter }] of this.byGeneration) if (filter.mayHave(hash)) (found ??= []).push(generation);
    return found ?? NOWHERE;
  }

  /** Remembers identities as received of late. @param hashes 16 bytes each */
  add(hashes: Buffer): void {
    this.isUnused = false;
    for (let at = 0; at < hashes.length; at += 16) this.recent.add(hashes, at);
  }

  /** Makes room for a generation that is there. @param size how many identities it has */
  open(generation: number, size: number): void {
    const filter = new BloomFilter(Math.max(size, this.capacity(generation)));
    this.byGeneration.set(generation, { filter, size: 0 });
  }

  /** The generation that takes the next identities: the newest, or a new one where that is full. */
  next(): number {
    const newest = Math.max(0, ...this.byGeneration.keys());
    const known = this.byGeneration.get(newest);
    const next = known && known.size >= this.capacity(newest) ? newest + 1 : newest;
    if (!this.byGeneration.has(next)) this.open(next, 0);
    return next;
  }

  /** Remembers identities of a generation. @param hashes 16 bytes each */
  fill(generation: number, hashes: Buffer): void {
    const of = this.byGeneration.get(generation)!;
    for (let at = 0; at < hashes.length; at += 16) of.filter.add(hashes, at);
    of.size += hashes.length / 16;
  }

  /**
   * Forgets what was received of late and stands in a generation now, once that is half of it.
   * @param keptUntil what was received before does @param receivedUntil nothing was received later than that yet
   */
  forget(keptUntil: Micros, receivedUntil: Micros): void {
    if (keptUntil <= this.closedAt || (this.isUnused && this.before === this.recent)) return;
    this.before = this.recent;
    if (!this.isUnused) this.recent = new BloomFilter(this.recents);
    this.isUnused = true;
    this.closedAt = receivedUntil;
  }

  private capacity(generation: number): number {
    return this.first * 2 ** generation;
  }
}
