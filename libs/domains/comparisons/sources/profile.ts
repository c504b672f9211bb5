import { invalid } from '@holdfast/kernel';
import type { ProfileDataSet } from '../core/data-set';
import type { TableColumn } from '../core/logical-type';
import type { ReadColumn } from '../core/plan';
import { plainNumber } from '../core/decimal';
import { fieldsOf, textOf } from '../core/canonical';
import { LineReader } from '../core/line-reader';
import type { FileEngine } from './engine';
import { isNumeric } from './dialect';
import { type MadeRow, openMadeRows } from './made-rows';
import type { OpenOptions, ProfiledTable, Source } from './source';

/** Columns of a profile. `distinct_is` says whether `distinct` is all, or as far as it was counted. */
export const PROFILE_COLUMNS = ['column', 'rows', 'nulls', 'distinct', 'distinct_is', 'min', 'max', 'sum'] as const;
const DISTINCT_UP_TO = 100_000;

/** What the columns of a table hold, by SQL in the table's store. The table is closed once its profile is made. @throws DomainError `column_unknown` */
export async function openProfile(
  title: string,
  table: Source & ProfiledTable,
  { columns, distinctUpTo = DISTINCT_UP_TO }: ProfileDataSet,
  engine: FileEngine,
  options: OpenOptions,
): Promise<Source> {
  try {
    const described = await table.describe();
    const unknown = (columns ?? []).find((name) => !described.some((column) => column.name === name));
    if (unknown !== undefined)
      throw invalid('column_unknown', `${title} has no column ${unknown}`, [
        { field: 'columns', reason: `there is no column ${unknown}` },
      ]);
    const profiled = described.filter(({ name }) => columns?.includes(name) ?? true);
    return await openMadeRows(
      title,
      'profile',
      PROFILE_COLUMNS,
      rowsOf(table, profiled, distinctUpTo),
      engine,
      options,
      table,
    );
  } finally {
    await table.close();
  }
}

async function* rowsOf(
  table: ProfiledTable,
  columns: readonly TableColumn[],
  distinctUpTo: number,
): AsyncGenerator<MadeRow> {
  for (const column of columns) {
    const read: ReadColumn = { column, as: column.type };
    const [rows, nulls, distinct, min, max, sum] = await onlyLine(table.profile(read, distinctUpTo + 1));
    const isAll = Number(distinct) <= distinctUpTo;
    const shown = (text: string | null | undefined): string | null =>
      text === null || text === undefined ? null : canonicalIn(column, text);
    yield {
      ...{ column: column.name, rows: rows ?? '0', nulls: nulls ?? '0' },
      ...{ distinct: isAll ? (distinct ?? '0') : String(distinctUpTo), distinct_is: isAll ? 'exact' : 'at_least' },
      ...{ min: shown(min), max: shown(max), sum: isNumeric(column.type) ? shown(sum) : null },
    };
  }
}

/** Both sides of a comparison are texts here: equal values have to have equal ones. */
const canonicalIn = ({ type }: TableColumn, text: string): string =>
  isNumeric(type) || type.kind === 'boolean'
    ? (plainNumber(text) ?? text)
    : type.kind === 'timestamp' || type.kind === 'time'
      ? text.replace(/\.(\d*?)0+$/, '.$1').replace(/\.$/, '')
      : text;

async function onlyLine(chunks: AsyncIterator<Buffer>): Promise<(string | null)[]> {
  const reader = new LineReader(chunks);
  if (!(await reader.fill())) return [];
  const fields = fieldsOf(reader.line()).map(textOf);
  reader.advance(reader.end);
  await reader.fill(); // to its end: a statement that is cut short costs the snapshot
  return fields;
}
