import type { AgreedField } from '@holdfast/domains/catalog/core/process';

/** The value at a path such as `total.amount`, or undefined. */
export function valueAt(data: Readonly<Record<string, unknown>>, path: string): unknown {
  if (!path.includes('.')) return Object.hasOwn(data, path) ? data[path] : undefined;
  let value: unknown = data;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/**
 * The agreed fields' values as a JSON array: equal texts mean equal values, so that its hash can stand for them. Texts that agree only within a tolerance
 * differ here and are compared field by field later; `case` alone is folded here. An absent field is null.
 */
export function agreedText(data: Readonly<Record<string, unknown>>, fields: readonly AgreedField[]): string {
  let text = '[';
  for (const { name, tolerance } of fields) {
    const value = valueAt(data, name) ?? null;
    if (text.length > 1) text += ',';
    if (typeof value === 'number')
      text += String(value); // most are; the same as JSON's, and faster
    else if (tolerance?.kind === 'case' && typeof value === 'string') text += JSON.stringify(value.toLowerCase());
    else text += JSON.stringify(sorted(value));
  }
  return `${text}]`;
}

/** Objects with their members in order of their names, so that order does not make a difference. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, of]) => [name, sorted(of)]),
  );
}
