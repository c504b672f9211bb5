import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one: pids are reused, a pid together with its start is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in a form to be compared for equality only. */
  readonly started: string;
}

/** From Linux's process table: minimal containers have no `ps`. A zombie has ended, so it counts as gone. */
function startedOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field, the command in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`;
}

function startedElsewhere(pid: number): string | undefined {
  const args = ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)];
  const { status, stdout } = spawnSync('ps', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  if (status !== 0) return undefined;
  const [state, ...started] = stdout.trim().split(/\s+/);
  return state === undefined || state.startsWith('Z') ? undefined : started.join(' ');
}

/** Who has this pid now; undefined when nobody has or when it has ended and only waits to be reaped. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedElsewhere(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether exactly this process still runs. */
export const isAlive = (who: ProcessIdentity): boolean => identityOf(who.pid)?.started === who.started;

/** This process. @throws Error when the platform offers neither a process table nor `ps` */
export function ownIdentity(): ProcessIdentity {
  const own = identityOf(process.pid);
  if (!own) throw new Error('this platform does not tell when a process started: neither /proc nor ps is usable');
  return own;
}

/** Reads what was written as JSON; undefined for anything else. */
export function parseIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, started } = value as Record<string, unknown>;
  return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
}
