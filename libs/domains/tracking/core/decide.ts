import type { Micros } from '@holdfast/kernel';
import type { Outcome, Rejection } from './event';

/** Why a record is not to be stored, and what becomes of it instead, unless it was received before. */
export interface Refusal {
  readonly outcome: 'rejected' | 'quarantined' | 'sampledOut';
  readonly rejection: Rejection | undefined;
}

/** A record as intake sees it once it is parsed and hashed. */
export interface Candidate {
  /** Names the event: the same for all its attempts. */
  readonly identity: string;
  readonly attempt: number;
  readonly payloadHash: string;
  readonly process: string;
  readonly stage: string;
  readonly key: string;
  readonly occurredAt: Micros;
  readonly originAt: Micros | undefined;
  /** Whether it may count as having arrived: an event of status ok that is not a test. */
  readonly counts: boolean;
  /** Whether it is a test or a probe: these say nothing of the origin of their key's events. */
  readonly test: boolean;
  readonly refusal: Refusal | undefined;
  /** Of a record out of quarantine: the item's id, and whether it is mended, so that what it still breaks keeps it there, or given up. */
  readonly leaving: { readonly item: string; readonly as: 'mended' | 'discarded' } | undefined;
}

/** A record that was received before and is not stored: its resend is no other record. */
export interface KeptRecord {
  readonly identity: string;
  readonly attempt: number;
  readonly payloadHash: string;
  readonly outcome: 'quarantined' | 'sampledOut';
}

/** A record that is stored already. Payload hashes that differ may still be the same payload in other words: `samePayload` has compared them. */
export interface KnownRecord {
  readonly identity: string;
  readonly attempt: number;
  readonly payloadHash: string;
  /** Not there where nothing but its name matters, or is left. */
  readonly process?: string;
  readonly stage?: string;
  readonly key?: string;
}

/** A stored row that counts now. */
export interface LiveRow {
  readonly process: string;
  readonly key: string;
  readonly identity: string;
  readonly attempt: number;
  readonly originAt: Micros;
  readonly originFrom: OriginFrom;
}
export type OriginFrom = 'event' | 'key' | 'own';

/** What the store knows of the events and keys in a batch. */
export interface Knowledge<L extends LiveRow> {
  readonly records: readonly KnownRecord[];
  readonly kept: readonly KeptRecord[];
  /** Items that have left quarantine, and what they became. */
  readonly released: ReadonlyMap<string, Became>;
  /** Rows that count now, of every key that the batch may change. */
  readonly live: readonly L[];
  /** Origins that the rows of a key have, where known from other than live rows (events that failed, tests). */
  readonly origins: readonly {
    readonly process: string;
    readonly key: string;
    readonly originAt: Micros;
    readonly originFrom: OriginFrom;
  }[];
  /** Whether a payload of another hash means the same. */
  readonly samePayload: (candidate: Candidate, known: KnownRecord) => boolean;
}

/** What became of a record that left quarantine. */
export type Became = Outcome | 'discarded';

export interface Decision<C extends Candidate> {
  readonly candidate: C;
  /** `still_bad`: it stays in quarantine, where it is counted already. `gone`: it had left quarantine before. */
  readonly outcome: Outcome | 'still_bad' | 'gone';
  /** Of a record that leaves quarantine, or has left it. */
  readonly became?: Became | undefined;
  readonly rejection: Rejection | undefined;
  readonly originAt: Micros;
  readonly originFrom: OriginFrom;
  /** +1 when it counts, else 0. */
  readonly sign: 0 | 1;
}

/** A stored row that stops counting where it stood (sign -1), or counts elsewhere from now on (sign +1). */
export interface Correction<L extends LiveRow, C extends Candidate> {
  readonly row: L;
  /** The record of the batch that brings it about; undefined where it was due before. */
  readonly cause: C | undefined;
  readonly sign: 1 | -1;
  readonly originAt: Micros;
  readonly originFrom: OriginFrom;
}

const DIFFERS: Rejection = {
  code: 'attempt_differs',
  field: 'attempt',
  reason: 'a further attempt of an event has the same process, stage and key',
};
/** Names a business key of a process. */
export const place = (one: { process: string; key: string }): string => `${one.process}\n${one.key}`;

/**
 * Decides what becomes of a batch of records, in their order, and which stored rows it corrects.
 *
 * Attempts: the highest attempt of an event counts; a lower one that was counted is taken back.
 * Origins: an event that carries its origin is believed. The others of its key have the earliest carried origin, or, while none is known, the earliest of
 * their own times; when that becomes known late, their rows move. Every attempt counts here, those that were replaced too; tests do not.
 */
export function decide<C extends Candidate, L extends LiveRow>(
  batch: readonly C[],
  knowledge: Knowledge<L>,
): { decisions: Decision<C>[]; corrections: Correction<L, C>[] } {
  const drafts = identify(batch, knowledge);
  const replaced = countHighestAttempts(drafts, knowledge);
  const origins = originsByKey(drafts, knowledge);

  const corrections: Correction<L, C>[] = [];
  for (const row of knowledge.live) {
    const origin = row.originFrom === 'event' ? undefined : origins.get(place(row))?.effective;
    const target = origin?.at ?? row.originAt;
    const gone = replaced.has(row);
    const cause = gone ? replaced.get(row) : origin?.from;
    if (gone || target !== row.originAt)
      corrections.push({ row, cause, sign: -1, originAt: row.originAt, originFrom: row.originFrom });
    if (!gone && target !== row.originAt)
      corrections.push({ row, cause, sign: 1, originAt: target, originFrom: 'key' });
  }
  const decisions = drafts.map(({ candidate, outcome, rejection, became, sign }): Decision<C> => {
    if (candidate.originAt !== undefined)
      return { candidate, outcome, rejection, became, originAt: candidate.originAt, originFrom: 'event', sign };
    const originAt = origins.get(place(candidate))?.effective.at ?? candidate.occurredAt;
    return {
      candidate,
      outcome,
      rejection,
      became,
      originAt,
      originFrom: originAt === candidate.occurredAt ? 'own' : 'key',
      sign,
    };
  });
  return { decisions, corrections };
}

interface Draft<C> {
  readonly candidate: C;
  readonly outcome: Decision<Candidate>['outcome'];
  readonly rejection: Rejection | undefined;
  became?: Became | undefined;
  sign: 0 | 1;
}

/** New, seen before, or seen with another payload. */
function identify<C extends Candidate>(
  batch: readonly C[],
  { records, kept, released, samePayload }: Knowledge<LiveRow>,
): Draft<C>[] {
  const events = new Map<string, KnownRecord[]>();
  for (const record of records) append(events, record.identity, record);
  const apart = new Set(kept.map(recordName));
  const judged = (candidate: C): Draft<C> => {
    const attempts = events.get(candidate.identity);
    const same = attempts?.find(({ attempt }) => attempt === candidate.attempt);
    if (same) {
      const equal = same.payloadHash === candidate.payloadHash || samePayload(candidate, same);
      if (equal || !candidate.refusal)
        return { candidate, outcome: equal ? 'duplicate' : 'conflict', rejection: undefined, sign: 0 };
    }
    // What waits in quarantine, was given up there or was left out is no other record when it comes again.
    if (apart.size > 0 && !candidate.leaving && apart.has(recordName(candidate)))
      return { candidate, outcome: 'duplicate', rejection: undefined, sign: 0 };
    if (candidate.refusal) {
      const { outcome, rejection } = candidate.refusal;
      if (outcome !== 'rejected') apart.add(recordName(candidate));
      return { candidate, outcome, rejection, sign: 0 };
    }
    const first = attempts?.[0];
    if (first && !isOfTheSameEvent(candidate, first))
      return { candidate, outcome: 'rejected', rejection: DIFFERS, sign: 0 };
    append(events, candidate.identity, candidate);
    return { candidate, outcome: 'stored', rejection: undefined, sign: 0 };
  };
  const gone = new Map(released);
  return batch.map((candidate) => {
    const { leaving } = candidate;
    if (!leaving) return judged(candidate);
    const became = gone.get(leaving.item);
    if (became) return { candidate, outcome: 'gone', rejection: undefined, became, sign: 0 };
    const draft = judged(candidate);
    if (leaving.as === 'mended' && draft.rejection) return { ...draft, outcome: 'still_bad' };
    draft.became = leaving.as === 'discarded' ? 'discarded' : (draft.outcome as Outcome);
    gone.set(leaving.item, draft.became);
    return draft;
  });
}

const isOfTheSameEvent = (
  candidate: Candidate,
  { process = candidate.process, stage = candidate.stage, key = candidate.key }: KnownRecord,
): boolean => process === candidate.process && stage === candidate.stage && key === candidate.key;

/** A record with what it said. */
const recordName = ({ identity, attempt, payloadHash }: Omit<KeptRecord, 'outcome'>): string =>
  `${identity}/${attempt}/${payloadHash}`;

/** Sets the sign of the drafts that count, and returns the live rows that no longer do, with the records that replace them. */
function countHighestAttempts<C extends Candidate, L extends LiveRow>(
  drafts: readonly Draft<C>[],
  { records, live }: Knowledge<L>,
): Map<L, C | undefined> {
  const highest = new Map<string, { readonly attempt: number; readonly of: C | undefined }>();
  const raise = ({ identity, attempt }: { identity: string; attempt: number }, of: C | undefined): void => {
    if (attempt > (highest.get(identity)?.attempt ?? 0)) highest.set(identity, { attempt, of });
  };
  for (const record of records) raise(record, undefined);
  for (const { candidate, outcome } of drafts) if (outcome === 'stored') raise(candidate, candidate);
  for (const draft of drafts) {
    const { candidate, outcome } = draft;
    if (outcome === 'stored' && candidate.counts && highest.get(candidate.identity)?.attempt === candidate.attempt)
      draft.sign = 1;
  }
  const replaced = new Map<L, C | undefined>();
  for (const row of live) {
    const last = highest.get(row.identity);
    if (last && row.attempt < last.attempt) replaced.set(row, last.of);
  }
  return replaced;
}

/** For each key, the origin of its events that carry none. */
function originsByKey<C extends Candidate>(
  drafts: readonly Draft<C>[],
  { live, origins }: Knowledge<LiveRow>,
): ReadonlyMap<string, KeyOrigin<C>> {
  const keys = new Map<string, KeyOrigin<C>>();
  // Where every event carries its origin there is nothing to find out.
  if (live.length + origins.length === 0 && drafts.every(({ candidate }) => candidate.originAt !== undefined))
    return keys;
  const of = (one: { process: string; key: string }): KeyOrigin<C> => {
    let found = keys.get(place(one));
    if (!found) keys.set(place(one), (found = new KeyOrigin()));
    return found;
  };
  for (const row of [...live, ...origins]) of(row).learn(row.originAt, row.originFrom === 'event', undefined);
  for (const { candidate, outcome } of drafts) {
    if (outcome !== 'stored' || candidate.test) continue;
    of(candidate).learn(candidate.originAt ?? candidate.occurredAt, candidate.originAt !== undefined, candidate);
  }
  return keys;
}

interface Origin<C> {
  readonly at: Micros;
  /** The record of the batch that it was learned from; undefined when it was known. */
  readonly from: C | undefined;
}

class KeyOrigin<C> {
  private carried: Origin<C> | undefined;
  private own: Origin<C> | undefined;
  learn(at: Micros, carried: boolean, from: C | undefined): void {
    const known = carried ? this.carried : this.own;
    if (known && known.at <= at) return;
    if (carried) this.carried = { at, from };
    else this.own = { at, from };
  }
  /** Something was learned of every key that there is. */
  get effective(): Origin<C> {
    return (this.carried ?? this.own)!;
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const found = map.get(key);
  if (found) found.push(value);
  else map.set(key, [value]);
}
