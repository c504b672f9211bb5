/** What can go wrong in a domain, by kind. One table maps a kind to HTTP and to Temporal: libs/platform/errors. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'precondition_required'
  | 'too_large'
  | 'unsupported_media_type'
  | 'too_many_requests'
  | 'unavailable';

/** Where a request is wrong. `field` is a path such as `stages.0.id`; `reason` never repeats the value. */
export interface FieldProblem {
  readonly field: string;
  readonly reason: string;
}

export interface ErrorDetails {
  readonly fields?: readonly FieldProblem[];
  /** When a retry may succeed, in seconds. */
  readonly retryAfterSeconds?: number;
  /** Further members of the problem document; no personal data. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An outcome that a domain foresees. `code` is stable and documented; `detail` is for people and holds no personal data. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    detail: string,
    readonly details: ErrorDetails = {},
  ) {
    super(detail);
  }
}

export const invalid = (code: string, detail: string, fields: readonly FieldProblem[] = []): DomainError =>
  new DomainError('invalid', code, detail, { fields });
