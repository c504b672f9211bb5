import type { ReadColumn } from '../core/plan';
import { isNumeric, isPlainNumber, type Dialect } from './dialect';
import { booleanOf, wrongValue } from './literals';
import { canonicalOfText, orderOfText } from './untyped-text';

const quote = (identifier: string): string => `\`${escape(identifier).replaceAll('`', '\\`')}\``;
const escape = (text: string): string => text.replaceAll('\\', '\\\\');
const text = (value: string): string => `'${escape(value).replaceAll("'", "\\'")}'`;

/** The type inside Nullable and LowCardinality. */
export const innerType = (native: string): string => {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(native)?.[1];
  return inner === undefined ? native : innerType(inner);
};

const withoutZeros = (sql: string): string => `trim(TRAILING '.' FROM trim(TRAILING '0' FROM ${sql}))`;

/** ClickHouse, and files through the embedded engine. */
export const clickhouseDialect: Dialect = {
  quote,
  nullsFirst: ' nulls first',
  literal(value, column) {
    const isUntyped = column.column.type.kind === 'untyped';
    if (column.as.kind === 'boolean' || column.column.type.kind === 'boolean')
      return booleanOf(value, column) ? 'true' : 'false';
    if (isNumeric(column.as)) {
      if (!isPlainNumber(value)) throw wrongValue(column);
      if (column.column.type.kind === 'float') return value;
      // A literal with a point is a double, and one with many digits too.
      const scale = /\.(\d+)/.exec(value)?.[1]?.length ?? 0;
      return scale > 0 || column.as.kind === 'decimal' ? `toDecimal256('${value}', ${scale})` : `toInt256('${value}')`;
    }
    switch (column.as.kind) {
      case 'bytes':
        return isUntyped ? text(value.toLowerCase()) : `unhex(${text(value)})`;
      case 'timestamp':
        return `parseDateTime64BestEffort(${text(value)}, 9, 'UTC')`;
      case 'date':
        return isUntyped ? text(value) : `toDate32(${text(value)})`;
      default:
        return text(value);
    }
  },
  canonical(column) {
    const sql = quote(column.column.name);
    const { native, type } = column.column;
    const inner = innerType(native);
    if (type.kind === 'untyped') return canonicalOfText(sql, column.as.kind);
    switch (column.as.kind) {
      case 'integer':
        return type.kind === 'boolean' ? `toUInt8(${sql})` : sql;
      case 'boolean':
        return type.kind === 'boolean' ? `toUInt8(${sql})` : sql;
      case 'decimal':
        if (type.kind === 'decimal' && column.as.scale !== undefined)
          return `toDecimalString(${sql}, ${column.as.scale})`;
        return inner === 'Float32' ? `toFloat64(${sql})` : sql;
      case 'float':
        return inner === 'Float32' ? `toFloat64(${sql})` : sql;
      case 'bytes':
        // Zero bytes are bytes here: those behind a FixedString are part of it.
        return `lower(hex(${sql}))`;
      case 'timestamp': {
        const shown = `toString(${sql}, 'UTC')`;
        return /^DateTime64\([1-9]/.test(inner) ? withoutZeros(shown) : shown;
      }
      case 'uuid':
        return type.kind === 'uuid' ? `toString(${sql})` : `lower(${unpadded(sql, inner)})`;
      case 'date':
      case 'time':
        return `toString(${sql})`;
      default:
        return unpadded(sql, inner);
    }
  },
  order(column) {
    const sql = quote(column.column.name);
    if (column.column.type.kind === 'untyped') return orderOfText(sql, column);
    switch (column.as.kind) {
      case 'integer':
      case 'boolean':
      case 'decimal':
      case 'timestamp':
      case 'date':
        return sql;
      case 'bytes':
        return `toString(${sql})`;
      default:
        return clickhouseDialect.canonical(column);
    }
  },
  line: (columns) => columns.map((column) => clickhouseDialect.canonical(column)).join(', '),
  fields: (texts) => texts.join(', '),
  // 64 bits would wrap.
  sum: ({ column }) =>
    `sum(${column.type.kind === 'integer' ? `toInt256(${quote(column.name)})` : quote(column.name)})`,
  hashPrefix: (sql) => `substring(lower(hex(MD5(${sql}))), 1, 8)`,
  joined: (texts) =>
    texts.length === 1
      ? `ifNull(toString(${texts[0]!}), '')`
      : `arrayStringConcat(arrayFilter(x -> isNotNull(x), [${texts.map((one) => `toString(${one})`).join(', ')}]), '|')`,
  digest(columns) {
    const fields = columns.map((column) => `ifNull(${escaped(column)}, '\\\\N')`);
    const line = fields.length === 1 ? fields[0]! : `concat(${fields.join(", '\\t', ")})`;
    return `lower(hex(MD5(arrayStringConcat(arrayMap(x -> x.2, arraySort(groupArray((${clickhouseDialect.order(columns[0]!)}, ${line})))), '\\n'))))`;
  },
  digestLine: (block, digest) => `${block}, count(), ${digest}`,
  block: (order, size) => `intDiv(${order} - positiveModulo(${order}, ${size}), ${size})`,
};

/** A FixedString has zero bytes behind its text. */
function unpadded(sql: string, inner: string): string {
  if (inner.startsWith('FixedString')) return `trim(TRAILING char(0) FROM toString(${sql}))`;
  return inner === 'String' ? sql : `toString(${sql})`;
}

/** Escapes tab, newline and backslash where a text can have them. */
function escaped(column: ReadColumn): string {
  const sql = clickhouseDialect.canonical(column);
  const { kind } = column.as;
  if (kind !== 'text' && kind !== 'untyped' && kind !== 'other' && kind !== 'json') return `toString(${sql})`;
  return `replaceAll(replaceAll(replaceAll(${sql}, '\\\\', '\\\\\\\\'), '\\t', '\\\\t'), '\\n', '\\\\n')`;
}
