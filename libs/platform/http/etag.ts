import { invalid } from '@holdfast/kernel';

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

/** Whether a GET is answered with 304: `If-None-Match` names this version, alone, in a list or as the weak tag that a proxy makes of it; or it is `*`. */
export function notModified(headers: Readonly<Record<string, string | undefined>>, version: number): boolean {
  const tags = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.some((tag) => tag === '*' || tag === etagOf(version));
}

function readTag(header: string, text: string | string[]): number {
  const found = typeof text === 'string' ? TAG.exec(text) : null;
  if (!found) throw malformed(header, 'must be one entity tag such as "3", or *');
  return Number(found[1]);
}

const malformed = (field: string, reason: string) =>
  invalid('invalid_precondition', 'a conditional header is malformed', [{ field, reason }]);
