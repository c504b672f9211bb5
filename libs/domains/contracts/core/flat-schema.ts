import { resolve, type Schema, type SchemaObject } from './schema';

export const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
export type TypeName = (typeof TYPES)[number];

/** A schema within its document: references are resolved there. */
export interface Placed {
  readonly root: Schema;
  readonly schema: Schema;
}

/** A schema without `allOf` and references: all of these hold together. */
export type Conjuncts = readonly { readonly root: Schema; readonly schema: SchemaObject }[];

/** @returns undefined when nothing fits: one of them is `false` */
export function conjunctsOf(all: readonly Placed[], seen = new Set<unknown>()): Conjuncts | undefined {
  const found: { root: Schema; schema: SchemaObject }[] = [];
  for (const { root, schema } of all) {
    if (schema === false) return undefined;
    if (schema === true || seen.has(schema)) continue; // twice says no more than once
    seen.add(schema);
    const { $ref, allOf, ...own } = schema;
    if (Object.keys(own).length > 0) found.push({ root, schema: own });
    const more = ((allOf as Schema[] | undefined) ?? []).map((one) => ({ root, schema: one }));
    if ($ref !== undefined) more.push({ root, schema: resolve(root, $ref) ?? true });
    const inner = more.length === 0 ? [] : conjunctsOf(more, seen);
    if (!inner) return undefined;
    found.push(...inner);
  }
  return found;
}

const types = (value: unknown): readonly TypeName[] => (Array.isArray(value) ? value : [value]) as TypeName[];

/** Types that a schema takes, where it says so; `number` stands for integers too. */
export function typesOf(all: Conjuncts): ReadonlySet<TypeName> {
  let found: Set<TypeName> = new Set(TYPES.filter((type) => type !== 'integer'));
  const narrow = (to: readonly TypeName[]): void => {
    const next = new Set<TypeName>();
    for (const type of found) {
      if (to.includes(type)) next.add(type);
      else if (type === 'number' && to.includes('integer')) next.add('integer');
      else if (type === 'integer' && to.includes('number')) next.add('integer');
    }
    found = next;
  };
  for (const { schema } of all) {
    if (schema['type'] !== undefined) narrow(types(schema['type']));
    const values = valuesOf(schema);
    if (values) narrow(values.map(typeOf));
  }
  return found;
}

export function typeOf(value: unknown): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as TypeName;
}

/** The values that a schema lists, if it does. */
export function valuesOf(schema: SchemaObject): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  return schema['enum'] as unknown[] | undefined;
}

/** What the conjuncts say of one member: true where they say nothing. */
export function memberSchema(all: Conjuncts, name: string): Placed[] {
  return all.flatMap(({ root, schema }) => {
    const found: Placed[] = [];
    const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
    if (properties && Object.hasOwn(properties, name)) found.push({ root, schema: properties[name]! });
    for (const [pattern, one] of Object.entries(
      (schema['patternProperties'] as Record<string, Schema> | undefined) ?? {},
    ))
      if (new RegExp(pattern, 'u').test(name)) found.push({ root, schema: one });
    if (found.length === 0 && schema['additionalProperties'] !== undefined)
      found.push({ root, schema: schema['additionalProperties'] as Schema });
    return found;
  });
}

/** What the conjuncts say of the element at a place of an array. */
export function elementSchema(all: Conjuncts, index: number): Placed[] {
  return all.flatMap(({ root, schema }) => {
    const prefix = (schema['prefixItems'] as Schema[] | undefined) ?? [];
    const found = index < prefix.length ? prefix[index] : (schema['items'] as Schema | undefined);
    return found === undefined ? [] : [{ root, schema: found }];
  });
}

/** Names that the conjuncts' `properties` have. */
export const namesOf = (all: Conjuncts): Set<string> =>
  new Set(all.flatMap(({ schema }) => Object.keys((schema['properties'] as object | undefined) ?? {})));

/** The strictest of a keyword's numbers. */
export function strictest(all: Conjuncts, keyword: string, pick: 'least' | 'most'): number | undefined {
  const found = all.map(({ schema }) => schema[keyword]).filter((value): value is number => typeof value === 'number');
  if (found.length === 0) return undefined;
  return pick === 'least' ? Math.min(...found) : Math.max(...found);
}
