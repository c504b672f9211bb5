import { DomainError, type Micros } from '@holdfast/kernel';

/** One version of a document. Versions count from 1 and are never changed. */
export interface Version<T> {
  readonly version: number;
  readonly body: T;
  readonly changedBy: string;
  readonly changedAt: Micros;
}

/** What the writer believes is there: a version, some version, nothing; or it does not say. */
export type Expected = { readonly version: number } | 'any' | 'none' | 'unstated';

/** A change, by reference: the body waits in the register. */
export interface Change {
  readonly kind: string;
  readonly id: string;
  readonly proposal: string;
  readonly expected: Expected;
}

/**
 * The version that a change makes, given the newest one that is there.
 * @throws DomainError `precondition_failed` when somebody else was faster, `precondition_required` when the writer did not say what it saw
 */
export function nextVersion(current: number, expected: Expected): number {
  if (expected === 'none' && current > 0)
    throw new DomainError('precondition_failed', 'document_exists', 'the document exists already');
  if (expected === 'any' && current === 0)
    throw new DomainError('precondition_failed', 'document_missing', 'there is no such document yet');
  if (expected === 'unstated' && current > 0) {
    throw new DomainError(
      'precondition_required',
      'precondition_required',
      'the document exists: send If-Match with the ETag of the version that you changed',
    );
  }
  if (typeof expected === 'object' && expected.version !== current) {
    throw new DomainError('precondition_failed', 'version_mismatch', `the document is at version ${current}`, {
      extra: { currentVersion: current },
    });
  }
  return current + 1;
}
