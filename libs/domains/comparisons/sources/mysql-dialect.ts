import type { ReadColumn } from '../core/plan';
import { isNumeric, isPlainNumber, type Dialect } from './dialect';
import { wrongValue } from './literals';

const quote = (identifier: string): string => `\`${identifier.replaceAll('`', '``')}\``;
const hex = (value: string): string => `x'${Buffer.from(value, 'utf8').toString('hex')}'`;
const TAB = "x'09'";
const NULL = "x'5c4e'";
const TIME = /^[0-9 :.T+-]{1,40}$/;
const HEX = /^[0-9a-f]*$/i;

/** The type without its length. */
export const baseType = (native: string): string => /^\w+/.exec(native)![0];

const withoutZeros = (sql: string): string => `trim(trailing '.' from trim(trailing '0' from ${sql}))`;
const utf8 = (sql: string): string => `convert(${sql} using utf8mb4)`;

/** MySQL and MariaDB. Texts are written in hexadecimal digits: what a backslash means depends on modes. */
export const mysqlDialect: Dialect = {
  quote,
  nullsFirst: '', // where NULL is anyway
  literal(value, column) {
    if (isNumeric(column.as)) {
      // A boolean of another store is a tinyint here.
      if (baseType(column.column.native) === 'tinyint' && (value === 'true' || value === 'false'))
        return value === 'true' ? '1' : '0';
      if (!isPlainNumber(value)) throw wrongValue(column);
      return value;
    }
    switch (column.as.kind) {
      case 'bytes':
        if (!HEX.test(value)) throw wrongValue(column);
        return `x'${value}'`;
      case 'date':
      case 'time':
      case 'timestamp':
        if (!TIME.test(value)) throw wrongValue(column);
        return `'${value}'`;
      default:
        return hex(value);
    }
  },
  canonical(column) {
    const sql = quote(column.column.name);
    const { native, type } = column.column;
    const base = baseType(native);
    switch (column.as.kind) {
      case 'integer':
        return base === 'bit' || native.includes('zerofill') ? `(${sql} + 0)` : sql;
      case 'decimal':
        if (native.includes('zerofill')) return `(${sql} + 0)`;
        if (base === 'float') return `cast(${sql} as double)`;
        // The text is the value with all its digits: a decimal has those of its scale.
        return type.kind === 'decimal' && column.as.scale === undefined && type.scale !== 0 ? withoutZeros(sql) : sql;
      case 'float':
        return base === 'float' ? `cast(${sql} as double)` : sql; // a float is shown with six digits
      case 'bytes':
        return type.kind === 'bytes' ? `lower(hex(${sql}))` : `lower(hex(${utf8(sql)}))`;
      case 'timestamp':
      case 'time':
        return native.includes('(') ? withoutZeros(sql) : sql;
      case 'date':
        return sql;
      case 'uuid':
        return type.kind === 'uuid' ? `cast(${sql} as char)` : `lower(${utf8(sql)})`;
      default:
        return utf8(sql);
    }
  },
  order(column) {
    const { kind } = column.as;
    if (kind === 'text' || kind === 'untyped' || kind === 'other' || kind === 'json' || kind === 'uuid')
      return `cast(${mysqlDialect.canonical(column)} as binary)`;
    return quote(column.column.name);
  },
  line: (columns) => `${lineOf(columns)} as line`,
  fields: (texts) =>
    `${oneLine(texts.map((sql) => `if(${sql} is null, ${NULL}, replace(replace(replace(${sql}, x'5c', x'5c5c'), x'09', x'5c74'), x'0a', x'5c6e'))`))} as line`,
  sum: (column) => `sum(${quote(column.column.name)})`,
  hashPrefix: (sql) => `left(md5(${sql}), 8)`,
  joined: (texts) => `concat_ws(x'7c', ${texts.join(', ')})`,
  digest(columns) {
    const line = lineOf(columns);
    // A line that is too wide is NULL, which a concatenation passes over: there is no digest then.
    return `if(count(*) = count(${line}), md5(group_concat(${line} order by ${mysqlDialect.order(columns[0]!)} separator '\n')), null)`;
  },
  digestLine: (block, digest) => `${oneLine([block, 'count(*)', digest])} as line`,
  // Exact: a division by a power of two up to 256 has four digits at most that count.
  block: (order, size) => `floor(${order} / ${size})`,
};

/** NULL where a field is: whoever reads it ends with an error. A text beyond max_allowed_packet is NULL to the server, with a warning that nobody sees. */
const oneLine = (fields: readonly string[]): string => `concat(${fields.join(`, ${TAB}, `)})`;

const lineOf = (columns: readonly ReadColumn[]): string =>
  oneLine(columns.map((column) => `if(${quote(column.column.name)} is null, ${NULL}, ${escaped(column)})`));

/** Escapes tab, newline and backslash where a text can have them. */
function escaped(column: ReadColumn): string {
  const sql = mysqlDialect.canonical(column);
  const { kind } = column.as;
  if (kind !== 'text' && kind !== 'untyped' && kind !== 'other' && kind !== 'json' && kind !== 'uuid') return sql;
  return `replace(replace(replace(${sql}, x'5c', x'5c5c'), x'09', x'5c74'), x'0a', x'5c6e')`;
}
