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
const MOST_NODES = 20_000;
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
    for (const keyword of ['$id', '$anchor', '$dynamicAnchor', '$dynamicRef', '$recursiveRef', '$vocabulary'])
      if (schema[keyword] !== undefined) fault(keyword, 'is not taken: refer to schemas by #/$defs/...');
    if (schema['$schema'] !== undefined && schema['$schema'] !== DIALECT) fault('$schema', `must be ${DIALECT}`);
    const ref = schema['$ref'];
    if (ref !== undefined && resolve(root, ref) === undefined)
      fault(
        '$ref',
        typeof ref === 'string' && !ref.startsWith('#')
          ? 'is remote: nothing is fetched; put the schema under $defs'
          : 'leads to no schema',
      );
    if (schema['uniqueItems'] === true && !(Number(schema['maxItems']) <= MOST_UNIQUE))
      fault('uniqueItems', `takes time by the square of the length: it needs maxItems of ${MOST_UNIQUE} at most`);
  }
  return faults.length > 0 ? faults : cycles(root);
}

/** References that lead back to themselves without going down into the value: no check of it would end. */
function cycles(root: Schema): SchemaFault[] {
  const walk = (schema: unknown, seen: ReadonlySet<unknown>): boolean => {
    if (typeof schema !== 'object' || schema === null) return false;
    if (seen.has(schema)) return true;
    const now = new Set<unknown>(seen).add(schema);
    const of = schema as SchemaObject;
    const inPlace: unknown[] = ['allOf', 'anyOf', 'oneOf'].flatMap(
      (keyword) => (of[keyword] as unknown[] | undefined) ?? [],
    );
    for (const keyword of ['not', 'if', 'then', 'else']) if (of[keyword] !== undefined) inPlace.push(of[keyword]);
    if (of['$ref'] !== undefined) inPlace.push(resolve(root, of['$ref']));
    inPlace.push(...Object.values((of['dependentSchemas'] as SchemaObject | undefined) ?? {}));
    return inPlace.some((one) => walk(one, now));
  };
  for (const { path, schema } of subschemas(root))
    if (typeof schema === 'object' && schema !== null && '$ref' in schema && walk(schema, new Set()))
      return [{ path: `${path}/$ref`, reason: 'leads back to itself' }];
  return [];
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
