import { DomainError, invalid } from '@holdfast/kernel';

/** What a caller expects of a document: a version, that there is one (`any`), that there is none (`none`), or nothing. */
export type Expectation = { readonly version: number } | 'any' | 'none' | undefined;

/** The strong entity tag of a document's version: `"3"`. Source: RFC 9110, section 8.8.3. */
export const etagOf = (version: number): string => `"${version}"`;

const TAG = /^"([1-9]\d{0,14})"$/;

/**
 * Reads `If-Match: "3"` or `If-Match: *`, and `If-None-Match: *` (create only).
 * @throws DomainError `invalid` with code `invalid_precondition` for anything else, lists and weak tags too
 */
export function readExpectation(headers: Readonly<Record<string, string | string[] | undefined>>): Expectation {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match !== undefined && noneMatch !== undefined)
    throw malformed('If-None-Match', 'cannot be given together with If-Match');
  if (match !== undefined) return match === '*' ? 'any' : { version: readTag('If-Match', match) };
  if (noneMatch === undefined) return undefined;
  if (noneMatch === '*') return 'none';
  throw malformed('If-None-Match', 'must be * on a change');
}

/**
 * Whether a GET may be answered with 304: `If-None-Match` names this version.
 * @throws DomainError `invalid` with code `invalid_precondition` when the header is malformed
 */
export function notModified(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  version: number,
): boolean {
  const tags = headers['if-none-match'];
  if (tags === undefined) return false;
  return tags === '*' || readTag('If-None-Match', tags) === version;
}

/** For changes that must not be made blindly. @throws DomainError `precondition_required` with code `precondition_required` */
export function requireExpectation(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): NonNullable<Expectation> {
  const found = readExpectation(headers);
  if (found !== undefined) return found;
  throw new DomainError(
    'precondition_required',
    'precondition_required',
    'send If-Match with the ETag that you read, or If-None-Match: * to create',
  );
}

function readTag(header: string, text: string | string[]): number {
  const found = typeof text === 'string' ? TAG.exec(text) : null;
  if (!found) throw malformed(header, 'must be one entity tag such as "3", or *');
  return Number(found[1]);
}

const malformed = (field: string, reason: string) =>
  invalid('invalid_precondition', 'a conditional header is malformed', [{ field, reason }]);
