import type { Conjuncts, Placed } from './flat-schema';
import type { Schema, SchemaObject } from './schema';

/** Whether two JSON values are equal. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal((a as SchemaObject)[name], (b as SchemaObject)[name]))
  );
}

type Conjunct = Conjuncts[number];

/** References mean the same only where the documents define the same. */
const sameDefinitions = (a: Conjunct, b: Conjunct, parts: readonly unknown[]): boolean =>
  !JSON.stringify(parts).includes('"$ref"') ||
  a.root === b.root ||
  equal((a.root as SchemaObject)['$defs'], (b.root as SchemaObject)['$defs']);

/** Whether two schemas take the same because they are written the same. */
export const isSame = (a: Placed, b: Placed): boolean =>
  a.schema === b.schema
    ? a.root === b.root || typeof a.schema === 'boolean'
    : typeof a.schema === 'object' && typeof b.schema === 'object' && same(a as Conjunct, b as Conjunct);

export const same = (a: Conjunct, b: Conjunct): boolean =>
  equal(a.schema, b.schema) && sameDefinitions(a, b, [a.schema, b.schema]);

/** Whether a keyword says the same in both. */
export const sameKeyword = (a: Conjunct, b: Conjunct, keyword: string): boolean =>
  a.schema[keyword] !== undefined &&
  equal(a.schema[keyword], b.schema[keyword]) &&
  sameDefinitions(a, b, [a.schema[keyword], b.schema[keyword]]);

/** Whether a keyword of schemas by name has the same one under a name. */
export function sameEntry(a: Conjunct, root: Schema, keyword: string, name: string, schema: Schema): boolean {
  const entry = (a.schema[keyword] as Readonly<Record<string, Schema>> | undefined)?.[name];
  return entry !== undefined && equal(entry, schema) && sameDefinitions(a, { root, schema: {} }, [entry, schema]);
}
