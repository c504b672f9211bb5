import type { ErrorKind } from '@holdfast/kernel';

export interface Meaning {
  readonly status: number;
  readonly title: string;
  /** Whether the same call may succeed later without a change of its input. */
  readonly retryable: boolean;
}

/** What each kind of error means to a caller over HTTP and to a workflow that called an activity: the one table. */
export const meaning: Readonly<Record<ErrorKind, Meaning>> = {
  invalid: { status: 400, title: 'The request is not valid', retryable: false },
  unauthenticated: { status: 401, title: 'A valid key is needed', retryable: false },
  forbidden: { status: 403, title: 'Not permitted', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  conflict: { status: 409, title: 'Conflicts with what is there', retryable: false },
  precondition_failed: { status: 412, title: 'The document has changed', retryable: false },
  too_large: { status: 413, title: 'Too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'Content type not supported', retryable: false },
  precondition_required: { status: 428, title: 'A precondition is needed', retryable: false },
  too_many_requests: { status: 429, title: 'Slow down', retryable: true },
  unavailable: { status: 503, title: 'Not available now', retryable: true },
};
