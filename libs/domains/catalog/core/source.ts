import type { InspectedKind } from '@holdfast/domains/findings/core/kinds';

/** What becomes of records that are no events: not read, of no process, of a stage that it does not have. */
export type InvalidRecords = 'reject' | 'quarantine';
export const INVALID_RECORDS = ['reject', 'quarantine'] as const satisfies readonly InvalidRecords[];

/** A system that sends events. Sources need no document: without one nothing is limited, and what is invalid is rejected. */
export interface SourceDefinition {
  readonly description?: string | undefined;
  /** The team that answers for the system. */
  readonly owner: string;
  /** Who repairs its records; the owner where nobody is named. */
  readonly steward?: string | undefined;
  readonly invalidRecords: InvalidRecords;
  /** How many records it may send. */
  readonly rateLimit?: { readonly recordsPerSecond: number; readonly burst?: number | undefined } | undefined;
  /** How many records it may send in a day of UTC. */
  readonly dailyQuota?: number | undefined;
  /** The escalation policy that pages because of its findings. */
  readonly escalationPolicy?: string | undefined;
  /** Kinds of findings that page; those of critical severity where nothing is said. */
  readonly alertOn?: readonly InspectedKind[] | undefined;
  readonly inspection?: InspectionTerms | undefined;
}

/** When what an inspection sees becomes a finding. */
export interface InspectionTerms {
  /** How long a missing number is waited for. */
  readonly graceSeconds?: number | undefined;
  /** How far behind the highest number one may come and still count as in order. */
  readonly outOfOrderBy?: number | undefined;
  /** How far its clock may be from Holdfast's. */
  readonly clockSkewSeconds?: number | undefined;
}

/** With what holds where nothing is said. */
export const inspectionTerms = (source: SourceDefinition | undefined) => ({
  graceSeconds: source?.inspection?.graceSeconds ?? 300,
  outOfOrderBy: source?.inspection?.outOfOrderBy ?? 10,
  clockSkewSeconds: source?.inspection?.clockSkewSeconds ?? 30,
});
