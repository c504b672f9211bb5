import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MEMORY = '/dev/shm';
const NAME = /^holdfast-spool-([0-9a-f]{16})-(\d+)-\w{6}$/;

const freeBytes = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};

const keyOf = (dataDir: string): string => createHash('sha256').update(dataDir).digest('hex').slice(0, 16);

/** Where spools may lie: in memory, else beside the data directory. */
const parentsOf = (dataDir: string, chosen: string | undefined): string[] =>
  chosen === undefined ? [MEMORY, dirname(dataDir)] : [chosen];

/** Whether bodies may be kept in memory: a container's /dev/shm is often small, and what lies there is missing elsewhere. */
function memoryHasRoom(maxBodyBytes: number): boolean {
  try {
    return freeBytes(MEMORY) >= 2 * maxBodyBytes && process.availableMemory() >= 4 * maxBodyBytes;
  } catch {
    return false; // not on this system
  }
}

/**
 * Makes this process's spool: a directory of mode 700 whose name says which data directory and process it belongs to.
 * @param chosen a directory to make it in, instead of memory or the data directory's parent
 * @returns its path, and how much of the free space there bodies may take
 */
export function createSpoolDirectory(
  dataDir: string,
  maxBodyBytes: number,
  chosen?: string,
): { root: string; roomBytes: number } {
  const parent = chosen ?? (memoryHasRoom(maxBodyBytes) ? MEMORY : dirname(dataDir));
  const root = mkdtempSync(join(parent, `holdfast-spool-${keyOf(dataDir)}-${process.pid}-`));
  return { root, roomBytes: Math.floor(freeBytes(parent) / 2) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes spools of processes that are gone: killed ones leave theirs behind. To be called while holding the data directory;
 * then every other spool of that directory is a leftover too, even if its process number has been given to someone else.
 */
export function removeLeftovers(dataDir: string, own: string, chosen?: string): void {
  for (const parent of parentsOf(dataDir, chosen)) {
    for (const name of list(parent)) {
      const [, key, pid] = NAME.exec(name) ?? [];
      const path = join(parent, name);
      if (pid === undefined || path === own || (key !== keyOf(dataDir) && isAlive(Number(pid)))) continue;
      try {
        // Only what this user made, and never through a link.
        const found = lstatSync(path);
        if (found.isDirectory() && found.uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
      } catch {
        // Gone meanwhile: another process cleans as well.
      }
    }
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
