import { ApplicationFailure } from '@temporalio/common';
import { DomainError, type ErrorKind } from '@holdfast/kernel';
import { meaning } from './meaning';

/**
 * Lets a workflow tell foreseen outcomes from faults: `type` is the error's code, `details` its kind. The text of a fault stays in the log:
 * it may quote data, and histories keep what they are told.
 */
export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!(error instanceof DomainError))
    return ApplicationFailure.create({ type: 'fault', message: 'unforeseen; see the log' });
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !meaning[error.kind].retryable,
    details: [error.kind],
  });
}

/** The DomainError that a workflow, update or activity failed with, found anywhere in the chain of causes. */
export function fromFailure(error: unknown): DomainError | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DomainError) return cause;
    if (cause instanceof ApplicationFailure) {
      const kind = cause.details?.[0];
      if (typeof kind === 'string' && kind in meaning)
        return new DomainError(kind as ErrorKind, cause.type ?? 'failed', cause.message);
    }
  }
  return undefined;
}
