import { open, stat } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { DomainError, invalid } from '@holdfast/kernel';
import type { ClickHouseSettings } from '@clickhouse/client';
import type { FileConnection } from '../connections';
import { FILE_FORMATS, type DataSetKind, type FileDataSet, type FileFormat } from '../core/data-set';
import type { TableColumn } from '../core/logical-type';
import { ClickhouseSource } from './clickhouse';
import { unknownTable } from './failures';
import type { FileEngine } from './engine';
import type { OpenOptions } from './source';

/** What the engine calls the formats, and how it is kept from guessing: a text stays the text that it is until it is compared. */
const FORMATS: Readonly<Record<FileFormat, { readonly name: string; readonly settings: ClickHouseSettings }>> = {
  csv: {
    name: 'CSVWithNames',
    settings: {
      input_format_csv_trim_whitespaces: 0,
      input_format_csv_use_best_effort_in_schema_inference: 0,
      input_format_csv_empty_as_default: 1,
    },
  },
  tsv: {
    name: 'TSVWithNames',
    settings: { input_format_tsv_use_best_effort_in_schema_inference: 0, input_format_tsv_empty_as_default: 0 },
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
};

const SETTINGS: ClickHouseSettings = {
  // Columns that are not compared are not asked for, and the engine takes those for unknown.
  input_format_skip_unknown_fields: 1,
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
  const { url, password } = await engine.get();
  const { name, settings } = FORMATS[format];
  const connection = { kind: 'clickhouse', url, user: 'default', password, database: 'app' } as const;
  const source = (structure: string, columns?: readonly TableColumn[]): FileSource =>
    new FileSource(
      title,
      connection,
      {
        ...{ kind, stillness: 'file', settings: { ...SETTINGS, ...settings } },
        expression: `file(${literal(path)}, '${name}'${structure})`,
        ...(columns && { columns }),
        changed: async () => (await identityOf(path)) !== before,
      },
      options,
    );
  const guessed = source('');
  try {
    if (format === 'parquet') return guessed;
    const columns = format === 'ndjson' ? await namesInJson(title, path) : await guessed.describe();
    // What the engine would guess of a text may lose something: 007 is not 7.
    const untyped = columns.map((column) => ({
      ...{ name: column.name, native: `text of ${format}`, nullable: true, type: { kind: 'untyped' as const } },
    }));
    const structure = untyped.map((column) => `\`${column.name.replaceAll('`', '\\`')}\` Nullable(String)`).join(', ');
    await guessed.close();
    return source(`, ${literal(structure)}`, untyped);
  } catch (error) {
    await guessed.close();
    throw error;
  }
}

/** Members are looked for so far into a file of JSON; one that comes first behind that is no column. */
const HEAD_BYTES = 1024 * 1024;

/** The engine's own look at a file fails on numbers beyond 64 bits. */
async function namesInJson(title: string, path: string): Promise<readonly { readonly name: string }[]> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
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

function objectIn(line: string): object | undefined {
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

async function identityOf(path: string): Promise<string | undefined> {
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

const unreadable = (title: string, why: string): DomainError =>
  invalid('file_unreadable', `${title} cannot be read: ${why}`);

/** A file in the engine: what the engine says of it is about the file. */
class FileSource extends ClickhouseSource {
  protected override explain(error: unknown): unknown {
    const explained = super.explain(error);
    if (!(explained instanceof DomainError) || explained.code !== 'source_failed') return explained;
    const words = explained.cause instanceof Error ? explained.cause.message : '';
    const row = /\(at row (\d+)\)/.exec(words)?.[1];
    const type = (explained.cause as { type?: string }).type ?? 'unknown';
    return unreadable(this.title, row === undefined ? type : `${type} at row ${row}`);
  }
}
