import type { Micros } from '@holdfast/kernel';
import type { MappingRejection } from '@holdfast/domains/mapping/core/mapped';
import type { EventTime } from './event-time';

/** How a step ended. Only `ok` counts as having arrived; a later attempt of the same event replaces what an earlier one said. */
export type Status = 'ok' | 'failed' | 'cancelled';
export const STATUSES: readonly Status[] = ['ok', 'failed', 'cancelled'];

/** Texts of times where the instants alone do not give them back, else ''; notes of local times. */
export interface SaidTimes {
  readonly occurred: Pick<EventTime, 'text' | 'note'>;
  readonly origin: Pick<EventTime, 'text' | 'note'>;
}

/** What is said of an event by true or false; false where it is left out. */
export const FLAGS = ['test', 'manual', 'synthetic'] as const;

/** A step of a business process, as its sender told it. `source` and `id` are the event, with `attempt` the record. */
export interface TrackingEvent {
  readonly id: string;
  readonly source: string;
  readonly process: string;
  readonly stage: string;
  readonly key: string;
  readonly type: string;
  readonly occurredAt: Micros;
  readonly originAt: Micros | undefined;
  /** How its times were sent, and what had to be decided to read them. */
  readonly said: SaidTimes;
  readonly correlationId: string;
  /** False when the correlation id was taken from a trace: a resend may belong to another one. */
  readonly namesCorrelation: boolean;
  readonly sequence: number | undefined;
  readonly attempt: number;
  readonly status: Status;
  /** Sent to try something out: it counts nowhere. */
  readonly test: boolean;
  /** Entered by a person and not by a system. It counts. */
  readonly manual: boolean;
  /** A probe, sent by monitoring to see whether events arrive: it counts nowhere. */
  readonly synthetic: boolean;
  /** SHA-256 of the data's canonical form (RFC 8785) as the sender has it, 64 hexadecimal digits; undefined where it says none. */
  readonly digest: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  /** Version of its type's contract that it was written under; undefined for the newest. */
  readonly contractVersion: number | undefined;
  /** What the sender said beside the data and no field takes, as a JSON object in text; '' for nothing. */
  readonly attributes: string;
  /** Its time is that of looking, as in the snapshot of a table, and not of happening: the same seen at another time is the same. */
  readonly observed?: boolean;
}

/** What became of a record. */
export type Outcome = 'stored' | 'duplicate' | 'conflict' | 'quarantined' | 'rejected' | 'sampledOut';
export const OUTCOMES: readonly Outcome[] = [
  'stored',
  'duplicate',
  'conflict',
  'quarantined',
  'rejected',
  'sampledOut',
];

/** How many records were received, and what became of them: received is the sum of the others, always. */
export interface Counts extends Readonly<Record<Outcome, number>> {
  readonly received: number;
}

export type OutcomeCounts = Readonly<Record<Outcome, number>>;
export const NO_OUTCOMES: OutcomeCounts = {
  stored: 0,
  duplicate: 0,
  conflict: 0,
  quarantined: 0,
  rejected: 0,
  sampledOut: 0,
};
export const addOutcomes = (a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts => ({
  stored: a.stored + b.stored,
  duplicate: a.duplicate + b.duplicate,
  conflict: a.conflict + b.conflict,
  quarantined: a.quarantined + b.quarantined,
  rejected: a.rejected + b.rejected,
  sampledOut: a.sampledOut + b.sampledOut,
});
export const withReceived = (of: OutcomeCounts): Counts => {
  const { stored, duplicate, conflict, quarantined, rejected, sampledOut } = of;
  return {
    received: stored + duplicate + conflict + quarantined + rejected + sampledOut,
    stored,
    duplicate,
    conflict,
    quarantined,
    rejected,
    sampledOut,
  };
};

/** Why a record was rejected, or put in quarantine. Neither code nor reason repeats what the record held. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly field: string;
  readonly reason: string;
}

/** Documented at /problems/{code}. */
export type RejectionCode =
  | 'malformed_json'
  | 'not_an_object'
  | 'invalid_utf8'
  | 'line_too_long'
  | 'too_deep'
  | 'duplicate_field'
  | 'unknown_field'
  | 'missing_field'
  | 'wrong_type'
  | 'too_long'
  | 'invalid_value'
  | 'invalid_time'
  | 'unknown_time_zone'
  | 'contradictory_time'
  | 'time_out_of_bounds'
  | 'unknown_process'
  | 'unknown_stage'
  | 'attempt_differs'
  | 'contract_violation'
  | 'unknown_contract_version'
  | 'digest_mismatch'
  | 'discarded'
  | MappingRejection['code'];
