import type { Micros } from '@holdfast/kernel';

/** Rows of a partition whose process and hour of origin are from one pair to another, both included. */
export interface Span {
  readonly fromProcess: string;
  /** Seconds since 1970. */
  readonly fromHour: number;
  readonly toProcess: string;
  readonly toHour: number;
}

/** Rows of one process and hour of origin. */
export interface HourCount {
  readonly process: string;
  readonly hour: number;
  readonly rows: number;
}

/** Rows that go into an object: so many that the engine's threads are busy to its end, so few that one which was cut short is soon written again. */
const OBJECT_ROWS = 1_000_000;

/**
 * Cuts a partition into spans, one for each object. An hour of a process is never cut: one with more rows is an object of its own.
 * @param counts in the order of process and hour
 */
export function spansOf(counts: readonly HourCount[], most = OBJECT_ROWS): Span[] {
  const spans: Span[] = [];
  let rows = 0;
  for (const { process, hour, rows: more } of counts) {
    const last = spans.at(-1);
    const to = { toProcess: process, toHour: hour };
    if (last && rows + more <= most) {
      spans[spans.length - 1] = { ...last, ...to };
      rows += more;
    } else {
      spans.push({ fromProcess: process, fromHour: hour, ...to });
      rows = more;
    }
  }
  return spans;
}

/** Least and greatest values of the main columns, both included. */
export interface Bounds {
  readonly process: readonly [string, string];
  readonly key: readonly [string, string];
  readonly originAt: readonly [Micros, Micros];
  readonly occurredAt: readonly [Micros, Micros];
  readonly receivedAt: readonly [Micros, Micros];
}

/** What an archive is asked for. Not given: any. */
export interface ArchiveFilter {
  readonly process?: string | undefined;
  readonly key?: string | undefined;
  readonly stage?: string | undefined;
  /** Origin in [from, to). */
  readonly from?: Micros | undefined;
  readonly to?: Micros | undefined;
}

/** Whether an object may have rows that are asked for. Text is compared as the engine does: by the bytes of UTF-8. */
export function mayHold(bounds: Bounds, { process, key, from, to }: ArchiveFilter): boolean {
  const [first, last] = bounds.originAt;
  return (
    withinBytes(process, bounds.process) &&
    withinBytes(key, bounds.key) &&
    (from === undefined || last >= from) &&
    (to === undefined || first < to)
  );
}

/** UTF-16 orders surrogates before what follows them in UTF-8: by code points the two agree. */
function withinBytes(value: string | undefined, [least, greatest]: readonly [string, string]): boolean {
  return value === undefined || (!isBefore(value, least) && !isBefore(greatest, value));
}

function isBefore(a: string, b: string): boolean {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)!;
    if (difference !== 0) return difference < 0;
  }
  return left.length < right.length;
}

/** `discarded`: its objects were taken away, since its time was over, or nothing was deleted because of it. */
export const ARCHIVE_STATES = ['writing', 'written', 'verified', 'failed', 'discarded'] as const;
export type ArchiveState = (typeof ARCHIVE_STATES)[number];

/** What may be wrong with an archive that is read back: a code, for people and for histories. */
export type ArchiveFault =
  | ''
  | 'source_changed'
  | 'manifest_missing'
  | 'manifest_altered'
  | 'object_missing'
  | 'object_truncated'
  | 'object_appended'
  | 'object_reordered'
  | 'object_altered'
  | 'object_not_parquet'
  | 'rows_differ'
  | 'hashes_differ'
  | 'wrong_key'
  | 'lost_key'
  | 'destroyed_key';

/** What was found when an archive, or an object of it, was read back. */
export interface Verification {
  readonly fault: ArchiveFault;
  /** The object that is wrong, -1 where none in particular is. */
  readonly number: number;
  readonly rows: number;
  /** Rows of which something was erased. */
  readonly erased: number;
  readonly bytes: number;
}

/** What is to be archived: a partition of the records. */
export interface ArchiveRequest {
  readonly archive: string;
  readonly class: string;
  /** A month of receipt, such as 202601. */
  readonly period: string;
  /** The policy that wants it, '' for none, and its version. */
  readonly policy: string;
  readonly policyVersion: number;
  /** The store keeps it until then; 0: it may be taken away. */
  readonly retainUntil: Micros;
  readonly requestedBy: string;
}

/** How far the destruction of a key has come. */
export const DESTRUCTION_STATES = ['requested', 'approved', 'refused', 'lapsed', 'destroyed'] as const;
export type DestructionState = (typeof DESTRUCTION_STATES)[number];
