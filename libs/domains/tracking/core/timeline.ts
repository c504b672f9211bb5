import type { Micros } from '@holdfast/kernel';
import type { Status } from './event';
import type { LocalNote } from './event-time';

/** A record of a key as it was received. */
export interface TimelineEntry {
  readonly source: string;
  readonly id: string;
  readonly attempt: number;
  readonly stage: string;
  readonly type: string;
  readonly outcome: 'stored' | 'conflict';
  readonly occurredAt: Micros;
  readonly originAt: Micros;
  /** The texts of both as they were sent, '' where the instant gives it back; and what had to be decided of local times. */
  readonly occurredText: string;
  readonly occurredNote: LocalNote;
  readonly originText: string;
  readonly originNote: LocalNote;
  /** Where the origin time comes from: the event itself, another event of its key, or its own time for want of either. */
  readonly originFrom: 'event' | 'key' | 'own';
  readonly receivedAt: Micros;
  /** Decimal text; tells records of one batch apart. */
  readonly payloadHash: string;
  /** '' when it was not given. */
  readonly correlationId: string;
  readonly sequence: number | null;
  readonly status: Status;
  readonly test: boolean;
  readonly manual: boolean;
  readonly synthetic: boolean;
  /** JSON text; '' for nothing. */
  readonly attributes: string;
  /** The version of its type's contract that it was checked by; 0 for none. */
  readonly contractVersion: number;
  /** Where it breaks that contract, which only warns; '' for nowhere. */
  readonly breach: string;
  /** What is personal in it as it is stored: regulatory categories, joined by commas; how much it tells of a person, at most. */
  readonly categories: string;
  readonly sensitivity: string;
  /** JSON text. */
  readonly data: string;
}

/** Where a page of a timeline begins: behind this entry. */
export interface TimelinePosition {
  readonly afterAt: Micros;
  readonly afterSource: string;
  readonly afterId: string;
  readonly afterAttempt: number;
  readonly afterReceived: Micros;
  readonly afterHash: string;
}

export const TIMELINE_START: TimelinePosition = {
  afterAt: 0,
  afterSource: '',
  afterId: '',
  afterAttempt: 0,
  afterReceived: 0,
  afterHash: '0',
};

/** An entry with its time as a right clock would have shown it. */
export type CorrectedEntry = TimelineEntry & { readonly correctedAt: Micros };

/**
 * Entries in the order in which they happened, as far as that can be known: by corrected time; entries of one source that have a sequence number stand in the
 * order of those, in the places that their times give them. Entries that agree in all of that keep their order.
 */
export function inCorrectedOrder(entries: readonly CorrectedEntry[]): CorrectedEntry[] {
  const byTime = [...entries].sort((a, b) => a.correctedAt - b.correctedAt);
  const numbered = new Map<string, CorrectedEntry[]>();
  for (const entry of byTime) {
    if (entry.sequence === null) continue;
    const own = numbered.get(entry.source);
    if (own) own.push(entry);
    else numbered.set(entry.source, [entry]);
  }
  for (const own of numbered.values()) own.sort((a, b) => a.sequence! - b.sequence!).reverse();
  return byTime.map((entry) => (entry.sequence === null ? entry : numbered.get(entry.source)!.pop()!));
}
