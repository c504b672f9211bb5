import { convert } from './conversions';
import { emptyObject, isObject, type JsonObject, jsonText, type JsonValue, NumberText, scalarText } from './json-value';
import { EVENT_FIELDS, type EventField, type MappingDefinition, type PathTerm, type Term } from './mapping';
import { type MappedEvent, type MappingRejection, rejected } from './mapped';

/** The value at a path of a record; undefined where it has none. */
export type Find<R> = (record: R) => JsonValue | undefined;
/** Makes a path usable; undefined where it is none of the format. */
export type Lookup<R> = (path: string) => Find<R> | undefined;
/** SHA-256 of a text in hexadecimal. */
export type Sha256 = (text: string) => string;
/** What a format knows of an event by itself, for fields that the mapping leaves out. */
export type Defaults = Readonly<Partial<Record<EventField, JsonValue>>> & { readonly data?: JsonObject };
export type EventMaker<R> = (record: R, defaults?: Defaults) => MappedEvent | { readonly rejection: MappingRejection };

/** A value, or undefined where there is none. @throws Failed */
type Evaluate<R> = (record: R) => JsonValue | undefined;

/** A conversion that did not succeed, for the field that asks for it. */
class Failed extends Error {}

const PATHS_OF_TEMPLATE = /\{([^{}]+)\}/g;

/** The paths that a term reads. */
export function pathsOf(term: Term): readonly string[] {
  if ('path' in term) return [term.path];
  if ('hash' in term) return term.hash;
  return 'template' in term ? [...term.template.matchAll(PATHS_OF_TEMPLATE)].map(([, path]) => path!) : [];
}

/**
 * Prepares a mapping that has been checked. What the events then lack, or hold in excess, is for the reader of events to say.
 * @throws RangeError for a path that is none
 */
export function eventMaker<R>({ event, data }: MappingDefinition, lookup: Lookup<R>, sha256: Sha256): EventMaker<R> {
  const find = (path: string): Find<R> => {
    const found = lookup(path);
    if (!found) throw new RangeError('the mapping names a path that is none');
    return found;
  };
  const evaluator = (term: Term): Evaluate<R> => evaluate(term, find, sha256);
  const fields = EVENT_FIELDS.map((name) => {
    const term = event[name];
    return { name, value: term === undefined ? undefined : evaluator(term) };
  });
  const targets =
    data && Object.entries(data).map(([to, term]) => ({ to, steps: to.split('.'), value: evaluator(term) }));
  return (record, defaults = {}) => {
    let place = '';
    let text = '{';
    try {
      for (const { name, value } of fields) {
        place = name;
        const found = value ? value(record) : defaults[name];
        if (found !== undefined) text += `"${name}":${jsonText(typed(name, found))},`;
      }
      const kept: Record<string, JsonValue> = Object.assign(emptyObject(), defaults.data);
      for (const { to, steps, value } of targets ?? []) {
        place = `data.${to}`;
        const found = value(record);
        if (found !== undefined) put(kept, steps, found);
      }
      return { json: `${text}"data":${jsonText(kept)}}` };
    } catch (error) {
      if (error instanceof Failed) return rejected('conversion_failed', place, error.message);
      throw error;
    }
  };
}

function evaluate<R>(term: Term, find: (path: string) => Find<R>, sha256: Sha256): Evaluate<R> {
  if ('value' in term) {
    const value = constant(term.value);
    return () => value;
  }
  if ('hash' in term) {
    const finds = term.hash.map(find);
    return (record) => {
      const values = finds.map((one) => one(record));
      if (values.every((value) => value === undefined)) throw new Failed('none of the hashed paths has a value');
      return sha256(jsonText(values.map((value) => value ?? null))).slice(0, 32);
    };
  }
  if ('template' in term) return evaluateTemplate(term.template, term.as, find);
  return evaluatePath(term, find(term.path));
}

function evaluatePath<R>({ as = [], choose, default: otherwise }: PathTerm, find: Find<R>): Evaluate<R> {
  const absent = otherwise === undefined ? undefined : constant(otherwise);
  const choices = choose && new Map(Object.entries(choose).map(([from, to]) => [from, constant(to)]));
  return (record) => {
    const found = find(record);
    if (found === undefined || found === null) return absent ?? (choices ? undefined : found);
    const value = converted(found, as);
    if (!choices) return value;
    const chosen = choices.get(scalarText(value) ?? '') ?? absent;
    if (chosen === undefined) throw new Failed('is none of the values that the mapping chooses by');
    return chosen;
  };
}

function evaluateTemplate<R>(template: string, as: PathTerm['as'], find: (path: string) => Find<R>): Evaluate<R> {
  // Texts stand at even places, paths at odd ones.
  const parts = template.split(PATHS_OF_TEMPLATE).map((part, index) => (index % 2 === 0 ? part : find(part)));
  return (record) => {
    let text = '';
    for (const part of parts) {
      const value = typeof part === 'string' ? part : (part(record) ?? undefined);
      if (value === undefined) return undefined;
      const more = scalarText(value);
      if (more === undefined) throw new Failed('a path of the template is no text');
      text += more;
    }
    return converted(text, as ?? []);
  };
}

function converted(value: JsonValue, as: NonNullable<PathTerm['as']>): JsonValue {
  let result = value;
  for (const conversion of as) {
    const next = convert(result, conversion);
    if (next === undefined)
      throw new Failed(
        typeof conversion === 'string'
          ? `cannot be converted by ${conversion}`
          : 'is no date or time of the form that the mapping states',
      );
    result = next;
  }
  return result;
}

const constant = (value: string | number | boolean): JsonValue =>
  typeof value === 'number' ? new NumberText(String(value)) : value;

/** Values in the types that fields of events have; what cannot be one is left as it is, for the reader to refuse. */
function typed(field: EventField, value: JsonValue): JsonValue {
  const text = scalarText(value);
  if (text === undefined) return value;
  switch (field) {
    case 'sequence':
    case 'attempt':
      return convert(text, 'number') ?? value;
    case 'test':
    case 'manual':
    case 'synthetic':
      return convert(text, 'boolean') ?? value;
    case 'occurredAt':
    case 'originAt':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : value;
    default:
      return text;
  }
}

function put(into: Record<string, JsonValue>, steps: readonly string[], value: JsonValue): void {
  let at = into;
  for (const step of steps.slice(0, -1)) {
    const below = at[step];
    at = at[step] = Object.assign(emptyObject(), isObject(below) ? below : undefined);
  }
  at[steps.at(-1)!] = value;
}
