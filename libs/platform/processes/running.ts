import type { ChildProcess } from 'node:child_process';
import { identityOf, type ProcessIdentity } from './identity';
import { endProcess } from './leftover';
import type { ReadyMessage } from './parent';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** For messages: how a program ended. */
export const describeExit = ({ code, signal }: Exit): string =>
  signal ? `ended by ${signal}` : `ended with exit code ${code ?? 'unknown'}`;

const isReady = (message: unknown): message is ReadyMessage =>
  typeof message === 'object' && message !== null && (message as Partial<ReadyMessage>).ready === true;

/** One run of a program. */
export class Running {
  /** Resolves when the program has gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** Resolves when a node child says that it is ready; never for other programs. */
  readonly announced: Promise<ReadyMessage>;
  private readonly identity: ProcessIdentity | undefined;
  private over = false;

  /**
   * @param process this process's direct child: the program itself or its guard
   * @param pid the program's pid; not the child's when there is a guard
   */
  constructor(
    readonly process: ChildProcess,
    readonly pid: number,
  ) {
    this.identity = identityOf(pid);
    process.on('error', () => undefined); // A channel that closes early: the exit says what there is to know.
    this.announced = new Promise((resolve) => {
      process.on('message', (message) => {
        if (isReady(message)) resolve(message);
      });
    });
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        void this.endOrphan().then(() => {
          this.over = true;
          resolve({ code, signal });
        });
      });
    });
  }

  /** SIGTERM, and SIGKILL when it still runs after `deadlineMs` milliseconds. */
  async end(deadlineMs: number): Promise<Exit> {
    if (!this.over) this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), deadlineMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** SIGKILL to the program; resolves when it has gone. */
  async kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  private signal(name: NodeJS.Signals): void {
    if (this.over) return;
    try {
      process.kill(this.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** A guard that was killed leaves its program behind; nothing may run beside the next one. */
  private async endOrphan(): Promise<void> {
    if (this.process.pid === this.pid || !this.identity) return;
    await endProcess(this.identity, 5000).catch(() => undefined);
  }
}
