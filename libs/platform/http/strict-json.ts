import { isUtf8 } from 'node:buffer';
import { DomainError, invalid } from '@holdfast/kernel';

/** How deep objects and arrays of a document may be nested. */
export const MAX_DEPTH = 64;

/**
 * Reads JSON of a document. JavaScript's own reader lets through what another reader of the same bytes would understand differently:
 * bytes that are no UTF-8, a member named twice; and what is made to do harm: endless nesting, names that reach an object's prototype.
 * @throws DomainError `invalid`: malformed_json, invalid_utf8, nested_too_deeply, duplicate_member, forbidden_member; none quotes the text
 */
export function parseStrictJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw invalid('invalid_utf8', 'the body is not UTF-8');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('malformed_json', 'the body is not JSON');
  }
  checkMembers(text);
  return value;
}

interface Level {
  /** Names seen in an object; undefined in an array. */
  readonly names: Set<string> | undefined;
  readonly parent: string | undefined;
  lastName: string | undefined;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Walks the tokens of a text that is JSON. */
function checkMembers(text: string): void {
  const levels: Level[] = [];
  let expectsName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === '{' || token === '[') {
      if (levels.length === MAX_DEPTH)
        throw invalid('nested_too_deeply', `the body is nested deeper than ${MAX_DEPTH} levels`);
      const isObject = token === '{';
      levels.push({ names: isObject ? new Set() : undefined, parent: level?.lastName, lastName: undefined });
      expectsName = isObject;
    } else if (token === '}' || token === ']') {
      levels.pop();
      expectsName = false;
    } else if (token === ',') {
      expectsName = level?.names !== undefined;
    } else if (token === ':') {
      expectsName = false;
    } else if (expectsName && level) {
      enter(level, JSON.parse(token) as string);
    }
  }
}

function enter(level: Level, name: string): void {
  if (name === '__proto__' || (name === 'prototype' && level.parent === 'constructor'))
    throw new DomainError('invalid', 'forbidden_member', 'the body has a member with a reserved name');
  if (level.names?.has(name)) throw invalid('duplicate_member', 'the body names a member of an object twice');
  level.names?.add(name);
  level.lastName = name;
}
