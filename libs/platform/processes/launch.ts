import { fork, spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { guardArguments, type GuardMessage } from './guard';
import type { LogFile } from './log-file';
import { describeExit, Running } from './running';

interface Surroundings {
  readonly args?: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What to run: a node module, with a channel to its parent, or any other program, which gets a guard. */
export type Program = Surroundings &
  ({ readonly module: string; readonly execArgv?: readonly string[] } | { readonly command: string });

/** Which pid the guard's program has. A program may end so soon that the guard's exit is seen before its message. */
function programOf(guard: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    guard.once('message', (message: GuardMessage) => {
      if ('program' in message) resolve(message.program);
      else reject(new Error(`cannot run ${command}: ${message.failed}`));
    });
    guard.once('error', reject);
    guard.once('exit', (code, signal) => reject(new Error(`${command} ${describeExit({ code, signal })} at once`)));
  });
}

/** The pid of a direct child. */
function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

/**
 * Starts a program whose output goes to the log. Every program is in a process group of its own: Ctrl-C in a terminal
 * then reaches the supervisor alone, which stops its children in order. That none outlives this process is seen to by
 * its channel: a guard ends its program when the channel closes, a node module does so by `whenParentGone`.
 * @throws Error when it cannot be started
 */
export async function launch(program: Program, log: LogFile): Promise<Running> {
  const output = log.open();
  const args = program.args ?? [];
  const options = {
    env: { ...process.env, ...program.env },
    detached: true,
    ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
  };
  try {
    if ('module' in program) {
      const stdio: ('ignore' | 'ipc' | number)[] = ['ignore', output, output, 'ipc'];
      const child = fork(program.module, args, { ...options, stdio, execArgv: [...(program.execArgv ?? [])] });
      return new Running(child, await started(child));
    }
    const guard = spawn(process.execPath, guardArguments(program.command, args), {
      ...options,
      stdio: ['ignore', output, output, 'ipc'],
    });
    return new Running(guard, await programOf(guard, program.command));
  } finally {
    closeSync(output);
  }
}
