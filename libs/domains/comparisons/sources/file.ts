import { open, stat, type FileHandle } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { DomainError, invalid } from '@holdfast/kernel';
import type { ClickHouseSettings } from '@clickhouse/client';
import type { FileConnection } from '../connections';
import type { Stillness } from '../core/comparison';
import { FILE_FORMATS, type DataSetKind, type FileDataSet, type FileFormat } from '../core/data-set';
import type { TableColumn } from '../core/logical-type';
import { ClickhouseSource } from './clickhouse';
import { unknownTable } from './failures';
import type { FileEngine } from './engine';
import type { OpenOptions } from './source';
import { unfitIn } from './untyped-text';

/** What the engine calls the formats, and how it is kept from guessing: a text stays the text that it is until it is compared. */
const FORMATS: Readonly<
  Record<FileFormat | 'lines', { readonly name: string; readonly settings: ClickHouseSettings }>
> = {
  csv: {
    name: 'CSVWithNames',
    settings: {
      input_format_csv_trim_whitespaces: 0,
      input_format_csv_use_best_effort_in_schema_inference: 0,
      input_format_csv_empty_as_default: 1,
      // Columns are those of the header: what is unknown is one that is not asked for.
      input_format_skip_unknown_fields: 1,
    },
  },
  tsv: {
    name: 'TSVWithNames',
    settings: {
      input_format_tsv_use_best_effort_in_schema_inference: 0,
      input_format_tsv_empty_as_default: 0,
      input_format_skip_unknown_fields: 1,
    },
  },
  ndjson: {
    name: 'JSONEachRow',
    settings: {
      input_format_json_read_numbers_as_strings: 1,
      input_format_json_read_bools_as_strings: 1,
      input_format_json_read_objects_as_strings: 1,
      input_format_json_read_arrays_as_strings: 1,
    },
  },
  parquet: { name: 'Parquet', settings: {} },
  lines: { name: 'LineAsString', settings: {} },
};

const SETTINGS: ClickHouseSettings = {
  input_format_skip_unknown_fields: 0,
  input_format_allow_errors_num: '0',
  schema_inference_make_columns_nullable: '1' as never,
  max_memory_usage: String(1024 * 1024 * 1024),
  max_threads: 2,
};

/** A file that is at `path`, whatever its kind of data set. */
export interface LocalFile {
  readonly kind: DataSetKind;
  readonly path: string;
  readonly format: FileFormat | undefined;
}

/** A file below a folder. @throws DomainError `table_unknown`, `file_unreadable` */
export function openFile(
  title: string,
  { folder }: FileConnection,
  { path, format }: FileDataSet,
  engine: FileEngine,
  options: OpenOptions,
): Promise<ClickhouseSource> {
  const full = resolve(folder, path);
  if (!full.startsWith(resolve(folder) + sep) && resolve(folder) !== sep)
    throw invalid('comparison_invalid', `${title} is not below its folder`, [
      { field: 'path', reason: 'leads out of the folder' },
    ]);
  return openLocalFile(title, { kind: 'file', path: full, format }, engine, options);
}

/** @throws DomainError `table_unknown`, `file_unreadable` */
export async function openLocalFile(
  title: string,
  { kind, path, format = formatOf(path) }: LocalFile,
  engine: FileEngine,
  options: OpenOptions,
): Promise<ClickhouseSource> {
  if (!format)
    throw invalid(
      'file_unreadable',
      `${title}: what it is cannot be told by its name; formats are ${FILE_FORMATS.join(', ')}`,
    );
  const before = await identityOf(path);
  if (before === undefined) throw unknownTable(title);
  await checkEnds(title, path, format);
  const changed = async (): Promise<boolean> => (await identityOf(path)) !== before;
  const table = (names?: readonly string[]): Promise<FileSource> =>
    openTable(title, { kind, paths: [path], format, names, changed }, engine, options);
  const guessed = await table();
  try {
    if (format === 'parquet') return guessed;
    const columns = format === 'ndjson' ? await namesInJson(title, path) : await guessed.describe();
    await guessed.close();
    return await table(columns.map(({ name }) => name));
  } catch (error) {
    await guessed.close();
    throw error;
  }
}

/** Files of one format that are read as one table. */
export interface FileTable {
  readonly kind: DataSetKind;
  readonly paths: readonly string[];
  /** `lines`: of any text, as they are. */
  readonly format: FileFormat | 'lines';
  /** Columns that are texts, whatever the engine would guess of them: 007 is not 7. What the engine says where it is not given. */
  readonly names: readonly string[] | undefined;
  readonly changed: () => Promise<boolean | undefined>;
  /** `file` where it is not given. */
  readonly stillness?: Stillness;
}

export async function openTable(
  title: string,
  { kind, paths, format, names, changed, stillness = 'file' }: FileTable,
  engine: FileEngine,
  options: OpenOptions,
): Promise<FileSource> {
  const { url, password } = await engine.get();
  const { name, settings } = FORMATS[format];
  const structure = names?.map((column) => `\`${column.replaceAll('`', '\\`')}\` Nullable(String)`).join(', ');
  const [path] = paths;
  const file = `file(${literal(paths.length === 1 ? path! : `/{${paths.map((one) => one.slice(1)).join(',')}}`)}, '${name}'${structure === undefined ? '' : `, ${literal(structure)}`})`;
  return new FileSource(
    file,
    title,
    { kind: 'clickhouse', url, user: 'default', password, database: 'app' },
    {
      ...{ kind, stillness, settings: { ...SETTINGS, ...settings }, changed },
      // The engine reads the columns that are asked for, and takes the other members of a row for unknown ones: the condition asks for all, and is always so.
      expression: format === 'ndjson' && names ? `(select * from ${file} where not ignore(*))` : file,
      ...(names && { columns: names.map((column) => untyped(column, format)) }),
    },
    options,
  );
}

const untyped = (name: string, format: string): TableColumn => ({
  ...{ name, native: `text of ${format}`, nullable: true, type: { kind: 'untyped' } },
});

/** Members are looked for so far into a file of JSON; one that comes later is refused by its row, never passed over. */
const HEAD_BYTES = 1024 * 1024;
/** How far it is looked for the end of the first row. */
const MOST_HEAD_BYTES = 64 * HEAD_BYTES;

/** The engine's own look at a file fails on numbers beyond 64 bits. */
async function namesInJson(title: string, path: string): Promise<readonly { readonly name: string }[]> {
  const file = await open(path);
  try {
    const lines = (await headOf(title, file)).split('\n');
    const names = new Set<string>();
    for (const [at, line] of lines.entries()) {
      if (line.trim() === '') continue;
      for (const name of Object.keys(objectIn(line) ?? raise(unreadable(title, `no JSON object at row ${at + 1}`))))
        names.add(name);
    }
    return [...names].map((name) => ({ name }));
  } finally {
    await file.close();
  }
}

/** Whole lines at the beginning of a file, one at least. */
async function headOf(title: string, file: FileHandle): Promise<string> {
  for (let length = HEAD_BYTES; length <= MOST_HEAD_BYTES; length *= 4) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    const end = buffer.subarray(0, bytesRead).lastIndexOf('\n');
    if (end !== -1) return buffer.toString('utf8', 0, end);
  }
  throw unreadable(title, `its first row is longer than ${MOST_HEAD_BYTES} bytes`);
}

export function objectIn(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function raise(error: Error): never {
  throw error;
}

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export const ENDINGS: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
};
const formatOf = (path: string): FileFormat | undefined => ENDINGS[extname(path).toLowerCase()];

export async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found?.isFile() === true ? [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ') : undefined;
}

const PARQUET = 'PAR1';

/** Sees what the engine would not: a text that ends within a row that is complete by chance, a name that promises something else. */
async function checkEnds(title: string, path: string, format: FileFormat): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) throw unreadable(title, 'it is empty');
    const at = async (position: number, length: number): Promise<string> =>
      (await file.read(Buffer.alloc(length), 0, length, Math.max(0, position))).buffer.toString('latin1');
    const isParquet = (await at(0, 4)) === PARQUET;
    if (format === 'parquet' && !isParquet) throw unreadable(title, 'it is no Parquet file');
    if (format !== 'parquet' && isParquet) throw unreadable(title, 'it is a Parquet file');
    if (format === 'parquet' && (await at(size - 4, 4)) !== PARQUET) throw unreadable(title, 'its end is missing');
    if (format !== 'parquet' && (await at(size - 1, 1)) !== '\n')
      throw unreadable(title, 'its last row has no end; it may have been cut off');
  } finally {
    await file.close();
  }
}

export const unreadable = (title: string, why: string): DomainError =>
  invalid('file_unreadable', `${title} cannot be read: ${why}`);

/** A file in the engine: what the engine says of it is about the file. */
export class FileSource extends ClickhouseSource {
  constructor(
    /** The files as the engine names them, with their virtual columns. */
    readonly file: string,
    ...rest: ConstructorParameters<typeof ClickhouseSource>
  ) {
    super(...rest);
  }

  protected override explain(error: unknown): unknown {
    const explained = super.explain(error);
    if (!(explained instanceof DomainError) || explained.code !== 'source_failed') return explained;
    const words = explained.cause instanceof Error ? explained.cause.message : '';
    const unfit = unfitIn(words);
    if (unfit)
      return invalid(
        'file_unreadable',
        `${this.title} cannot be read: a value of ${unfit.column} is no ${unfit.kind}`,
        [{ field: unfit.column, reason: `has a value that is no ${unfit.kind}, by which rows are ordered or chosen` }],
      );
    const row = /\(at row (\d+)\)/.exec(words)?.[1];
    const type = (explained.cause as { type?: string }).type ?? 'unknown';
    return unreadable(this.title, row === undefined ? type : `${type} at row ${row}`);
  }
}
