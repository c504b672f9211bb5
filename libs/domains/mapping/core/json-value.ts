/** A number as its digits stand in a text: a double would round those beyond 15 digits. */
export class NumberText {
  constructor(readonly text: string) {}
}

/** What stands in a JSON text, or is to be written into one. */
export type JsonValue = string | boolean | null | NumberText | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Why a text was not read. */
export type NoJson = 'malformed_json' | 'too_deep' | 'duplicate_field';

export const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);
export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !(value instanceof NumberText) && !isList(value);

/** An object whose members may have any name, `__proto__` too. */
export const emptyObject = (): Record<string, JsonValue> => Object.create(null) as Record<string, JsonValue>;

export const objectOf = (members: Iterable<readonly [string, JsonValue]>): JsonObject => {
  const made = emptyObject();
  for (const [name, value] of members) made[name] = value;
  return made;
};

/** The JSON text of a value, numbers digit by digit. */
export function jsonText(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof NumberText) return value.text;
  let text = '';
  if (isList(value)) {
    for (const one of value) text += (text === '' ? '' : ',') + jsonText(one);
    return `[${text}]`;
  }
  for (const name in value) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${jsonText(value[name]!)}`;
  return `{${text}}`;
}

/** One text for all orders of an object's members. */
export function orderedText(value: JsonValue): string {
  if (isList(value)) return `[${value.map(orderedText).join(',')}]`;
  if (!isObject(value)) return jsonText(value);
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${orderedText(value[name]!)}`)
    .join(',')}}`;
}

/** Text of a scalar; undefined for null, objects and lists. */
export function scalarText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof NumberText) return value.text;
  return typeof value === 'boolean' ? String(value) : undefined;
}

/** Levels of objects and lists that are read. */
const MOST_LEVELS = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** Reads one JSON text (RFC 8259), numbers as they stand there. */
export function parseJson(text: string): { readonly value: JsonValue } | NoJson {
  const reader = new Reader(text);
  try {
    return { value: reader.whole() };
  } catch (error) {
    if (error instanceof Wrong) return error.why;
    if (error instanceof SyntaxError) return 'malformed_json';
    throw error;
  }
}

class Wrong extends Error {
  constructor(readonly why: NoJson) {
    super(why);
  }
}

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  whole(): JsonValue {
    const value = this.value(0);
    if (this.next() !== '') throw new Wrong('malformed_json');
    return value;
  }

  /** The next character that is no space, which is not taken; '' at the end. */
  private next(): string {
    for (let code = this.text.charCodeAt(this.at); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;)
      code = this.text.charCodeAt(++this.at);
    return this.text.charAt(this.at);
  }

  private value(level: number): JsonValue {
    const first = this.next();
    if (first === '"') return this.string();
    if (first === '{' || first === '[') {
      if (level === MOST_LEVELS) throw new Wrong('too_deep');
      this.at++;
      return first === '{' ? this.object(level + 1) : this.list(level + 1);
    }
    for (const [word, value] of WORDS)
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    NUMBER.lastIndex = this.at;
    const [number] = NUMBER.exec(this.text) ?? [];
    if (number === undefined) throw new Wrong('malformed_json');
    this.at += number.length;
    return new NumberText(number);
  }

  private string(): string {
    const from = this.at;
    let end = this.text.indexOf('"', from + 1);
    while (end > 0 && this.isEscaped(end, from)) end = this.text.indexOf('"', end + 1);
    if (end < 0) throw new Wrong('malformed_json');
    this.at = end + 1;
    return JSON.parse(this.text.slice(from, end + 1)) as string;
  }

  private isEscaped(at: number, from: number): boolean {
    let before = at - 1;
    while (before > from && this.text.charCodeAt(before) === 0x5c) before--;
    return (at - 1 - before) % 2 === 1;
  }

  private object(level: number): JsonObject {
    const found = emptyObject();
    if (this.ends('}')) return found;
    do {
      if (this.next() !== '"') throw new Wrong('malformed_json');
      const name = this.string();
      if (name in found) throw new Wrong('duplicate_field');
      if (!this.ends(':')) throw new Wrong('malformed_json');
      found[name] = this.value(level);
    } while (this.ends(','));
    if (!this.ends('}')) throw new Wrong('malformed_json');
    return found;
  }

  private list(level: number): JsonValue[] {
    const found: JsonValue[] = [];
    if (this.ends(']')) return found;
    do found.push(this.value(level));
    while (this.ends(','));
    if (!this.ends(']')) throw new Wrong('malformed_json');
    return found;
  }

  private ends(character: string): boolean {
    if (this.next() !== character) return false;
    this.at++;
    return true;
  }
}
