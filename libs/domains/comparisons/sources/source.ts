import type { Condition, Key, Stillness } from '../core/comparison';
import type { DataSetKind, Side } from '../core/data-set';
import type { TableColumn } from '../core/logical-type';
import type { ReadColumn } from '../core/plan';

/** What is read of a source, the same for all of a comparison. */
export interface RowPlan {
  readonly key: readonly ReadColumn[];
  readonly values: readonly ReadColumn[];
  readonly conditions: readonly { readonly column: ReadColumn; readonly condition: Condition }[];
  /** SQL of the store, by who has its credentials. */
  readonly where: string | undefined;
  /** 1 for all. */
  readonly sampleShare: number;
}

/** Whole numbers from `low` to `high`, both included. */
export interface Span {
  readonly low: bigint;
  readonly high: bigint;
}

/** Which keys: behind `after`, these alone, or those in one of some spans of a key of one whole number. */
export interface KeyRange {
  readonly after?: Key | undefined;
  readonly keys?: readonly Key[] | undefined;
  readonly spans?: readonly Span[] | undefined;
  /** The first so many rows. */
  readonly limit?: number | undefined;
}

/** Digests of blocks of keys: those that differ by less than `size` in the one whole-numbered key column. */
export interface Blocks {
  readonly size: number;
}

/** A data set that is open to be read. Reading is in canonical lines (canonical.ts). */
export interface Source {
  readonly kind: DataSetKind;
  readonly stillness: Stillness;
  /** For messages, without credentials. */
  readonly title: string;
  describe(): Promise<readonly TableColumn[]>;
  /** Whether the store guarantees that no two rows have the same values there. */
  keysAreUnique(columns: readonly string[]): Promise<boolean>;
  /** Rows in the order of their keys, in chunks that are cut anywhere. Ending the iteration ends the statement. @throws DomainError */
  read(plan: RowPlan, range: KeyRange): AsyncIterator<Buffer>;
  /** Lines of block number, count and digest, in the order of blocks; undefined where the source cannot. */
  digests?(plan: RowPlan, range: KeyRange, blocks: Blocks): AsyncIterator<Buffer>;
  /** Whether `join` can be asked for with another source. */
  canJoin?(target: Source): boolean;
  /**
   * Rows of which a side is missing or the values differ, in the order of keys: 1 or 0 for each side, whether it is there, then the fields of the source and those of
   * the target.
   */
  join?(target: Source, plans: Readonly<Record<Side, RowPlan>>, range: KeyRange): AsyncIterator<Buffer>;
  /** Rows of the plan in the range. */
  count?(plan: RowPlan, range: KeyRange): Promise<number>;
  /** What a row takes in the store, in bytes, about; undefined where that is not known. */
  rowBytes?(): Promise<number | undefined>;
  /** Lets go of the state that was held still: what is read from now on is as it is now. */
  refresh(): Promise<void>;
  /** Whether it changed since it was opened; undefined where that cannot be told, or a snapshot hides it. */
  changedWhileRead(): Promise<boolean | undefined>;
  close(): Promise<void>;
}

/** A table whose store can say what a column of it holds. */
export interface ProfiledTable {
  describe(): Promise<readonly TableColumn[]>;
  /** One line: see Statements.profile. */
  profile(column: ReadColumn, bound: number): AsyncIterator<Buffer>;
}

export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly statementSeconds: number;
}
