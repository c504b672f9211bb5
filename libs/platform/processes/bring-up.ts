import { launch, type Program } from './launch';
import type { ProcessRecord } from './leftover';
import type { LogFile } from './log-file';
import { isPortFree } from './ports';
import { ChildNotReadyError, whenReady, type Readiness } from './readiness';
import type { Running } from './running';

/** A program together with what makes it usable. */
export type ChildProgram = Program & {
  readonly name: string;
  readonly ready: Readiness;
  /**
   * Ports of 127.0.0.1 that the program will listen on. They must be free when it starts: else a probe could be answered
   * by whoever has them, and the child be taken for ready.
   */
  readonly ports?: readonly number[];
  /** Milliseconds from start to readiness. Default 60,000. */
  readonly readyTimeoutMs?: number;
  /** Milliseconds from SIGTERM to SIGKILL. Default 15,000. */
  readonly stopDeadlineMs?: number;
};

export interface BringUp {
  readonly log: LogFile;
  readonly record: ProcessRecord;
  /** Gives up; the child is ended. */
  readonly signal?: AbortSignal;
  readonly onLeftover?: (pid: number) => void;
  /** Called as soon as the child runs, before it is ready. */
  readonly onRunning?: (running: Running) => void;
}

export const stopDeadlineMs = (child: ChildProgram): number => child.stopDeadlineMs ?? 15_000;

/**
 * Ends what an earlier run of the child left, starts it and waits until it can be used.
 * @returns the run, and the port that a node child announced
 * @throws ChildNotReadyError when it does not get ready or a port is taken; it does not run then
 * @throws InUseError when another live process runs this child under this record
 */
export async function bringUp(
  child: ChildProgram,
  { log, record, signal, onLeftover, onRunning }: BringUp,
): Promise<{ readonly running: Running; readonly port: number | undefined }> {
  const { name, ready, readyTimeoutMs = 60_000 } = child;
  const leftover = await record.endLeftover(stopDeadlineMs(child));
  if (leftover !== undefined) onLeftover?.(leftover);
  for (const port of child.ports ?? []) {
    if (!(await isPortFree(port))) throw new ChildNotReadyError(name, `cannot start: port ${port} is in use`, '');
  }
  const running = await launch(child, log).catch((error: unknown) => {
    throw new ChildNotReadyError(name, `did not start: ${String(error)}`, log.tail(), { cause: error });
  });
  record.write(running.pid);
  void running.exited.then(() => record.remove());
  onRunning?.(running);
  try {
    const wait = { name, log, timeoutMs: readyTimeoutMs, ...(signal && { signal }) };
    return { running, port: await whenReady(running, ready, wait) };
  } catch (error) {
    await running.end(stopDeadlineMs(child));
    throw error;
  }
}
