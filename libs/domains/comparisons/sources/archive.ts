import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { invalid } from '@holdfast/kernel';
import { z } from 'zod';
import type { FileConnection } from '../connections';
import type { ArchiveDataSet, FileFormat } from '../core/data-set';
import type { FileEngine } from './engine';
import { unknownTable } from './failures';
import { type FileSource, identityOf, objectIn, openTable, unreadable } from './file';
import type { OpenOptions, Source } from './source';

/** What a manifest says. SHA-256 is of the bytes of the file as it lies there, compressed or not. */
const Manifest = z.object({
  files: z
    .array(
      z.object({
        // Nothing that the engine would take for a pattern, and nothing that leads out.
        name: z.string().regex(/^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/, 'is no name of a file of an archive'),
        rows: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits'),
      }),
    )
    .min(1)
    .max(1_000)
    .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, 'a file is named twice'),
  columns: z.array(z.string().min(1)).optional(),
});
type ListedFile = z.output<typeof Manifest>['files'][number];

const KINDS: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.parquet$/i, 'parquet'],
  [/\.(ndjson|jsonl)(\.(gz|zst))?$/i, 'ndjson'],
];
/** Lines of each file in which members are looked for; one that comes later is refused by its row, never passed over. */
const HEAD_LINES = 1_000;
/** What stands for something else in the engine's paths. */
const PATTERN = /[*?{}[\]]/;

/**
 * Rows of an archive, once its manifest holds: every file that it names is there, byte for byte and with as many rows.
 * @throws DomainError `table_unknown`, `archive_damaged`, `file_unreadable`
 */
export async function openArchive(
  title: string,
  { folder }: FileConnection,
  { path, manifest }: ArchiveDataSet,
  engine: FileEngine,
  options: OpenOptions,
): Promise<Source> {
  const full = below(title, folder, path);
  const found = await stat(full).catch(() => undefined);
  if (!found) throw unknownTable(title);
  const isFolder = found.isDirectory();
  const place = isFolder ? full : dirname(full);
  const usual = isFolder ? join(full, 'manifest.json') : `${full}.manifest.json`;
  const { files, columns } = await manifestAt(title, manifest === undefined ? usual : below(title, folder, manifest));
  if (!isFolder && (files.length !== 1 || files[0]!.name !== basename(full)))
    throw damaged(title, 'the manifest is of another file');
  if (PATTERN.test(place)) throw unreadable(title, 'its folder has a name that stands for others');
  const format = formatOf(title, files);
  const paths = files.map(({ name }) => join(place, name));
  const before = await identities(paths);
  await Promise.all(chunked(files, 2).map((some) => verifyBytes(title, place, some, options.signal)));
  const changed = async (): Promise<boolean> => (await identities(paths)) !== before;
  const table = { kind: 'archive', paths, format, changed } as const;
  const names = format === 'parquet' ? undefined : (columns ?? (await namesIn(title, paths, engine, options)));
  const source = await openTable(title, { ...table, names }, engine, options);
  try {
    await verifyRows(title, source, place, files);
    return source;
  } catch (error) {
    await source.close();
    throw error;
  }
}

function below(title: string, folder: string, path: string): string {
  const full = resolve(folder, path);
  if (!full.startsWith(resolve(folder) + sep) && resolve(folder) !== sep)
    throw invalid('comparison_invalid', `${title} is not below its folder`, [
      { field: 'path', reason: 'leads out of the folder' },
    ]);
  return full;
}

async function manifestAt(title: string, path: string): Promise<z.output<typeof Manifest>> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) throw damaged(title, 'its manifest is not there');
  const parsed = Manifest.safeParse(objectIn(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(title, `its manifest is wrong: ${issue!.path.join('.')} ${issue!.message}`);
}

function formatOf(title: string, files: readonly ListedFile[]): FileFormat {
  const formats = new Set(files.map(({ name }) => KINDS.find(([ending]) => ending.test(name))?.[1]));
  const [format] = formats;
  if (formats.size === 1 && format) return format;
  throw unreadable(title, 'its files must all be Parquet, or all NDJSON (.gz and .zst too)');
}

const chunked = <T>(items: readonly T[], count: number): T[][] =>
  Array.from({ length: count }, (_, at) => items.filter((_one, index) => index % count === at));

async function verifyBytes(
  title: string,
  place: string,
  files: readonly ListedFile[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, sha256 } of files) {
    const hash = createHash('sha256');
    try {
      await pipeline(createReadStream(join(place, name)), hash, { signal });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw damaged(title, `${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    }
    if (hash.digest('hex') !== sha256.toLowerCase()) throw damaged(title, `${name} is not what the manifest says`);
  }
}

async function namesIn(
  title: string,
  paths: readonly string[],
  engine: FileEngine,
  options: OpenOptions,
): Promise<string[]> {
  const names = new Set<string>();
  const lines = await openTable(
    title,
    { kind: 'archive', paths, format: 'lines', names: undefined, changed: () => Promise.resolve(false) },
    engine,
    options,
  );
  try {
    const head = `select line from ${lines.table.expression} limit ${HEAD_LINES} by _path`;
    for (const { line } of await lines.ask<{ line: string }>(head)) {
      if (line.trim() === '') continue;
      const object = objectIn(line);
      if (!object) throw unreadable(title, 'it has a line that is no JSON object');
      for (const name of Object.keys(object)) names.add(name);
    }
  } finally {
    await lines.close();
  }
  return [...names];
}

async function verifyRows(
  title: string,
  source: FileSource,
  place: string,
  files: readonly ListedFile[],
): Promise<void> {
  const counted = await source.ask<{ path: string; rows: string | number }>(
    `select _path as path, count() as rows from ${source.file} group by _path`,
  );
  const rows = new Map(counted.map((one) => [relative(place, one.path), Number(one.rows)]));
  for (const { name, rows: said } of files) {
    const there = rows.get(name) ?? 0;
    if (there !== said) throw damaged(title, `${name} has ${there} rows, and the manifest says ${said}`);
  }
}

const identities = async (paths: readonly string[]): Promise<string> =>
  (await Promise.all(paths.map((path) => identityOf(path)))).join('\n');

const damaged = (title: string, why: string) => invalid('archive_damaged', `${title} does not hold: ${why}`);
