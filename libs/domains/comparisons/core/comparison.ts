import type { DataSet } from './data-set';

/** A column on both sides. */
export interface ColumnPair {
  /** Name in results. */
  readonly name: string;
  /** Name in the source; `name` where it is not given. */
  readonly source?: string;
  /** Name in the target; `name` where it is not given. */
  readonly target?: string;
}

/** What may differ in a value that still counts as the same. Several hold together: each one on its own makes values the same. */
export interface Tolerance {
  /** Numbers: largest difference, in the column's unit. */
  readonly absolute?: number;
  /** Numbers: largest difference as a share of the larger magnitude, from 0 to 1. */
  readonly relative?: number;
  /** Times: largest difference, in microseconds. */
  readonly timeMicros?: number;
  /** Texts: upper and lower case are the same. */
  readonly ignoreCase?: boolean;
  /** Texts: white space at both ends does not count. */
  readonly trim?: boolean;
}

export interface ComparedColumn extends ColumnPair {
  readonly tolerance?: Tolerance;
}

/** `distinct`: NULL is equal to NULL alone. `empty_is_null`: and to the empty text. `never_equal`: NULL is equal to nothing, as in SQL. */
export const NULL_POLICIES = ['distinct', 'empty_is_null', 'never_equal'] as const;
export type NullPolicy = (typeof NULL_POLICIES)[number];

/** `refuse`: a key that occurs twice on one side ends the comparison, named. `multiset`: rows of one key are paired, equal ones first. */
export const DUPLICATE_POLICIES = ['refuse', 'multiset'] as const;
export type DuplicatePolicy = (typeof DUPLICATE_POLICIES)[number];

export const OPERATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'is_null', 'is_not_null'] as const;
export type Operator = (typeof OPERATORS)[number];
export type ConditionValue = string | number | boolean;

/** A filter on both sides; all conditions hold together. */
export interface Condition {
  readonly column: ColumnPair;
  readonly operator: Operator;
  /** Of `in`, a list that is not empty; of `is_null` and `is_not_null`, none. */
  readonly value?: ConditionValue | readonly ConditionValue[];
}

/** Where a comparison stops, and says so. Each is above zero; what is not given has no limit. */
export interface Budget {
  readonly seconds?: number;
  /** Rows that are read, of both sides together. */
  readonly rows?: number;
  /** Bytes of rows that are read, of both sides together. */
  readonly bytes?: number;
  readonly differences?: number;
}

/**
 * `stream`: rows of both sides in key order. `digest`: digests of blocks, made in the stores, and rows of blocks that differ. `join`: one join, where both sides
 * lie in one database. `auto`: whichever is fastest here, found by probing.
 */
export const METHODS = ['auto', 'stream', 'digest', 'join'] as const;
export type Method = (typeof METHODS)[number];

export interface ComparisonDefinition {
  readonly source: DataSet;
  readonly target: DataSet;
  /** At least one; rows with the same key belong together. */
  readonly key: readonly ColumnPair[];
  /** All that both sides have by the same name, beside the key, where it is not given. An empty list compares keys alone. */
  readonly columns?: readonly ComparedColumn[];
  readonly conditions?: readonly Condition[];
  /** The share of keys that is compared, above 0 to 1: the same keys on both sides and every time. */
  readonly sampleShare?: number;
  readonly nulls?: NullPolicy;
  readonly duplicates?: DuplicatePolicy;
  readonly budget?: Budget;
  readonly method?: Method;
  /** Rows that differ are read again after so many seconds, and count only when they still do. */
  readonly recheckAfterSeconds?: number;
}

/** A value as canonical text (canonical.ts), or NULL. */
export type Value = string | null;
/** Values of the key columns, in the definition's order. */
export type Key = readonly Value[];

/** Added: the target alone has it. Removed: the source alone has it. Values are in the order of the compared columns. */
export type Difference =
  | { readonly is: 'added'; readonly key: Key; readonly target: readonly Value[] }
  | { readonly is: 'removed'; readonly key: Key; readonly source: readonly Value[] }
  | {
      readonly is: 'changed';
      readonly key: Key;
      readonly source: readonly Value[];
      readonly target: readonly Value[];
      /** Which of the compared columns differ, by index. */
      readonly columns: readonly number[];
    };

export interface Counts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
}

/** Rows and bytes that were read, or that digests were made of; of both sides together. */
export interface Spent {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** Everything up to this key has been compared. Plain JSON; the key is data, and belongs in a store, never in a history. */
export interface ResumePoint {
  readonly after: Key;
  readonly counts: Counts;
  readonly spent: Spent;
}

/** A part of the answer. Differences that were told after a resume point are told again by whoever goes on from it. */
export interface Progress {
  readonly differences: readonly Difference[];
  /** What values of keys and columns are of. */
  readonly names: { readonly key: readonly string[]; readonly columns: readonly string[] };
  /** Set when a segment was finished with this part: it and all before are complete. */
  readonly resume?: ResumePoint;
}

/**
 * What holds a data set still while it is read. `snapshot`: a transaction sees one state throughout. `statement`: each statement sees one state, and several were
 * used. `file`: it was the same file before and after. `parts`: the comparison went on behind a resume point, and saw another state there. `none`: nothing does.
 */
export type Stillness = 'snapshot' | 'statement' | 'file' | 'parts' | 'none';

export interface SideReport {
  readonly kind: DataSet['kind'];
  readonly stillness: Stillness;
  /** Rows of this side that were compared. */
  readonly rows: number;
  /** Whether it was seen to change while it was read; of what cannot be told, undefined. */
  readonly changedWhileRead: boolean | undefined;
}

export interface ComparisonResult {
  readonly counts: Counts;
  /** The budget that ended it before its end, or undefined when everything was compared. */
  readonly partial: keyof Budget | undefined;
  readonly spent: Spent;
  readonly source: SideReport;
  readonly target: SideReport;
  /** Differences that were gone when they were read again; they are in none of the counts but `same`. */
  readonly settled: number;
  readonly how: {
    readonly method: Exclude<Method, 'auto'>;
    /** Why this one, in words for people. */
    readonly because: string;
    readonly key: readonly string[];
    readonly columns: readonly string[];
    readonly sampleShare: number;
  };
}
