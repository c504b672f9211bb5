import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withFileLock } from '@holdfast/platform/processes';
import { cacheDirectory, isExecutable } from './cache';

/** Told in one line what is being done, at least every few seconds while it takes long. */
export type OnProgress = (message: string) => void;

export interface AcquireOptions {
  readonly onProgress?: OnProgress;
  /** Gives up: what is under way is ended. */
  readonly signal?: AbortSignal | undefined;
}

export interface Workplace {
  /** An empty directory: becomes the cached version when it holds a working executable afterwards. */
  readonly into: string;
  /** Kept when the attempt fails, so that the next one goes on from there; removed after a success. */
  readonly scratch: string;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
}

/** One way to get a program. */
export interface Source {
  readonly name: string;
  /** Puts the program into the workplace. @throws Error saying why this way does not work here */
  readonly obtain: (workplace: Workplace) => Promise<void>;
}

export interface Artifact {
  /** For messages. */
  readonly title: string;
  /** Folder in the cache. */
  readonly folder: string;
  readonly version: string;
  /** File name of the executable in the version's folder. */
  readonly executable: string;
  /** @throws Error saying what is wrong with the executable */
  readonly verify: (path: string, age: 'cached' | 'new') => Promise<void>;
  readonly sources: readonly Source[];
  /** What a person can do when no source works. */
  readonly advice: string;
}

/** None of the ways to get a program works here. The message lists them with their reasons. */
export class NotAcquiredError extends Error {
  override readonly name = 'NotAcquiredError';
  constructor(
    readonly artifact: string,
    readonly attempts: readonly string[],
    advice: string,
  ) {
    super([`no ${artifact} could be obtained; tried:`, ...attempts.map((line) => `  - ${line}`), advice].join('\n'));
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function usable(artifact: Artifact, path: string, attempts: string[]): Promise<boolean> {
  if (!isExecutable(path)) {
    attempts.push(`cached at ${path}: not there`);
    return false;
  }
  try {
    await artifact.verify(path, 'cached');
    return true;
  } catch (error) {
    attempts.push(`cached at ${path}: ${reasonOf(error)}`);
    return false;
  }
}

/** Tries one source; the version's folder appears in one step, complete, or not at all. */
async function tryOne(
  artifact: Artifact,
  source: Source,
  target: string,
  options: Omit<Workplace, 'into' | 'scratch'>,
): Promise<void> {
  const folder = dirname(target);
  const into = join(folder, `new-${randomUUID()}`);
  const scratch = join(folder, 'scratch');
  mkdirSync(into, { recursive: true });
  mkdirSync(scratch, { recursive: true });
  try {
    await source.obtain({ into, scratch, ...options });
    await artifact.verify(join(into, artifact.executable), 'new');
    rmSync(target, { recursive: true, force: true });
    renameSync(into, target);
    rmSync(scratch, { recursive: true, force: true });
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
}

/** Under the lock nobody else is at work here, so what a killed attempt left can go. */
function clearAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('new-')) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * The path of a program's executable: the cached one, or one obtained from the first source that works and cached for
 * every later call of this user. Of several processes that ask at once, one works and the others wait for it.
 * @param before what the caller has tried already, for the message
 * @throws NotAcquiredError when no source works; the signal's reason when it is given up
 */
export async function acquire(
  artifact: Artifact,
  options: AcquireOptions = {},
  before: readonly string[] = [],
): Promise<string> {
  const { onProgress = () => undefined, signal } = options;
  const folder = join(cacheDirectory(), artifact.folder);
  const target = join(folder, artifact.version);
  const executable = join(target, artifact.executable);
  if (await usable(artifact, executable, [])) return executable;
  const onWait = (pid: number | undefined, waitedMs: number): void => {
    const seconds = Math.round(waitedMs / 1000);
    onProgress(`waiting for process ${pid ?? '?'}, which is getting the ${artifact.title}, ${seconds} s`);
  };
  return withFileLock(
    join(folder, 'lock'),
    async () => {
      const attempts = [...before];
      if (await usable(artifact, executable, attempts)) return executable;
      clearAbandoned(folder);
      for (const source of artifact.sources) {
        onProgress(`getting the ${artifact.title} ${artifact.version}: ${source.name}`);
        try {
          await tryOne(artifact, source, target, { onProgress, signal });
          onProgress(`the ${artifact.title} is at ${executable}`);
          return executable;
        } catch (error) {
          signal?.throwIfAborted();
          attempts.push(`${source.name}: ${reasonOf(error)}`);
          onProgress(`${source.name} did not work: ${reasonOf(error)}`);
        }
      }
      throw new NotAcquiredError(artifact.title, attempts, artifact.advice);
    },
    { onWait, signal },
  );
}
