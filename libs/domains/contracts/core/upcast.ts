import { isSchema, type Schema, type SchemaObject } from './schema';

/**
 * A step that makes old data new, in the words of JSON Patch (RFC 6902); paths are JSON pointers into `data`, where `*` stands for every element of an array.
 * A step whose path or `from` is not there does nothing; `add` leaves what is there as it is.
 */
export type UpcastStep =
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

type Data = Readonly<Record<string, unknown>>;
type Members = Record<string, unknown>;

/** Data after all steps; the data that came in stay as they are. */
export function upcast(data: Data, steps: readonly UpcastStep[]): Data {
  if (steps.length === 0) return data;
  const made = structuredClone(data) as Members;
  for (const step of steps) {
    const { shared, from, path } = placesOf(step);
    for (const container of containersAt(made, shared)) applyStep(container, step, from, path);
  }
  return made;
}

function applyStep(container: Members, step: UpcastStep, from: readonly string[], path: readonly string[]): void {
  if (step.op === 'remove') return void take(container, path);
  if (step.op === 'add') return put(container, path, step.value, false);
  const value = step.op === 'move' ? take(container, from) : read(container, from);
  if (value !== undefined) put(container, path, step.op === 'copy' ? structuredClone(value) : value, true);
}

const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Where a step works: the way to its last `*`, which both of its paths share, and what follows. */
export function placesOf(step: UpcastStep): { shared: string[]; from: string[]; path: string[] } {
  const path = segmentsOf(step.path);
  const from = 'from' in step ? segmentsOf(step.from) : [];
  const end = path.lastIndexOf('*') + 1;
  return { shared: path.slice(0, end), from: from.slice(end), path: path.slice(end) };
}

/** What is wrong with a step; undefined for nothing. */
export function upcastFault(step: UpcastStep): string | undefined {
  const pointers = 'from' in step ? [step.from, step.path] : [step.path];
  if (pointers.some((pointer) => !/^(?:\/[^/]+)+$/.test(pointer))) return 'must be JSON pointers such as /total/amount';
  if (pointers.some((pointer) => /(?:^|\/)(?:__proto__|constructor|prototype)(?:\/|$)/.test(pointer)))
    return 'names a member that reaches the prototype of an object';
  if (pointers.some((pointer) => pointer.endsWith('/*'))) return 'must name a member behind *';
  if (!('from' in step)) return undefined;
  const path = segmentsOf(step.path);
  const from = segmentsOf(step.from);
  const end = Math.max(path.lastIndexOf('*'), from.lastIndexOf('*')) + 1;
  return path.slice(0, end).join('/') === from.slice(0, end).join('/')
    ? undefined
    : 'must have the same way to the last * in both paths';
}

function containersAt(value: unknown, way: readonly string[]): Members[] {
  const [first, ...rest] = way;
  if (first === undefined) return isMembers(value) ? [value] : [];
  if (first === '*') return Array.isArray(value) ? value.flatMap((element) => containersAt(element, rest)) : [];
  return isMembers(value) && Object.hasOwn(value, first) ? containersAt(value[first], rest) : [];
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function holderOf(container: Members, way: readonly string[]): { holder: Members; name: string } | undefined {
  let holder: unknown = container;
  for (const name of way.slice(0, -1)) {
    if (!isMembers(holder) || !Object.hasOwn(holder, name)) return undefined;
    holder = holder[name];
  }
  return isMembers(holder) ? { holder, name: way.at(-1)! } : undefined;
}

function read(container: Members, way: readonly string[]): unknown {
  const found = holderOf(container, way);
  return found && Object.hasOwn(found.holder, found.name) ? found.holder[found.name] : undefined;
}

function take(container: Members, way: readonly string[]): unknown {
  const found = holderOf(container, way);
  if (!found || !Object.hasOwn(found.holder, found.name)) return undefined;
  const value = found.holder[found.name];
  Reflect.deleteProperty(found.holder, found.name);
  return value;
}

/** Makes the objects on its way. What stands there and is no object stays, and nothing is put. */
function put(container: Members, way: readonly string[], value: unknown, over: boolean): void {
  let holder = container;
  for (const name of way.slice(0, -1)) {
    if (!Object.hasOwn(holder, name)) holder[name] = {};
    const next = holder[name];
    if (!isMembers(next)) return;
    holder = next;
  }
  const name = way.at(-1)!;
  if (over || !Object.hasOwn(holder, name)) holder[name] = structuredClone(value);
}

/**
 * The schema of up-cast data, so that it can be compared with the next version's.
 * @returns undefined where a step goes through what cannot be followed: references, alternatives, schemas that say nothing of their members
 */
export function upcastSchema(schema: Schema, steps: readonly UpcastStep[]): Schema | undefined {
  let made: SchemaObject | undefined = structuredClone(schema) as SchemaObject;
  for (const step of steps) {
    const { shared, from, path } = placesOf(step);
    made = schemaAt(made, shared, (node) => stepSchema(node, step, from, path));
    if (!made) return undefined;
  }
  return made;
}

type Change = (node: SchemaObject) => SchemaObject | undefined;

/** The schema with the node at the end of a way changed. */
function schemaAt(node: unknown, way: readonly string[], change: Change): SchemaObject | undefined {
  if (!isPlain(node)) return undefined;
  const [first, ...rest] = way;
  if (first === undefined) return change(node);
  if (first === '*') {
    const items = schemaAt(node['items'], rest, change);
    return items && node['prefixItems'] === undefined ? { ...node, items } : undefined;
  }
  const member = schemaAt(propertiesOf(node)[first], rest, change);
  return member && { ...node, properties: { ...propertiesOf(node), [first]: member } };
}

/** Of members beyond what each of them is: where one comes or goes, what they say would change. */
const BEYOND_MEMBERS = [
  ...['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'enum', 'const', 'patternProperties', 'propertyNames'],
  ...['minProperties', 'maxProperties', 'dependentSchemas', 'dependentRequired', 'unevaluatedProperties'],
];

/** Whether all that a schema says of its members stands in it, member by member. */
const isPlain = (node: unknown): node is SchemaObject =>
  isSchema(node) && typeof node === 'object' && BEYOND_MEMBERS.every((keyword) => !(keyword in node));

const propertiesOf = (node: SchemaObject): Readonly<Record<string, Schema>> =>
  (node['properties'] as Record<string, Schema> | undefined) ?? {};
const requiredOf = (node: SchemaObject): readonly string[] => (node['required'] as string[] | undefined) ?? [];

function stepSchema(
  node: SchemaObject,
  step: UpcastStep,
  from: readonly string[],
  path: readonly string[],
): SchemaObject | undefined {
  if (step.op === 'remove') return withMember(node, path, undefined, false);
  if (step.op === 'add') {
    const now = memberAt(node, path);
    if (!now) return undefined;
    const member: Schema =
      now.required || now.schema === false ? now.schema : { anyOf: [now.schema, { const: step.value }] };
    return withMember(node, path, now.schema === false ? { const: step.value } : member, true);
  }
  const source = memberAt(node, from);
  const target = memberAt(node, path);
  // Of a source that no schema speaks of nothing is known; where the source may be missing, what stood at the target stays.
  if (!source?.named || !target || (!source.required && target.schema !== false)) return undefined;
  const without = step.op === 'move' ? withMember(node, from, undefined, false) : node;
  return without && withMember(without, path, source.schema, source.required);
}

interface Member {
  readonly schema: Schema;
  readonly required: boolean;
  /** Whether a schema speaks of it. */
  readonly named: boolean;
}

/** What is known of a member: false as its schema says that it is never there. */
function memberAt(node: SchemaObject, way: readonly string[]): Member | undefined {
  const [first, ...rest] = way as [string, ...string[]];
  const known = propertiesOf(node)[first];
  const required = requiredOf(node).includes(first);
  if (known === undefined) {
    // The name may come with any value, unless the schema is closed. An old version's event that happens to use a new name breaks its promise to itself.
    return { schema: false, required: false, named: false };
  }
  if (rest.length === 0) return { schema: known, required, named: true };
  if (!isPlain(known)) return undefined;
  const inner = memberAt(known, rest);
  return inner && { ...inner, required: required && inner.required };
}

/** The schema with a member said otherwise: undefined for one that is never there. */
function withMember(
  node: SchemaObject,
  way: readonly string[],
  schema: Schema | undefined,
  isRequired: boolean,
): SchemaObject | undefined {
  const [first, ...rest] = way as [string, ...string[]];
  const properties = propertiesOf(node);
  const others = requiredOf(node).filter((name) => name !== first);
  if (rest.length === 0) {
    return {
      ...node,
      properties: { ...properties, [first]: schema ?? false },
      required: isRequired ? [...others, first] : others,
    };
  }
  const known = properties[first] ?? { type: 'object', additionalProperties: false };
  if (!isPlain(known)) return undefined;
  // Where the way to a member is made, what else must stand on it would be missing; where something else stands there, nothing is put.
  const stands = requiredOf(node).includes(first) || requiredOf(known).length === 0;
  if (schema !== undefined && (known['type'] !== 'object' || !stands)) return undefined;
  const inner = withMember(known, rest, schema, isRequired);
  const stays = isRequired || requiredOf(node).includes(first);
  return (
    inner && {
      ...node,
      properties: { ...properties, [first]: inner },
      required: stays ? [...others, first] : others,
    }
  );
}
