import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KeptCommit, LogStore } from './store';

const COMMIT = /^commit\.(\d{1,16})$/;
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * A log in a directory. A commit is the file `commits/commit.<n>`, put in place whole by link(2), which fails when the name is taken. Low numbers are
 * forgotten in time, so that who comes back from a long pause could make one anew: it therefore looks for a higher one afterwards.
 */
export class DirectoryLogStore implements LogStore {
  private readonly unsynced = new Set<string>();
  private drafts = 0;

  private constructor(private readonly root: string) {}

  /** Makes the directory when it is missing. */
  static async open(root: string): Promise<DirectoryLogStore> {
    await mkdir(join(root, 'commits'), { recursive: true, mode: 0o700 });
    return new DirectoryLogStore(root);
  }

  async commit(number: number, bytes: Buffer): Promise<boolean> {
    const folder = join(this.root, 'commits');
    const draft = join(folder, `draft.${process.pid}.${(this.drafts += 1)}`);
    await writeSynced(draft, bytes);
    try {
      await link(draft, join(folder, `commit.${number}`));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      return false;
    } finally {
      await unlink(draft);
    }
    await sync(folder);
    const highest = (await this.numbers()).at(-1) ?? number;
    if (highest === number) return true;
    await rm(join(folder, `commit.${number}`), { force: true }); // nobody asks for it: a higher one says what the log is
    return false;
  }

  async commits(): Promise<KeptCommit[]> {
    for (;;) {
      const kept: KeptCommit[] = [];
      const numbers = await this.numbers();
      for (const number of numbers) {
        const bytes = await this.get(`commits/commit.${number}`);
        if (bytes) kept.push({ number, bytes });
      }
      if (kept.length === numbers.length) return kept; // else a predecessor is just forgetting some
    }
  }

  async forgetBelow(number: number, outdated: readonly string[]): Promise<void> {
    const gone = new Set(outdated);
    const written = [...this.unsynced];
    this.unsynced.clear(); // what is written from here on is of the next time
    const lasting = written.filter((path) => !gone.has(dirname(path)));
    const folders = new Set(written.flatMap(foldersOf));
    try {
      for (const path of [...lasting, ...folders]) await sync(join(this.root, path));
    } catch (error) {
      for (const path of written) this.unsynced.add(path);
      throw error;
    }
    for (const one of await this.numbers())
      if (one < number) await rm(join(this.root, 'commits', `commit.${one}`), { force: true });
    for (const path of outdated) await rm(join(this.root, path), { recursive: true, force: true });
  }

  /** Without a promise for each step: tiles are small and many, and four turns of the event loop for each cost more than the writing. */
  async put(path: string, bytes: Buffer): Promise<void> {
    const file = join(this.root, path);
    const draft = `${file}.${process.pid}.draft`;
    try {
      writeFileSync(draft, bytes, { mode: 0o600 });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(draft, bytes, { mode: 0o600 });
    }
    renameSync(draft, file);
    this.unsynced.add(path);
  }

  async get(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.root, path));
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  private async numbers(): Promise<number[]> {
    const names = await readdir(join(this.root, 'commits'));
    return names
      .flatMap((name) => COMMIT.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }
}

/** The folder of a file, and those that hold it: they may be as new as the file. */
function foldersOf(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? ['.'] : [parent, ...foldersOf(parent)];
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Of a directory: its names. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
