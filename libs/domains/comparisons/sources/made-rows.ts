import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { DataSetKind } from '../core/data-set';
import type { FileEngine } from './engine';
import { openTable } from './file';
import type { OpenOptions, Source } from './source';

/** A row that an adapter makes: texts by column. */
export type MadeRow = Readonly<Record<string, string | null>>;

/** What is known of how still that was held which rows are made of. */
export type Origin = Pick<Source, 'stillness' | 'changedWhileRead'>;

/** Rows of what is no table, as a source: kept in a file that nobody else sees until it is closed. They may come in any order. @throws what making them throws */
export async function openMadeRows(
  title: string,
  kind: DataSetKind,
  names: readonly string[],
  rows: AsyncIterable<MadeRow>,
  engine: FileEngine,
  options: OpenOptions,
  origin?: Origin,
): Promise<Source> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-rows-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'rows.ndjson');
    const file = createWriteStream(path, { mode: 0o600 });
    try {
      for await (const row of rows)
        if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, 'drain', { signal: options.signal });
    } finally {
      file.end();
      await finished(file);
    }
    // Asked once, when the rows are made: what they are made of may be closed before they are read.
    const hasChanged = origin ? await origin.changedWhileRead() : false;
    const changed = (): Promise<boolean | undefined> => Promise.resolve(hasChanged);
    const stillness = origin?.stillness ?? 'file';
    const made = { kind, paths: [path], format: 'ndjson', names, changed, stillness } as const;
    const source = await openTable(title, made, engine, options);
    const close = source.close.bind(source);
    source.close = async () => {
      await close();
      await remove();
    };
    return source;
  } catch (error) {
    await remove();
    throw error;
  }
}
