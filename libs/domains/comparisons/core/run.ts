import type { Micros } from '@holdfast/kernel';
import type { ComparisonDefinition, ComparisonResult, Counts, Difference, ResumePoint, Spent } from './comparison';

/** When a comparison is repeated: every so many seconds, or once for each span of a calendar. */
export interface ComparisonSchedule {
  readonly everySeconds?: number;
  readonly calendar?: ComparisonCalendar;
}

export interface ComparisonCalendar {
  readonly unit: 'day' | 'week' | 'month' | 'business-day';
  readonly zone: string;
  readonly startsAt?: string;
  readonly holidays?: readonly string[];
  readonly weekend?: readonly number[];
}

/** A definition as it is kept: what is compared, when, and who answers for it. */
export interface ComparisonDocument extends ComparisonDefinition {
  readonly description?: string;
  readonly schedule?: ComparisonSchedule;
  readonly owner: string;
  /** Pages when a scheduled comparison finds a difference, or fails. */
  readonly escalationPolicy?: string;
}

/** A comparison that was asked for. */
export interface ComparisonRun {
  readonly comparison: string;
  /** '' where the definition came with the request. */
  readonly definition: string;
  readonly version: number;
  readonly body: ComparisonDefinition;
  readonly askedBy: string;
  readonly askedAt: Micros;
  readonly scheduled: boolean;
}

export const COMPARISON_STATES = ['running', 'done', 'stopped', 'failed'] as const;
export type ComparisonState = (typeof COMPARISON_STATES)[number];
export type EndState = Exclude<ComparisonState, 'running'>;

/** Which executions told the differences that count: segments up to the end of the first are its own, those up to the end of the next the next one's. */
export interface Lineage {
  readonly executions: readonly string[];
  readonly ends: readonly number[];
}
export const NOTHING_TOLD: Lineage = { executions: [], ends: [] };

/** A lineage that goes on with a segment of an execution. */
export function goesOn({ executions, ends }: Lineage, execution: string, segment: number): Lineage {
  if (executions.at(-1) === execution) return { executions, ends: [...ends.slice(0, -1), segment] };
  return { executions: [...executions, execution], ends: [...ends, segment] };
}

export interface Names {
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

/** A segment that was finished. */
export interface FinishedSegment {
  readonly execution: string;
  /** Counted from 1 over all executions. */
  readonly segment: number;
  readonly lineage: Lineage;
  readonly names: Names;
  readonly resume: ResumePoint;
}

export interface Failure {
  readonly code: string;
  /** For people; names columns and no keys. */
  readonly detail: string;
}

/** How a comparison ended. */
export interface Ending {
  readonly state: EndState;
  readonly at: Micros;
  readonly lineage: Lineage;
  readonly names: Names;
  readonly counts: Counts;
  readonly spent: Spent;
  readonly result?: ComparisonResult | undefined;
  readonly failure?: Failure | undefined;
}

/** A comparison as far as it is. */
export interface ComparisonStanding extends ComparisonRun {
  readonly state: ComparisonState;
  readonly endedAt: Micros | undefined;
  readonly lineage: Lineage;
  readonly names: Names;
  readonly counts: Counts;
  readonly spent: Spent;
  readonly result: ComparisonResult | undefined;
  readonly failure: Failure | undefined;
}

/** A difference with its place in the order in which they were told. */
export interface ToldDifference {
  readonly segment: number;
  readonly ordinal: number;
  readonly difference: Difference;
}

export const differencesIn = ({ added, removed, changed }: Counts): number => added + removed + changed;
export const NO_COUNTS: Counts = { added: 0, removed: 0, changed: 0, same: 0 };
export const NOTHING_SPENT: Spent = { rows: 0, bytes: 0, seconds: 0 };
