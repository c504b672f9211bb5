import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bringUp, stopDeadlineMs, type ChildProgram } from './bring-up';
import { ProcessRecord } from './leftover';
import { LogFile } from './log-file';
import type { Exit, Running } from './running';

/** Delays before a crashed child is started again: doubled each time from `firstMs` up to `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** A child that was up this long, in milliseconds, begins at `firstMs` again. */
  readonly resetAfterMs: number;
}

/** A supervised child. Its name is unique within the supervisor and names its log and the record of its process. */
export type ChildSpec = ChildProgram & { readonly backoff?: Partial<Backoff> };

export interface SupervisorOptions {
  /** Logs (`logs/<name>.log`) and records of running processes (`run/<name>.json`) are kept here. */
  readonly directory: string;
  /** Size of a log above which it is set aside as `<name>.log.1`, in bytes. Default 16 MiB. */
  readonly maxLogBytes?: number;
}

export interface SupervisorEvents {
  /** A child is ready for the first time. */
  started: [{ name: string; pid: number; port: number | undefined }];
  /** A child has ended; `expected` when it was asked to. */
  exited: [Exit & { name: string; pid: number; expected: boolean }];
  /** A child is ready again; `restarts` counts all its restarts. */
  restarted: [{ name: string; pid: number; port: number | undefined; restarts: number }];
  /** A restart did not succeed; it will be tried again. */
  failed: [{ name: string; error: Error }];
  /** A process that an earlier supervisor left was ended before its successor started. */
  leftover: [{ name: string; pid: number }];
}

const BACKOFF: Backoff = { firstMs: 200, maxMs: 10_000, resetAfterMs: 30_000 };
const LOG_CHECK_MS = 30_000;

class Child {
  running: Running | undefined;
  readonly stopped = new AbortController();
  /** Settles when the child has been stopped for good. */
  kept: Promise<void> = Promise.resolve();
  restarts = 0;

  constructor(
    readonly spec: ChildSpec,
    readonly log: LogFile,
    readonly record: ProcessRecord,
  ) {}

  isStopped(): boolean {
    return this.stopped.signal.aborted;
  }
}

/**
 * Starts programs, keeps them running and stops them in the reverse order of their start. One supervisor owns a
 * directory: a second one is refused while the first lives, and ends what the first left when it was killed.
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  private readonly children = new Map<string, Child>();
  private readonly logCheck: NodeJS.Timeout;
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: SupervisorOptions) {
    super();
    this.logCheck = setInterval(() => this.limitLogs(), LOG_CHECK_MS).unref();
  }

  /**
   * Starts a child and waits until it is ready. From then on it is restarted whenever it ends.
   * @returns the port that a node child announced
   * @throws ChildNotReadyError when it cannot be brought up: a first start is not repeated, for its cause is seldom passing
   * @throws InUseError when another supervisor runs the child of this name in this directory
   */
  async start(spec: ChildSpec): Promise<{ readonly pid: number; readonly port: number | undefined }> {
    if (this.stopping) throw new Error('the supervisor has been stopped');
    if (this.children.has(spec.name)) throw new Error(`there is a child named ${spec.name} already`);
    const { directory, maxLogBytes = 16 * 1024 * 1024 } = this.options;
    const log = new LogFile(join(directory, 'logs', `${spec.name}.log`), maxLogBytes);
    const child = new Child(spec, log, new ProcessRecord(join(directory, 'run', `${spec.name}.json`)));
    this.children.set(spec.name, child);
    try {
      const first = this.bringUp(child);
      child.kept = first.then(
        ({ running }) => this.keep(child, running),
        () => undefined,
      );
      const { running, port } = await first;
      this.emit('started', { name: spec.name, pid: running.pid, port });
      return { pid: running.pid, port };
    } catch (error) {
      this.children.delete(spec.name);
      throw error;
    }
  }

  /** The pid of a running child itself, never of its guard; undefined while it does not run. */
  pid(name: string): number | undefined {
    return this.children.get(name)?.running?.pid;
  }

  /** Where a child's output goes. @throws Error when there is no such child */
  logPath(name: string): string {
    const child = this.children.get(name);
    if (!child) throw new Error(`there is no child named ${name}`);
    return child.log.path;
  }

  /** Stops all children, the last started first, each before the next. Calling it again waits for the same end. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    clearInterval(this.logCheck);
    for (const child of [...this.children.values()].reverse()) {
      child.stopped.abort();
      await child.running?.end(stopDeadlineMs(child.spec));
      await child.kept;
    }
  }

  private bringUp(child: Child): ReturnType<typeof bringUp> {
    const { name } = child.spec;
    return bringUp(child.spec, {
      log: child.log,
      record: child.record,
      signal: child.stopped.signal,
      onLeftover: (pid) => this.emit('leftover', { name, pid }),
      onRunning: (running) => {
        child.running = running;
        void running.exited.then((exit) => {
          child.running = undefined;
          this.emit('exited', { name, pid: running.pid, expected: child.isStopped(), ...exit });
        });
      },
    });
  }

  /** Restarts the child whenever it ends, until it is stopped. */
  private async keep(child: Child, first: Running): Promise<void> {
    const { firstMs, maxMs, resetAfterMs } = { ...BACKOFF, ...child.spec.backoff };
    let current: Running | undefined = first;
    let upSince = performance.now();
    let delayMs = firstMs;
    while (!child.isStopped()) {
      await current?.exited;
      if (current && performance.now() - upSince >= resetAfterMs) delayMs = firstMs;
      await delay(delayMs, undefined, { signal: child.stopped.signal }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, maxMs);
      current = child.isStopped() ? undefined : await this.restart(child);
      upSince = performance.now();
    }
  }

  private async restart(child: Child): Promise<Running | undefined> {
    const { name } = child.spec;
    try {
      const { running, port } = await this.bringUp(child);
      child.restarts += 1;
      this.emit('restarted', { name, pid: running.pid, port, restarts: child.restarts });
      return running;
    } catch (error) {
      if (!child.isStopped()) this.emit('failed', { name, error: error as Error });
      return undefined;
    }
  }

  private limitLogs(): void {
    for (const { log } of this.children.values()) log.limit();
  }
}
