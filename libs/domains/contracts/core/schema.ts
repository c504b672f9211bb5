/** A JSON Schema 2020-12. */
export type Schema = boolean | SchemaObject;
export interface SchemaObject {
  readonly [keyword: string]: unknown;
}

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value));

/** Why a schema is not taken. */
export interface SchemaFault {
  /** JSON pointer into the schema. */
  readonly path: string;
  readonly reason: string;
}

export const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const MOST_NODES = 5_000;
const MOST_LEVELS = 64;
/** `uniqueItems` compares every pair of elements. */
const MOST_UNIQUE = 1_000;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = new Set([
  'additionalProperties',
  'propertyNames',
  'items',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'unevaluatedProperties',
  'unevaluatedItems',
]);
const MANY = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);

/** Each schema within a schema, itself first, with its JSON pointer. */
export function* subschemas(schema: unknown, path = '', level = 0): Generator<{ path: string; schema: unknown }> {
  yield { path, schema };
  if (level > MOST_LEVELS || typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  for (const [keyword, value] of Object.entries(schema as SchemaObject)) {
    const at = `${path}/${escaped(keyword)}`;
    if (ONE.has(keyword)) yield* subschemas(value, at, level + 1);
    else if (MANY.has(keyword) && Array.isArray(value))
      for (const [i, one] of (value as unknown[]).entries()) yield* subschemas(one, `${at}/${i}`, level + 1);
    else if (NAMED.has(keyword) && typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) yield* subschemas(one, `${at}/${escaped(name)}`, level + 1);
  }
}

/**
 * What makes a schema unfit to check events by, beside what a compiler finds: references that leave it, and checks that take more than linear time. Regular
 * expressions are looked at elsewhere.
 */
export function schemaFaults(root: Schema): SchemaFault[] {
  const faults: SchemaFault[] = [];
  let nodes = 0;
  const walked = new Set<unknown>();
  for (const { schema } of subschemas(root)) {
    walked.add(schema);
    if (walked.size > MOST_NODES) break;
  }
  for (const { path, schema } of subschemas(root)) {
    if (++nodes > MOST_NODES) return [{ path: '', reason: `has more than ${MOST_NODES} schemas in it` }];
    if (path.split('/').length > 2 * MOST_LEVELS)
      return [{ path, reason: `is nested deeper than ${MOST_LEVELS} levels` }];
    if (!isSchema(schema)) {
      faults.push({ path, reason: 'must be an object or a boolean' });
      continue;
    }
    if (typeof schema === 'boolean') continue;
    const fault = (keyword: string, reason: string): number => faults.push({ path: `${path}/${keyword}`, reason });
    for (const keyword of ['definitions', 'dependencies', '$recursiveAnchor'])
      if (schema[keyword] !== undefined)
        fault(keyword, 'is of an older draft: use $defs, dependentSchemas or dependentRequired');
    for (const keyword of ['$id', '$anchor', '$dynamicAnchor', '$dynamicRef', '$recursiveRef', '$vocabulary'])
      if (schema[keyword] !== undefined) fault(keyword, 'is not taken: refer to schemas by #/$defs/...');
    if (schema['$schema'] !== undefined && schema['$schema'] !== DIALECT) fault('$schema', `must be ${DIALECT}`);
    const ref = schema['$ref'];
    if (ref !== undefined && !walked.has(resolve(root, ref)))
      fault(
        '$ref',
        typeof ref === 'string' && !ref.startsWith('#')
          ? 'is remote: nothing is fetched; put the schema under $defs'
          : 'leads to no schema',
      );
    if (schema['uniqueItems'] === true && !(Number(schema['maxItems']) <= MOST_UNIQUE))
      fault('uniqueItems', `takes time by the square of the length: it needs maxItems of ${MOST_UNIQUE} at most`);
  }
  return faults.length > 0 ? faults : costs(root);
}

/** Checks that one event may cost, counted as if every part of it were there. */
const MOST_CHECKS = 100_000;

/** What a schema applies, by groups: parts of one group never look at the same value twice. */
function groupsOf(
  root: Schema,
  schema: SchemaObject,
): { readonly inPlace: boolean; readonly parts: readonly unknown[] }[] {
  const one = (keyword: string): unknown[] => (schema[keyword] === undefined ? [] : [schema[keyword]]);
  const many = (keyword: string): unknown[] => (schema[keyword] as unknown[] | undefined) ?? [];
  const named = (keyword: string): unknown[] => Object.values((schema[keyword] as SchemaObject | undefined) ?? {});
  const inPlace = [
    ...['allOf', 'anyOf', 'oneOf'].flatMap(many),
    ...['not', 'if', 'then', 'else'].flatMap(one),
    ...named('dependentSchemas'),
    ...(schema['$ref'] === undefined ? [] : [resolve(root, schema['$ref'])]),
  ];
  return [
    ...inPlace.map((part) => ({ inPlace: true, parts: [part] })),
    ...named('patternProperties').map((part) => ({ inPlace: false, parts: [part] })),
    {
      inPlace: false,
      parts: [...named('properties'), ...one('additionalProperties'), ...one('unevaluatedProperties')],
    },
    { inPlace: false, parts: one('propertyNames') },
    { inPlace: false, parts: [...many('prefixItems'), ...one('items'), ...one('unevaluatedItems')] },
    { inPlace: false, parts: one('contains') },
  ];
}

/**
 * Schemas whose check would not end, or would take more than linear time: references that lead back to themselves without going down into the value, recursion
 * in more than one way at once, and parts that are referred to so often that their checks multiply.
 */
function costs(root: Schema): SchemaFault[] {
  const nodes = [...subschemas(root)].filter((one): one is { path: string; schema: SchemaObject } =>
    isObject(one.schema),
  );
  const known = new Map<unknown, number>();
  const cost = (schema: unknown): number => {
    if (!isObject(schema)) return 1;
    const found = known.get(schema);
    if (found !== undefined) return found;
    known.set(schema, 0); // where it leads back to itself
    const sum = groupsOf(root, schema).reduce(
      (all, { parts }) => all + parts.reduce<number>((most, part) => most + cost(part), 0),
      1,
    );
    known.set(schema, sum);
    return sum;
  };
  if (cost(root) > MOST_CHECKS) return [{ path: '', reason: `asks for more than ${MOST_CHECKS} checks of one event` }];
  for (const { path, schema } of nodes) {
    const leadsBack = (from: unknown, onlyInPlace: boolean): boolean => reaches(root, from, schema, onlyInPlace);
    const groups = groupsOf(root, schema);
    if (groups.some(({ inPlace, parts }) => inPlace && parts.some((part) => leadsBack(part, true))))
      return [{ path, reason: 'leads back to itself' }];
    if (groups.filter(({ parts }) => parts.some((part) => leadsBack(part, false))).length > 1)
      return [
        {
          path,
          reason: 'leads back to itself in more than one way, so that its checks would multiply with every level',
        },
      ];
  }
  return [];
}

const isObject = (schema: unknown): schema is SchemaObject =>
  typeof schema === 'object' && schema !== null && !Array.isArray(schema);

/** Whether a schema is applied by way of another one. */
function reaches(root: Schema, from: unknown, to: SchemaObject, onlyInPlace: boolean): boolean {
  const seen = new Set<unknown>();
  const open: unknown[] = [from];
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    if (schema === to) return true;
    if (seen.has(schema) || !isObject(schema)) continue;
    seen.add(schema);
    for (const { inPlace, parts } of groupsOf(root, schema)) if (inPlace || !onlyInPlace) open.push(...parts);
  }
  return false;
}

/** The schema that a reference such as `#/$defs/money` names; undefined when there is none. */
export function resolve(root: Schema, ref: unknown): Schema | undefined {
  if (ref === '#') return root;
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return undefined;
  let found: unknown = root;
  for (const part of ref.slice(2).split('/')) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return isSchema(found) ? found : undefined;
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Names of all members that a schema speaks of. */
export function membersOf(root: Schema): Set<string> {
  const names = new Set<string>();
  for (const { schema } of subschemas(root)) {
    if (typeof schema !== 'object' || schema === null) continue;
    const { properties, required } = schema as SchemaObject;
    for (const name of Object.keys((properties as object | undefined) ?? {})) names.add(name);
    if (Array.isArray(required)) for (const name of required) names.add(String(name));
  }
  return names;
}
