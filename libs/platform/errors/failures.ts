import { ApplicationFailure } from '@temporalio/common';
import { DomainError, type ErrorDetails, type ErrorKind } from '@holdfast/kernel';
import { meaning } from './meaning';

/**
 * Lets a workflow tell foreseen outcomes from faults: `type` is the error's code, `details` its kind and what `carried` lets through.
 * The text of a fault stays in the log: it may quote data, and histories keep what they are told.
 */
export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!(error instanceof DomainError))
    return ApplicationFailure.create({ type: 'fault', message: 'unforeseen; see the log' });
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !meaning[error.kind].retryable,
    details: [error.kind, carried(error.details)],
  });
}

/** What an id, an instant or the path of a field looks like; what people write has blanks, or has no place in the details of an error. */
const NAME = /^[\w.:/>+-]{1,200}$/;
const isBrief = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && NAME.test(value));

/** Details as far as histories may keep them: numbers, flags and ids. */
function carried({ fields, extra, retryAfterSeconds }: ErrorDetails): ErrorDetails {
  const named = fields?.filter(({ field }) => NAME.test(field)) ?? [];
  const brief = Object.entries(extra ?? {}).filter(([, value]) => isBrief(value));
  return {
    ...(named.length > 0 && { fields: named }),
    ...(brief.length > 0 && { extra: Object.fromEntries(brief) }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

/** The DomainError that a workflow, update or activity failed with, found anywhere in the chain of causes. */
export function fromFailure(error: unknown): DomainError | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DomainError) return cause;
    if (cause instanceof ApplicationFailure) {
      const [kind, details] = cause.details ?? [];
      if (typeof kind === 'string' && kind in meaning)
        return new DomainError(kind as ErrorKind, cause.type ?? 'failed', cause.message, details as ErrorDetails);
    }
  }
  return undefined;
}
