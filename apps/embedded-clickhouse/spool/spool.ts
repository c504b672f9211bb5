import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, unlink, writeFileSync, writev } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exception } from '../engine/exception';
import { PipePool } from './pipe';

const writeAll = promisify(writev);
/** Written in one go: each write is a trip to a thread. */
const WRITE_BYTES = 1024 * 1024;
/** Up to this size a write takes less time than the trip. */
const DIRECT_BYTES = 128 * 1024;

/** A file of the spool. `path` is relative to the working directory, so statements and messages hold no path of the machine. */
export interface SpoolFile {
  readonly path: string;
  remove(): void;
}

/** Where the pieces of a body come from: undefined ends it. */
export type Pieces = () => Promise<Buffer | undefined>;

/**
 * Files that live as long as one request: bodies on their way into the engine, and answers on their way out. The process's
 * working directory is an empty one inside, because the engine's default database shows the files of the working directory.
 */
export class Spool {
  readonly pipes: PipePool;
  #usedBytes = 0;
  #count = 0;

  /** @param maxBytes that all bodies together may take */
  constructor(
    readonly root: string,
    private readonly maxBytes: number,
    pipes: number,
  ) {
    for (const name of ['cwd', 'bodies', 'answers', 'pipes']) mkdirSync(join(root, name), { mode: 0o700 });
    process.chdir(join(root, 'cwd'));
    const names = Array.from({ length: pipes }, (_, i) => `../pipes/${i}`);
    execFileSync('mkfifo', ['-m', '600', ...names]);
    this.pipes = new PipePool(names);
  }

  /**
   * Writes a body to a file.
   * @throws ClickHouseException NOT_ENOUGH_SPACE when the disk or the spool's share of it is full; nothing is left behind
   */
  async store(pieces: Pieces): Promise<SpoolFile> {
    const path = `../bodies/${++this.#count}`;
    let bytes = 0;
    const remove = (): void => {
      this.#usedBytes -= bytes;
      bytes = 0;
      unlink(path, () => undefined);
    };
    const counted: Pieces = async () => {
      const piece = await pieces();
      if (!piece) return undefined;
      if (this.#usedBytes + piece.length > this.maxBytes) {
        throw exception(
          'NOT_ENOUGH_SPACE',
          `Not enough space in the spool: bodies may take ${this.maxBytes} bytes together.`,
        );
      }
      this.#usedBytes += piece.length;
      bytes += piece.length;
      return piece;
    };
    try {
      await writeBody(path, counted);
      return { path, remove };
    } catch (error) {
      remove();
      throw asSpoolFailure(error);
    }
  }

  /** A new, empty file for an answer. */
  answerFile(): SpoolFile {
    const path = `../answers/${++this.#count}`;
    writeFileSync(path, '', { mode: 0o600 });
    return { path, remove: () => unlink(path, () => undefined) };
  }

  remove(): void {
    process.chdir('/');
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Writes what is there while more comes in; small bodies in a single call. */
async function writeBody(path: string, pieces: Pieces): Promise<void> {
  let pending: Buffer[] = [];
  let size = 0;
  let file: number | undefined;
  let writing: Promise<void> = Promise.resolve();
  try {
    for (let piece = await pieces(); piece; piece = await pieces()) {
      pending.push(piece);
      size += piece.length;
      if (size < WRITE_BYTES) continue;
      await writing;
      file ??= openSync(path, 'wx', 0o600);
      writing = writeFully(file, pending);
      writing.catch(() => undefined); // met by the next await
      [pending, size] = [[], 0];
    }
    await writing;
    if (file === undefined && size <= DIRECT_BYTES) {
      writeFileSync(path, pending.length === 1 ? pending[0]! : Buffer.concat(pending), { mode: 0o600, flag: 'wx' });
      return;
    }
    file ??= openSync(path, 'wx', 0o600);
    await writeFully(file, pending);
  } finally {
    await writing.catch(() => undefined);
    if (file !== undefined) closeSync(file);
  }
}

/** A nearly full disk takes a part and says so; the rest then fails with the reason. */
async function writeFully(file: number, pieces: readonly Buffer[]): Promise<void> {
  let rest = pieces;
  while (rest.length > 0) {
    const { bytesWritten } = await writeAll(file, rest);
    const total = rest.reduce((sum, piece) => sum + piece.length, 0);
    rest = bytesWritten === total ? [] : [Buffer.concat(rest).subarray(bytesWritten)];
  }
}

function asSpoolFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('path' in error || error.syscall === 'write'))
    return error;
  const { code } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return isFull
    ? exception('NOT_ENOUGH_SPACE', `Not enough space to take the request body (${code}).`)
    : exception('CANNOT_WRITE_TO_FILE_DESCRIPTOR', `Cannot write the request body to the spool (${String(code)}).`);
}
