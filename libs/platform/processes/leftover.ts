import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isAlive, ownIdentity, parseIdentity, type ProcessIdentity } from './identity';

/** The supervisor that started a recorded child still runs: two must not work on one directory. */
export class InUseError extends Error {
  override readonly name = 'InUseError';
  constructor(
    readonly record: string,
    readonly ownerPid: number,
  ) {
    super(`process ${ownerPid} supervises this directory already (${record})`);
  }
}

function signal(who: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (isAlive(who)) process.kill(who.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function gone(who: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const until = Date.now() + deadlineMs;
  while (isAlive(who)) {
    if (Date.now() >= until) return false;
    await delay(20);
  }
  return true;
}

/**
 * Ends a process that is not a child of this one, or no longer: SIGTERM, then SIGKILL. Returns when it has gone.
 * @param deadlineMs milliseconds between the two signals
 * @throws Error when it survives both, or the system's error when it belongs to another user
 */
export async function endProcess(who: ProcessIdentity, deadlineMs: number): Promise<void> {
  signal(who, 'SIGTERM');
  if (await gone(who, deadlineMs)) return;
  signal(who, 'SIGKILL');
  if (!(await gone(who, 10_000))) throw new Error(`process ${who.pid} does not end`);
}

/** Remembers on disk which process runs under a name, so that the next supervisor can end what a killed one left. */
export class ProcessRecord {
  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
  }

  /** Notes the child and, as its owner, this process. */
  write(pid: number): void {
    const child = identityOf(pid);
    if (!child) return; // It has ended already: nothing to remember.
    writeFileSync(`${this.path}.draft`, JSON.stringify({ child, owner: ownIdentity() }));
    renameSync(`${this.path}.draft`, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  /**
   * Ends the recorded process if it still runs. It is known by its pid and start time together, so a pid that the system
   * has given to somebody else meanwhile is left alone.
   * @param deadlineMs milliseconds that it gets to stop cleanly
   * @returns the pid that was ended, undefined when nothing was left
   * @throws InUseError when the supervisor that started it is alive
   */
  async endLeftover(deadlineMs: number): Promise<number | undefined> {
    const { child, owner } = this.read();
    if (!child || !isAlive(child)) {
      this.remove();
      return undefined;
    }
    if (owner && owner.pid !== process.pid && isAlive(owner)) throw new InUseError(this.path, owner.pid);
    await endProcess(child, deadlineMs);
    this.remove();
    return child.pid;
  }

  private read(): { child?: ProcessIdentity | undefined; owner?: ProcessIdentity | undefined } {
    try {
      const value = JSON.parse(readFileSync(this.path, 'utf8')) as Record<string, unknown>;
      return { child: parseIdentity(value['child']), owner: parseIdentity(value['owner']) };
    } catch {
      return {};
    }
  }
}
