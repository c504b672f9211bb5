import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseAllDocuments, type YAMLMap } from 'yaml';

/** A document that has no members that could be told: the message says why, as what follows its name. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

const DEEPEST = 200;
/** Values that one member may hold, and aliases that may be followed for it: each may stand for many. */
const MOST_VALUES = 100_000;
const MOST_ALIASES = 1_000;
/** Numbers that are JSON as they stand. */
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Top-level members of a YAML or JSON document in its own words: `1.10` is no 1.1. A list or a mapping is JSON, its numbers as they are written. Aliases and merge
 * keys (`<<`) are resolved: https://yaml.org/type/merge.html. NULL where there is no such member, and of a document that is no mapping.
 * @throws DocumentError
 */
export function membersIn(text: string, members: readonly string[]): Record<string, string | null> {
  const none = Object.fromEntries(members.map((name) => [name, null]));
  const documents = parseAllDocuments(text, { uniqueKeys: true, logLevel: 'silent' });
  if (!Array.isArray(documents)) return none; // empty
  if (documents.length > 1) throw new DocumentError('holds several documents');
  const [document] = documents;
  if (!document || document.errors.length > 0) throw new DocumentError('is no YAML or JSON');
  const { contents } = document;
  if (!isMap(contents)) return none;
  const root = new Resolver(document).pairs(contents, 0);
  return Object.fromEntries(
    members.map((name) => [name, root.has(name) ? new Resolver(document).member(root.get(name)) : null]),
  );
}

/** Follows aliases, so many and no more: they may lead in circles. */
class Resolver {
  private values = 0;
  private aliases = 0;

  constructor(private readonly document: Document.Parsed) {}

  member(node: unknown): string | null {
    const value = this.resolved(node);
    if (!isScalar(value)) return value === null ? null : this.json(value, 0);
    return value.value === null ? null : wordsOf(value);
  }

  /** Own ones of a mapping, and those that it merges: what comes first holds. */
  pairs(map: YAMLMap, depth: number): Map<string, unknown> {
    if (depth > DEEPEST) throw new DocumentError('is nested too deep');
    const merged: unknown[] = [];
    const pairs = new Map<string, unknown>();
    for (const pair of map.items) {
      if (isMerge(pair)) merged.push(pair.value);
      else pairs.set(this.keyOf(pair), pair.value);
    }
    for (const one of merged.flatMap((value) => this.mergedBy(value)))
      for (const [name, value] of this.pairs(one, depth + 1)) if (!pairs.has(name)) pairs.set(name, value);
    return pairs;
  }

  private mergedBy(node: unknown): YAMLMap[] {
    const value = this.resolved(node);
    const maps = isSeq(value) ? value.items.map((item) => this.resolved(item)) : [value];
    return maps.map((map) => {
      if (isMap(map)) return map;
      throw new DocumentError('merges what is no mapping');
    });
  }

  private keyOf({ key }: Pair): string {
    const name = this.resolved(key);
    return isScalar(name) ? wordsOf(name) : this.json(name, 0);
  }

  private resolved(node: unknown): unknown {
    let value = node;
    while (isAlias(value)) {
      if (++this.aliases > MOST_ALIASES) throw new DocumentError(`has more than ${MOST_ALIASES} aliases in a member`);
      value = value.resolve(this.document);
      if (value === undefined) throw new DocumentError('has an alias of nothing');
    }
    return value;
  }

  private json(node: unknown, depth: number): string {
    if (++this.values > MOST_VALUES) throw new DocumentError(`has more than ${MOST_VALUES} values in a member`);
    if (depth > DEEPEST) throw new DocumentError('is nested too deep');
    const value = this.resolved(node);
    if (isSeq(value)) return `[${value.items.map((item) => this.json(item, depth + 1)).join(',')}]`;
    if (isMap(value)) {
      const members = [...this.pairs(value, depth)].map(
        ([name, one]) => `${JSON.stringify(name)}:${this.json(one, depth + 1)}`,
      );
      return `{${members.join(',')}}`;
    }
    if (!isScalar(value) || value.value === null) return 'null';
    const words = wordsOf(value);
    const isBare = typeof value.value === 'boolean' || (typeof value.value !== 'string' && JSON_NUMBER.test(words));
    return isBare ? (typeof value.value === 'boolean' ? String(value.value) : words) : JSON.stringify(words);
  }
}

const isMerge = ({ key }: Pair): boolean => isScalar(key) && key.source === '<<' && key.type === 'PLAIN';

const wordsOf = ({ source, value }: { readonly source?: string; readonly value: unknown }): string =>
  source ?? String(value);
