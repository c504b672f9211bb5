import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, ownIdentity, parseIdentity, type ProcessIdentity } from './identity';

interface Holder extends ProcessIdentity {
  /** Unique for every time a lock is taken: says whether the lock is still the one that was looked at. */
  readonly token: string;
}

function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const who = parseIdentity(value);
    const token = (value as { token?: unknown } | null)?.token;
    return who && typeof token === 'string' ? { ...who, token } : undefined;
  } catch {
    return undefined;
  }
}

/** Creates the lock with its content in one step, so that nobody ever reads half of it. */
function create(path: string): boolean {
  const holder: Holder = { ...ownIdentity(), token: randomUUID() };
  const draft = `${path}.${holder.token}.draft`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    unlinkSync(draft);
  }
}

/**
 * Takes the lock, also from a holder that has died. Who removes a dead holder's lock must itself be alone, or it could
 * remove the lock that somebody else took meanwhile: it first takes a lock named after the dead holder's token, and
 * looks again. That second lock is taken by the same rule, so that dying at any point leaves nothing stuck.
 */
function tryLock(path: string): boolean {
  if (create(path)) return true;
  const holder = readHolder(path);
  if (!holder || isAlive(holder)) return false;
  const removal = `${path}.${holder.token.slice(0, 8)}`;
  if (!tryLock(removal)) return false;
  try {
    if (readHolder(path)?.token === holder.token) unlinkSync(path);
  } finally {
    unlinkSync(removal);
  }
  return create(path);
}

const REMIND_MS = 10_000;

export interface FileLockOptions {
  /**
   * Called when somebody else holds the lock, and every ten seconds while that lasts, with the holder's pid (undefined
   * when it let go at this moment) and the milliseconds waited so far.
   */
  readonly onWait?: (holderPid: number | undefined, waitedMs: number) => void;
  /** How often a waiting process looks, in milliseconds. Default 200. */
  readonly pollMs?: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `task` while no other process on this machine (and no other call in this one) runs one under the same path.
 * Waits as long as the holder lives; a holder that died is passed over. Directories are made as needed.
 * @throws whatever the task throws, the signal's reason, or the file system's error when the lock cannot be written
 */
export async function withFileLock<T>(path: string, task: () => Promise<T>, options: FileLockOptions = {}): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const start = performance.now();
  let remindAtMs = 0;
  while (!tryLock(path)) {
    const waitedMs = performance.now() - start;
    if (waitedMs >= remindAtMs) {
      options.onWait?.(readHolder(path)?.pid, waitedMs);
      remindAtMs = waitedMs + REMIND_MS;
    }
    options.signal?.throwIfAborted();
    await delay(options.pollMs ?? 200);
  }
  try {
    return await task();
  } finally {
    unlinkSync(path);
  }
}
