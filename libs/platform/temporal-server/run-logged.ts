import { LogFile, describeExit, launch, type Program } from '@holdfast/platform/processes';

const REPORT_MS = 5000;

export interface RunOptions {
  readonly logPath: string;
  /** What the program does, for progress; the seconds since its start are added. */
  readonly doing: () => string;
  /** Told every five seconds. */
  readonly onProgress: (message: string) => void;
  /** Asked every second with the milliseconds since the start; a returned reason ends the program. */
  readonly overdue: (elapsedMs: number) => string | undefined;
  /** Ends the program. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs a program to its end with its output in a file. The program does not outlive this process.
 * @throws Error with the end of its output when it cannot be run, fails, was ended as overdue or by the signal
 */
export async function runLogged(program: Program, options: RunOptions): Promise<void> {
  const log = new LogFile(options.logPath, 0);
  const running = await launch(program, log);
  const start = performance.now();
  let reason: string | undefined;
  const watch = setInterval(() => {
    reason ??= options.overdue(performance.now() - start);
    if (reason !== undefined) void running.end(5000);
  }, 1000);
  const interrupt = (): void => {
    reason ??= 'interrupted';
    void running.end(5000);
  };
  options.signal?.addEventListener('abort', interrupt, { once: true });
  if (options.signal?.aborted) interrupt();
  const report = setInterval(() => {
    options.onProgress(`${options.doing()}, ${Math.round((performance.now() - start) / 1000)} s`);
  }, REPORT_MS);
  const exit = await running.exited;
  clearInterval(watch);
  clearInterval(report);
  options.signal?.removeEventListener('abort', interrupt);
  if (exit.code === 0) return;
  const tail = log.tail(600).trim();
  throw new Error(`${reason ?? describeExit(exit)}${tail === '' ? '' : `: ${tail}`}`);
}
