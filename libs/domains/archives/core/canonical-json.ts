/** What a canonical text may say: no fractions, so that there is one way to write a number. */
export type Canonical =
  string | number | boolean | null | readonly Canonical[] | { readonly [name: string]: Canonical };

/**
 * The same value with members in the order of their names: JSON.stringify writes it in one way alone, that of RFC 8785 (for names and numbers as they stand here).
 * @throws RangeError for a number that is no safe integer
 */
export function inOrder(value: Canonical): Canonical {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError('not a safe integer');
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value as Readonly<Record<string, Canonical>>);
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, inOrder(member)]),
  );
}
