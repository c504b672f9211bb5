import { type FieldProblem, invalid } from '@holdfast/kernel';
import type { LogicalType, TableColumn } from './logical-type';
import type { ReadColumn } from './plan';

/** The column of a data set that holds keys, and the one that says since when a row is there. */
export interface KeyColumn {
  readonly key: string;
  /** All rows count where it is not given. */
  readonly since?: string | undefined;
}

/** How they are read. */
export interface KeyColumnPlan {
  /** In the order of the bytes of its text: whole numbers, too. */
  readonly inOrder: ReadColumn;
  /** As the store has it, so that it can use an index to look keys up. */
  readonly lookedUp: ReadColumn;
  readonly since: ReadColumn | undefined;
}

/** @throws DomainError `column_unknown`, `columns_incomparable`, naming `key` or `since` */
export function planKeyColumn(
  title: string,
  { key, since }: KeyColumn,
  columns: readonly TableColumn[],
): KeyColumnPlan {
  const find = (name: string): TableColumn | undefined => columns.find((column) => column.name === name);
  const [keys, times] = [find(key), since === undefined ? undefined : find(since)];
  const missing = (field: string, name: string): FieldProblem => ({ field, reason: `there is no column ${name}` });
  const unknown = [
    ...(keys ? [] : [missing('key', key)]),
    ...(since === undefined || times ? [] : [missing('since', since)]),
  ];
  if (!keys || unknown.length > 0) throw told('column_unknown', title, unknown);
  const wrong = [
    ...(isKey(keys)
      ? []
      : [{ field: 'key', reason: `must hold texts, whole numbers or UUIDs; ${key} is ${keys.native}` }]),
    ...(!times || times.type.kind === 'timestamp' || times.type.kind === 'untyped'
      ? []
      : [{ field: 'since', reason: `must hold timestamps; ${times.name} is ${times.native}` }]),
  ];
  if (wrong.length > 0) throw told('columns_incomparable', title, wrong);
  return {
    inOrder: { column: keys, as: keys.type.kind === 'uuid' ? keys.type : { kind: 'text' } },
    lookedUp: { column: keys, as: keys.type.kind === 'untyped' ? { kind: 'text' } : keys.type },
    since: times && { column: times, as: { kind: 'timestamp' } },
  };
}

const told = (code: string, title: string, fields: readonly FieldProblem[]): Error =>
  invalid(code, `${title}: ${fields.map(({ field, reason }) => `${field} ${reason}`).join('; ')}`, fields);

const isWholeNumber = ({ kind, scale }: LogicalType): boolean =>
  kind === 'integer' || (kind === 'decimal' && scale === 0);

/** Values whose text is the same wherever they are: of other numbers, times and bytes there are several. Padding with zeros is no part of a number, and bits have no text. */
const isKey = ({ type, native }: TableColumn): boolean =>
  (isWholeNumber(type) && !/zerofill|^bit\b/i.test(native)) || ['text', 'uuid', 'untyped'].includes(type.kind);

const WHOLE_NUMBER = /^(0|-?[1-9]\d{0,75})$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a column of this type could hold a key: a store is not asked for what would be no literal there. */
export function couldHold({ as }: ReadColumn, key: string): boolean {
  if (isWholeNumber(as)) return WHOLE_NUMBER.test(key);
  return as.kind === 'uuid' ? UUID.test(key) : true;
}
