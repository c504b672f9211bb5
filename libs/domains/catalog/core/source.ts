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
}
