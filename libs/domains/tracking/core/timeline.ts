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
  /** When its source sent it: before that, where it had to be mended in quarantine first. */
  readonly firstReceivedAt: Micros;
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

/** A number so much lower than one before it, although its record came later and is from later, is of a numbering that began anew. */
const ANEW = 100;

/**
 * Entries in the order in which they happened, as far as that can be known: by corrected time; entries of one numbering stand in the order of their numbers, in
 * the places that their times give them. A source has a numbering at each stage, and those that begin anew follow one another by time. Entries that agree in
 * all of that keep their order.
 */
export function inCorrectedOrder(entries: readonly CorrectedEntry[]): CorrectedEntry[] {
  const byTime = [...entries].sort((a, b) => a.correctedAt - b.correctedAt);
  const numbering = numberingsOf(byTime);
  const numbered = new Map<string, CorrectedEntry[]>();
  for (const entry of byTime) {
    const name = numbering.get(entry);
    if (name === undefined) continue;
    const own = numbered.get(name);
    if (own) own.push(entry);
    else numbered.set(name, [entry]);
  }
  for (const own of numbered.values()) own.sort((a, b) => a.sequence! - b.sequence!).reverse();
  return byTime.map((entry) => {
    const name = numbering.get(entry);
    return name === undefined ? entry : numbered.get(name)!.pop()!;
  });
}

/** Names the numbering of each entry that has a number: source, stage, and how often it has begun anew. */
function numberingsOf(entries: readonly CorrectedEntry[]): Map<CorrectedEntry, string> {
  const last = new Map<string, { anew: number; highest: number; latest: Micros }>();
  const names = new Map<CorrectedEntry, string>();
  const asReceived = entries
    .filter(({ sequence }) => sequence !== null)
    .sort((a, b) => a.firstReceivedAt - b.firstReceivedAt || a.sequence! - b.sequence!);
  for (const entry of asReceived) {
    const { source, stage, correctedAt } = entry;
    const sequence = entry.sequence!;
    const scope = JSON.stringify([source, stage]);
    const { anew, highest, latest } = last.get(scope) ?? { anew: 0, highest: sequence, latest: correctedAt };
    const begins = sequence <= highest - ANEW && correctedAt > latest;
    const now = begins
      ? { anew: anew + 1, highest: sequence, latest: correctedAt }
      : { anew, highest: Math.max(highest, sequence), latest: Math.max(latest, correctedAt) };
    last.set(scope, now);
    names.set(entry, `${now.anew}${scope}`);
  }
  return names;
}
