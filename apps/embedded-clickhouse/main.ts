import { DirectoryInUseError, startServer } from './embedded-server';
import { readProcessOptions, UsageError } from './options';

const EXIT_USAGE = 2;
const EXIT_DIRECTORY_IN_USE = 3;

async function main(): Promise<void> {
  const server = await startServer(readProcessOptions(process.argv.slice(2), process.env));
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= server.stop().then((ended) => {
      if (ended) process.exit(0);
      // The engine waits for its queries when a process exits. What was acknowledged is on disk.
      process.stderr.write('embedded-clickhouse: queries did not end when killed; ending the process under them\n');
      process.kill(process.pid, 'SIGKILL');
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  // Whoever started this process has gone.
  process.on('disconnect', stop);
  process.stdout.write(`embedded-clickhouse: engine ${server.version} listens on http://127.0.0.1:${server.port}\n`);
  process.send?.({ ready: true, port: server.port });
}

main().catch((error: unknown) => {
  process.stderr.write(`embedded-clickhouse: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(
    error instanceof UsageError ? EXIT_USAGE : error instanceof DirectoryInUseError ? EXIT_DIRECTORY_IN_USE : 1,
  );
});
