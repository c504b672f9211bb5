import { DomainError } from '@holdfast/kernel';

/** A store cannot be reached, or went away. Its own words stay out: they may quote addresses and credentials. */
export const unavailable = (title: string, code: string, cause: unknown): DomainError =>
  withCause(new DomainError('unavailable', 'source_unavailable', `${title} cannot be reached (${code})`), cause);

export const slow = (title: string, cause?: unknown): DomainError =>
  withCause(
    new DomainError('unavailable', 'source_slow', `${title} took longer for a statement than it was given`),
    cause,
  );

export const refused = (title: string, code: string, cause: unknown): DomainError =>
  withCause(
    new DomainError('invalid', 'source_refused', `${title} refused the credentials, or access (${code})`),
    cause,
  );

export const unknownTable = (title: string, cause?: unknown): DomainError =>
  withCause(new DomainError('invalid', 'table_unknown', `${title} is not there`), cause);

/** @param words what the store says of the statement itself; never of data */
export const failed = (title: string, code: string, cause: unknown, words = ''): DomainError =>
  withCause(
    new DomainError('unavailable', 'source_failed', `${title} could not do it (${code}${words && `: ${words}`})`),
    cause,
  );

function withCause(error: DomainError, cause: unknown): DomainError {
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, enumerable: false });
  return error;
}

/** Codes of sockets and name servers that say that somebody is not there. */
const GONE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'PROTOCOL_CONNECTION_LOST',
]);

export const codeOf = (error: unknown): string => {
  const { code, errors } = error as { code?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string') return code;
  return errors?.[0] === undefined ? '' : codeOf(errors[0]); // of a name with several addresses
};
export const isGone = (error: unknown): boolean => GONE.has(codeOf(error));
