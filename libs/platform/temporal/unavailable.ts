import { DomainError } from '@holdfast/kernel';

/** Temporal could not be asked. */
export const temporalUnavailable = (cause: unknown): DomainError =>
  passing('temporal_unavailable', 'Temporal does not answer now', 2, cause);

/** Temporal has it, and nobody carried it out in time. */
export const noWorker = (cause?: unknown): DomainError =>
  passing('no_worker', 'no worker carried it out in time; it may still take effect', 5, cause);

function passing(code: string, detail: string, retryAfterSeconds: number, cause: unknown): DomainError {
  const error = new DomainError('unavailable', code, detail, { retryAfterSeconds });
  error.cause = cause;
  return error;
}
