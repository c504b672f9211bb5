/** What the guard says about the program that it owns. */
export type GuardMessage = { readonly program: number } | { readonly failed: string };

/**
 * The whole program of a guard: a small node process between the supervisor and a program that is not ours. A program
 * cannot be asked to watch its parent; the guard can, by its channel, and ends the program when the supervisor has gone,
 * be it by kill -9. Ctrl-C in a terminal is left to the supervisor, which stops its children in order.
 *
 * It is run by `node -e` from its own text, so that it works from sources and from a build alike: it may use nothing
 * outside itself.
 */
function guard(): void {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const [command = '', ...args] = process.argv.slice(1);
  const tell = (message: GuardMessage): void => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  const program = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  program.once('spawn', () => tell({ program: program.pid ?? 0 }));
  program.once('error', (error) => {
    tell({ failed: error.message });
    process.exitCode = 127;
    if (process.connected) process.disconnect();
  });
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => program.kill('SIGTERM'));
  process.once('disconnect', () => {
    program.kill('SIGTERM');
    setTimeout(() => program.kill('SIGKILL'), 10_000).unref();
  });
  program.once('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    // Ends as the program did, so that the supervisor sees the true reason.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Arguments for node that run a guard over the program. */
export const guardArguments = (command: string, args: readonly string[]): string[] => [
  '-e',
  `(${guard.toString()})()`,
  '--',
  command,
  ...args,
];
