/** Why a record of another format was rejected, or the rest of its body not read. Documented at /problems/{code}. */
export type MappingCode =
  | 'ragged_row'
  | 'malformed_row'
  | 'quote_not_closed'
  | 'xml_not_well_formed'
  | 'xml_entity_refused'
  | 'edi_malformed'
  | 'wrong_segment_count'
  | 'wrong_control_number'
  | 'missing_segment'
  | 'unexpected_segment'
  | 'conversion_failed'
  | 'no_change_event'
  | 'no_row_change'
  | 'position_unknown';
/** Codes that other bodies have as well. */
type Elsewhere = 'malformed_json' | 'duplicate_field' | 'too_deep' | 'invalid_utf8' | 'line_too_long';

/** Neither code nor reason repeats what the record held. */
export interface MappingRejection {
  readonly code: MappingCode | Elsewhere;
  readonly field: string;
  readonly reason: string;
}

/** One record of a body: the event that it became, why it became none, or that it says nothing. */
export type Mapped = MappedEvent | { readonly rejection: MappingRejection } | { readonly skipped: true };
export interface MappedEvent {
  /** A tracking event in JSON, to be checked as any other. */
  readonly json: string;
  /** Its time is that of looking and not of happening: a further look says the same. */
  readonly observed?: boolean;
}

/** Records that a part of a body completed; `broken` when nothing behind them can be read. */
export interface Reading<T> {
  readonly records: Iterable<T>;
  readonly broken?: MappingRejection;
}
/** Reads a body part by part, holding one record at most. */
export interface BodyReader<T> {
  read(chunk: Buffer): Reading<T>;
  end(): Reading<T>;
}

/** A mapping at work: on a body as a stream, or on messages that JSON's own rules tell apart. */
export type BodyMapper =
  ({ readonly takes: 'body' } & BodyReader<Mapped>) | { readonly takes: 'messages'; map(message: Buffer): Mapped };

export const rejected = (
  code: MappingRejection['code'],
  field: string,
  reason: string,
): { readonly rejection: MappingRejection } => ({ rejection: { code, field, reason } });
export const wasRefused = <T extends object>(
  one: T | { readonly rejection: MappingRejection },
): one is { readonly rejection: MappingRejection } => 'rejection' in one;

/** Longest record that is read, in bytes. */
export const LONGEST_RECORD = 1_048_576;
