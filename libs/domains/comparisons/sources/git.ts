import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { invalid } from '@holdfast/kernel';
import type { GitConnection } from '../connections';
import type { GitDataSet } from '../core/data-set';
import { matchesPattern } from '../core/path-pattern';
import type { FileEngine } from './engine';
import { failed, unavailable, unknownTable } from './failures';
import { unreadable } from './file';
import { type MadeRow, openMadeRows } from './made-rows';
import { DocumentError, membersIn } from './yaml-members';
import type { OpenOptions, Source } from './source';

const COLUMNS = ['path', 'blob', 'mode', 'size'] as const;
/** Files with members are read whole, and so many at once. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const AT_ONCE = 64;
const DOCUMENTS = new Set(['.yaml', '.yml', '.json']);
/** What may be said for a ref: never an option. */
const REF = /^[A-Za-z0-9][\w./@^~+-]*$/;
const COMMIT = /^[0-9a-f]{40,64}$/;

interface Entry {
  readonly path: string;
  readonly blob: string;
  readonly mode: string;
  readonly size: string;
}

/** The files of a commit. The ref is looked up once: what is read afterwards cannot change. @throws DomainError `table_unknown` for a ref that is not there */
export async function openGit(
  title: string,
  connection: GitConnection,
  dataSet: GitDataSet,
  engine: FileEngine,
  options: OpenOptions,
): Promise<Source> {
  const { ref, members = [] } = dataSet;
  if (!REF.test(ref))
    throw invalid('comparison_invalid', `${title}: the ref is no branch, tag or commit`, [
      { field: 'ref', reason: 'must be a branch, a tag or a commit' },
    ]);
  const taken = members.find((name) => COLUMNS.some((column) => column === name));
  if (taken !== undefined)
    throw invalid('comparison_invalid', `${title}: ${taken} is a column of every file`, [
      { field: 'members', reason: 'must not be path, blob, mode or size' },
    ]);
  const git = new Git(title, connection.repository, options);
  const commit = await git.commitOf(ref);
  const names = [...COLUMNS, ...members];
  return openMadeRows(title, 'git', names, rowsOf(git, commit, dataSet), engine, options);
}

async function* rowsOf(
  git: Git,
  commit: string,
  { folder, pattern, members = [] }: GitDataSet,
): AsyncGenerator<MadeRow> {
  const below = folder === undefined ? '' : `${folder.replace(/\/+$/, '')}/`;
  const isWanted = ({ path }: Entry): boolean =>
    path.startsWith(below) && (pattern === undefined || matchesPattern(pattern, path.slice(below.length)));
  let waiting: Entry[] = [];
  const read = async (): Promise<MadeRow[]> => {
    const [entries, contents] = [waiting, await git.contents(waiting.filter(isDocument))];
    waiting = [];
    return entries.map((entry) => ({ ...entry, ...membersOf(git.title, entry, contents.get(entry.blob), members) }));
  };
  for await (const entry of git.files(commit, below)) {
    if (!isWanted(entry)) continue;
    if (members.length === 0) yield { ...entry };
    else waiting.push(entry);
    if (waiting.length >= AT_ONCE) yield* await read();
  }
  if (waiting.length > 0) yield* await read();
}

const isDocument = ({ path, mode }: Entry): boolean =>
  DOCUMENTS.has(extname(path).toLowerCase()) && mode.startsWith('100');

/** NULL where there is no such member, and of files that are neither YAML nor JSON. */
function membersOf(title: string, { path }: Entry, bytes: Buffer | undefined, members: readonly string[]): MadeRow {
  if (bytes === undefined) return Object.fromEntries(members.map((name) => [name, null]));
  const text = textIn(bytes);
  if (text === undefined) throw unreadable(title, `${path} is not UTF-8`);
  try {
    return membersIn(text, members);
  } catch (error) {
    throw error instanceof DocumentError ? unreadable(title, `${path} ${error.message}`) : error;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for what is no UTF-8: with replacements, texts that differ would be the same. */
function textIn(bytes: Buffer): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The real git, for reading only: fixed arguments, no shell, no hooks, no configuration but the repository's own, nothing fetched. */
class Git {
  private readonly repository: string;

  constructor(
    readonly title: string,
    repository: string,
    private readonly options: OpenOptions,
  ) {
    this.repository = resolve(repository);
  }

  async commitOf(ref: string): Promise<string> {
    const out: Buffer[] = [];
    try {
      for await (const part of this.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]))
        out.push(part);
    } catch (error) {
      if (error instanceof GitError && error.exit === 1) throw unknownTable(this.title, error);
      throw this.explain(error);
    }
    const commit = Buffer.concat(out).toString('utf8').trim();
    if (!COMMIT.test(commit)) throw unknownTable(this.title);
    return commit;
  }

  /** Below a folder, which ends with `/`; '' for all. */
  async *files(commit: string, below: string): AsyncGenerator<Entry> {
    const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', commit, ...(below === '' ? [] : ['--', below])];
    for await (const line of this.lines(args)) {
      const match = /^(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line);
      // A submodule has a commit and no size.
      if (match) yield { mode: match[1]!, blob: match[3]!, size: match[4] === '-' ? '0' : match[4]!, path: match[5]! };
    }
  }

  private async *lines(args: readonly string[]): AsyncGenerator<string> {
    let rest = Buffer.alloc(0);
    try {
      for await (const part of this.run(args)) {
        rest = Buffer.concat([rest, part]);
        let from = 0;
        for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0, from)) {
          const line = textIn(rest.subarray(from, end));
          if (line === undefined)
            throw unreadable(
              this.title,
              `a path is not UTF-8 (${rest.toString('utf8', from, end).split('\t').at(-1)})`,
            );
          yield line;
          from = end + 1;
        }
        rest = rest.subarray(from);
      }
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** By blob. @throws DomainError `file_unreadable` for a file that is too large to be a document */
  async contents(entries: readonly Entry[]): Promise<ReadonlyMap<string, Buffer>> {
    const large = entries.find(({ size }) => Number(size) > MAX_FILE_BYTES);
    if (large) throw unreadable(this.title, `${large.path} is larger than ${MAX_FILE_BYTES} bytes`);
    const blobs = [...new Set(entries.map(({ blob }) => blob))];
    if (blobs.length === 0) return new Map();
    const parts: Buffer[] = [];
    try {
      for await (const part of this.run(['cat-file', '--batch'], `${blobs.join('\n')}\n`)) parts.push(part);
    } catch (error) {
      throw this.explain(error);
    }
    const all = Buffer.concat(parts);
    const contents = new Map<string, Buffer>();
    for (let at = 0; at < all.length;) {
      const end = all.indexOf(10, at);
      const [blob, type, size] = all.toString('utf8', at, end).split(' ');
      if (type !== 'blob') throw failed(this.title, 'a blob is missing', undefined);
      contents.set(blob!, all.subarray(end + 1, end + 1 + Number(size)));
      at = end + 1 + Number(size) + 1;
    }
    return contents;
  }

  private async *run(args: readonly string[], input = ''): AsyncGenerator<Buffer> {
    const { signal } = this.options;
    signal.throwIfAborted();
    const child = spawn(
      'git',
      [
        ...['--no-pager', '--literal-pathspecs', '--no-replace-objects', `--git-dir=${gitFolderOf(this.repository)}`],
        // The operator named this repository, whoever owns its files.
        ...['-c', `safe.directory=${this.repository}`, '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'],
        ...['-c', 'protocol.allow=never', ...args],
      ],
      { env: environment(), stdio: ['pipe', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL' },
    );
    const ended = new Promise<number | null>((done, fail) => {
      child.once('error', fail);
      child.once('close', done);
    });
    ended.catch(() => undefined);
    child.stdin.on('error', () => undefined); // it has ended: its exit says why
    child.stdin.end(input);
    try {
      for await (const part of child.stdout) yield part as Buffer;
      const exit = await ended;
      if (exit !== 0) throw new GitError(exit);
    } finally {
      child.kill('SIGKILL');
    }
  }

  private explain(error: unknown): unknown {
    if (this.options.signal.aborted) return this.options.signal.reason;
    if (error instanceof GitError) return failed(this.title, `git ended with ${error.exit}`, error);
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' ? unavailable(this.title, 'git is not installed here', error) : error;
  }
}

class GitError extends Error {
  constructor(readonly exit: number | null) {
    super(`git ended with ${exit}`);
  }
}

/** Named, and not looked for: a folder that is no repository is none, whatever lies above it. */
const gitFolderOf = (repository: string): string =>
  existsSync(join(repository, '.git')) ? join(repository, '.git') : repository;

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
});
