import { isUtf8 } from 'node:buffer';
import { applyPatch, type Operation } from 'rfc6902';
import { canonicalJson, exactDecimal, exactText, parseExact } from '../core/exact-json';
import { countMembers, type Scan, scanRecord } from '../core/scan-record';
import { LONGEST_RECORD } from '../intake/split-records';

/** A patch that does not fit the record it is for. The reason names the operation, and nothing that the record holds. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  constructor(
    readonly operation: number,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * A record after a JSON Patch (RFC 6902), long numbers as exact as before. A record that is no JSON has no members: only its whole can be replaced.
 * @throws PatchError when an operation cannot be applied, or its test fails
 */
export function patchRecord(record: Buffer, patch: readonly Operation[]): Buffer {
  const document: { record?: unknown } = {};
  const hasParts = isWhole(record);
  if (hasParts) document.record = parseExact(record.toString('utf8'));
  for (const [index, operation] of patch.entries()) {
    const pointers = 'from' in operation ? [operation.from, operation.path] : [operation.path];
    if (pointers.some((pointer) => /(?:^|\/)(?:__proto__|constructor|prototype)(?:\/|$)/.test(pointer)))
      throw new PatchError(index, 'names a member that reaches the prototype of an object');
    if (!hasParts && document.record === undefined && !isReplacement(operation)) throw new PatchError(index, NO_PARTS);
    if (!isThere(document, within(operation))) throw new PatchError(index, NO_PLACE);
    if (operation.op === 'test') {
      // Not by the library: its failures carry both values as text, which an object with a member `toString` cannot become.
      const value = valueAt(document, namesOf(within(operation).path));
      if (canonicalJson(exactText(value)) !== canonicalJson(exactText(operation.value)))
        throw new PatchError(index, OTHER_VALUE);
      continue;
    }
    const [failure] = applyPatch(document, [within(operation)]);
    if (failure) throw new PatchError(index, failure.name === 'MissingError' ? NO_PLACE : 'cannot be applied');
    // Copies of copies double with every operation.
    if (operation.op === 'copy' && exactText(document.record).length > LONGEST_RECORD)
      throw new PatchError(index, TOO_LONG);
  }
  if (document.record === undefined) throw new PatchError(patch.length - 1, 'leaves no record');
  const patched = Buffer.from(exactText(document.record));
  if (patched.length > LONGEST_RECORD) throw new PatchError(patch.length - 1, TOO_LONG);
  return patched;
}

const isReplacement = ({ op, path }: Operation): boolean => path === '' && (op === 'add' || op === 'replace');

const NO_PARTS = 'is for a part of a record that is no JSON in UTF-8 with each member once: replace it as a whole';
const NO_PLACE = 'names a place that the record does not have';
const OTHER_VALUE = 'tests for a value that the record does not have';
const TOO_LONG = 'makes the record longer than 1 MiB';

/** Whether a record is one JSON value in UTF-8 that names each member once: of anything else, a part would be lost by reading it. */
function isWhole(record: Buffer): boolean {
  if (!isUtf8(record)) return false;
  const scan: Scan = { dataStart: -1, dataEnd: -1, members: 0, depth: 0, longNumber: false };
  scanRecord(record, 0, record.length, scan);
  try {
    return scan.depth <= MOST_LEVELS && countMembers(JSON.parse(record.toString('utf8'))) === scan.members;
  } catch {
    return false;
  }
}

const MOST_LEVELS = 64;

/** Whether all that an operation reads is of the record itself: the library would also find what every object inherits, such as `toString`. */
function isThere(document: object, operation: Operation): boolean {
  const { op, path } = operation;
  const way = namesOf(path);
  if ('from' in operation && valueAt(document, namesOf(operation.from)) === undefined) return false;
  if (op === 'remove' || op === 'replace' || op === 'test') return valueAt(document, way) !== undefined;
  return holdsOthers(valueAt(document, way.slice(0, -1)));
}

const namesOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));

/** @returns undefined where nothing is; JSON has no such value */
function valueAt(document: object, way: readonly string[]): unknown {
  let at: unknown = document;
  for (const name of way) {
    if (!holdsOthers(at) || !Object.hasOwn(at, name)) return undefined;
    if (Array.isArray(at) && !/^\d+$/.test(name)) return undefined;
    at = at[name];
  }
  return at;
}

/** Whether it is an object or an array; a long number is neither, though it is read as an object. */
const holdsOthers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && exactDecimal(value) === undefined;

/** The record as a member of a document, so that its whole can be replaced as well. */
function within(operation: Operation): Operation {
  const moved = { ...operation, path: `/record${operation.path}` };
  if ('from' in moved) moved.from = `/record${moved.from}`;
  // To replace what is not there is to add it: a record that is no JSON.
  return moved.op === 'replace' && operation.path === '' ? { ...moved, op: 'add' } : moved;
}
