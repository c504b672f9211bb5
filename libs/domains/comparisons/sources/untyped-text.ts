import type { TypeKind } from '../core/logical-type';
import type { ReadColumn } from '../core/plan';

/**
 * Texts of files, in the SQL of the engine, as what the other side has: a timestamp, a boolean, a number or bytes. What is written in a way that is not known here
 * stays the text that it is: a false difference is told, a false equality would not be.
 */

/** Years that the engine's times hold; those outside would be taken for its first or its last. */
const TIMESTAMP =
  '^(19[0-9]{2}|2[01][0-9]{2}|22[0-5][0-9])-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$';
const INTEGER = '^[+-]?[0-9]{1,70}$';
const DECIMAL = '^[+-]?[0-9]{1,40}([.][0-9]{1,30})?$';

const withoutZeros = (sql: string): string => `trim(TRAILING '.' FROM trim(TRAILING '0' FROM ${sql}))`;
const where = (sql: string, pattern: string, known: string): string =>
  `if(match(${sql}, '${pattern}'), ifNull(${known}, ${sql}), ${sql})`;

/** The canonical text of a text. */
export function canonicalOfText(sql: string, kind: TypeKind): string {
  switch (kind) {
    case 'integer':
      return where(sql, INTEGER, `toString(toInt256OrNull(${sql}))`);
    case 'decimal':
      return where(sql, DECIMAL, withoutZeros(`toDecimalString(toDecimal256OrNull(${sql}, 30), 30)`));
    case 'boolean':
      return `multiIf(lower(${sql}) in ('1', 't', 'true'), '1', lower(${sql}) in ('0', 'f', 'false'), '0', ${sql})`;
    case 'timestamp': {
      const parsed = `parseDateTime64BestEffortOrNull(${sql}, 9, 'UTC')`;
      return where(sql, TIMESTAMP, withoutZeros(`toString(${parsed}, 'UTC')`));
    }
    case 'bytes':
      return `lower(replaceRegexpOne(${sql}, '^[\\\\\\\\]x', ''))`;
    case 'uuid':
      return `lower(${sql})`;
    default:
      return sql;
  }
}

/** How the canonical text of a key looks; a key that looks different cannot be brought into the order of the other side. */
const KEYS: Partial<Readonly<Record<TypeKind, string>>> = {
  integer: '^-?[0-9]{1,70}$',
  decimal: '^-?[0-9]{1,40}([.][0-9]{1,30})?$',
  boolean: '^[01]$',
  timestamp: '^(19|2[0-2])[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?$',
  date: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  time: '^[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?$',
  bytes: '^([0-9a-f]{2})*$',
  uuid: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
};

/** What a text is ordered by. The statement ends, by `UNFIT`, at a text that is nothing of this kind. */
export function orderOfText(sql: string, { column, as }: ReadColumn): string {
  const text = canonicalOfText(sql, as.kind);
  const pattern = KEYS[as.kind];
  if (pattern === undefined) return text;
  const told = `${UNFIT} ${JSON.stringify(column.name)} ${as.kind} ;`.replace(/[\\']/g, '\\$&');
  // An empty text behind it, which the engine cannot know to be empty.
  const checked = `concat(${text}, substring('', 1 + throwIf(not ifNull(match(${text}, '${pattern}'), true), '${told}')))`;
  switch (as.kind) {
    case 'integer':
      return `toInt256(${checked})`;
    case 'decimal':
      return `toDecimal256(${checked}, 30)`;
    case 'boolean':
      return `toUInt8(${checked})`;
    case 'timestamp':
      return `toDateTime64(${checked}, 9, 'UTC')`;
    default:
      return checked;
  }
}

const UNFIT = 'holdfast unfit';

/** Column and kind of which an error of the engine says that a text is nothing of the kind. */
export function unfitIn(message: string): { readonly column: string; readonly kind: string } | undefined {
  const match = /holdfast unfit ("(?:[^"\\]|\\.)*") (\w+) ;/.exec(message);
  return match ? { column: JSON.parse(match[1]!) as string, kind: match[2]! } : undefined;
}
