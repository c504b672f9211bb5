import type { LogicalType } from '../core/logical-type';
import { isNumeric, isPlainNumber, type Dialect } from './dialect';
import { booleanOf, wrongValue } from './literals';
import type { ReadColumn } from '../core/plan';

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
const name = ({ column }: ReadColumn): string => quote(column.name);
/** With standard_conforming_strings, which the session sets. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** @param isUtf8 whether the database's own encoding is UTF-8: then collation "C" orders by the bytes of it */
export const postgresqlDialect = (isUtf8: boolean): Dialect => {
  const bytewise = (sql: string): string => (isUtf8 ? `${sql} collate "C"` : `convert_to(${sql}, 'UTF8')`);
  const dialect: Dialect = {
    quote,
    nullsFirst: ' nulls first',
    literal(value, column) {
      // Also one that is compared as the number that another store has: it has no other order here.
      if (column.column.type.kind === 'boolean') return booleanOf(value, column) ? 'true' : 'false';
      if (isNumeric(column.as)) {
        if (!isPlainNumber(value)) throw wrongValue(column);
        return value;
      }
      switch (column.as.kind) {
        case 'text':
        case 'untyped':
        case 'other':
        case 'json':
          return isUtf8 ? text(value) : `convert_to(${text(value)}, 'UTF8')`;
        case 'bytes':
          return `decode(${text(value)}, 'hex')`;
        default:
          return text(value);
      }
    },
    canonical(column) {
      const { kind, scale } = column.as;
      const sql = name(column);
      const { native, type } = column.column;
      switch (kind) {
        case 'decimal':
          return type.kind === 'decimal' && scale === undefined ? `trim_scale(${sql})` : sql;
        case 'float':
          return native === 'real' ? `${sql}::float8` : sql;
        case 'integer':
        case 'boolean':
          return type.kind === 'boolean' ? `${sql}::int` : sql;
        case 'bytes':
          return `encode(${sql}, 'hex')`;
        case 'timestamp':
          return native === 'timestamp with time zone' ? `(${sql} at time zone 'UTC')` : sql;
        case 'time':
        case 'date':
          return sql;
        case 'uuid':
          return type.kind === 'uuid' ? sql : `lower(${sql}::text)`;
        default:
          return native === 'text' || native === 'character varying' ? sql : `${sql}::text`;
      }
    },
    order(column) {
      const { kind } = column.as;
      if (isText(column.as)) return bytewise(dialect.canonical(column));
      if (kind === 'uuid' && column.column.type.kind !== 'uuid') return bytewise(dialect.canonical(column));
      return name(column);
    },
    line: (columns) => columns.map((column) => dialect.canonical(column)).join(', '),
    fields: (texts) => texts.join(', '),
    sum: (column) => `sum(${name(column)})`,
    hashPrefix: (sql) => `left(md5(${sql}), 8) collate "C"`,
    joined: (texts) => `concat_ws('|', ${texts.join(', ')})`,
    digest(columns) {
      const fields = columns.map((column) => `coalesce(${escaped(dialect.canonical(column), column)}, '\\N')`);
      const order = columns.slice(0, 1).map((column) => dialect.order(column));
      return `md5(string_agg(${fields.join(` || E'\\t' || `)}, E'\\n' order by ${order.join(', ')}))`;
    },
    digestLine: (block, digest) => `${block}, count(*), ${digest}`,
    // A shift of negative numbers rounds down, a division does not.
    block: (order, size) => `((${order})::bigint >> ${Math.log2(size)})`,
  };
  return dialect;
};

const isText = ({ kind }: LogicalType): boolean =>
  kind === 'text' || kind === 'untyped' || kind === 'other' || kind === 'json';

/** Escapes tab, newline and backslash where a text can have them. */
const escaped = (sql: string, { as }: ReadColumn): string =>
  isText(as)
    ? `replace(replace(replace(${sql}, E'\\\\', E'\\\\\\\\'), E'\\t', E'\\\\t'), E'\\n', E'\\\\n')`
    : `(${sql})::text`;
